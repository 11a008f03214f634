import { createDocuments } from '../backends/embedded/documents.ts';
import { flatten } from '../backends/embedded/flatten.ts';
import { TocsinError } from '../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { put } from '../core/record.ts';
import type { HitRow } from '../search/answer.ts';
import type { Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import type { TestWorld } from './test-backend.ts';

/** What a test needs on a cluster: indices under a prefix of its own, and the mapping of all of them. */
export interface ClusterPlan {
  /** Names of the indices to make, prefix included. */
  readonly indices: readonly string[];
  /** What `PUT index` takes under `mappings`. */
  readonly mappings: JsonObject;
  /** The index of a document. */
  indexOf(document: { readonly index?: string }): string;
  /** The search with every source led to the test's own indices, and the indices of hits under their own names again. */
  search(search: Search): Search;
}

/** The index of documents that belong to every index; every source looks there too. */
const ANYWHERE = 'any';

/** Plans a test for a cluster. Throws where its rules look at something that cannot be led to indices of its own. */
export function clusterPlan(world: TestWorld, prefix: string): ClusterPlan {
  const sources = world.rules.map((rule) => rule.source.indices.map((pattern) => ownPattern(pattern, prefix)));
  const named = new Set(world.documents.map(({ index }) => prefix + (index ?? ANYWHERE)));
  // In memory a store without documents has every index, empty; here they have to be made.
  const empty = world.documents.length > 0 ? [] : sources.flat().filter((pattern) => !pattern.startsWith('-'));
  const indices = [...new Set([...named, ...empty.map((pattern) => pattern.replaceAll('*', 'x'))])].sort();
  const everywhere = indices.includes(prefix + ANYWHERE) ? [prefix + ANYWHERE] : [];
  const lead = (query: Query): Query => {
    // Rules that look elsewhere are refused by now; the logs of traces in other clusters are none of the test's.
    const own = query.source.indices.filter(isLocal).map((pattern) => ownPattern(pattern, prefix));
    return {
      ...query,
      source: {
        ...query.source,
        indices: [...own, ...everywhere, ...(own.length + everywhere.length === 0 ? [`${prefix}none`] : [])],
      },
    };
  };
  const back = (hit: HitRow): HitRow => (hit.index.startsWith(prefix) ? { ...hit, index: hit.index.slice(prefix.length) } : hit);
  return {
    indices,
    mappings: world.mapping === undefined ? mappingOf(world) : mappingsIn(world.mapping),
    indexOf: ({ index }) => prefix + (index ?? ANYWHERE),
    search: (search) => ({
      ask: async (queries, signal) => {
        const answers = await search.ask(queries.map(lead), signal);
        return answers.map((answer) => (answer.kind === 'failed' ? answer : { ...answer, hits: answer.hits.map(back) }));
      },
    }),
  };
}

function ownPattern(pattern: string, prefix: string): string {
  const excludes = pattern.startsWith('-');
  const name = excludes ? pattern.slice(1) : pattern;
  if (!isLocal(pattern)) {
    throw new TocsinError('rule-test/unsupported', `a rule test on a cluster cannot search ${pattern}`, {
      hint: 'run it without --elasticsearch, or use a rule over local indices without date math',
    });
  }
  return `${excludes ? '-' : ''}${prefix}${name === '_all' ? '*' : name}`;
}

function isLocal(pattern: string): boolean {
  return !pattern.includes(':') && !/^-?</.test(pattern);
}

function mappingsIn(given: JsonObject): JsonObject {
  const { mappings } = given;
  return isObject(mappings) ? (mappings as JsonObject) : given;
}

/** The mapping that says what the embedded backend assumes: the same test must mean the same in both places. */
function mappingOf({ documents, rules }: TestWorld): JsonObject {
  const store = createDocuments();
  store.add(documents);
  const names = new Set(documents.flatMap(({ source }) => [...flatten(source).keys()]));
  const properties: Record<string, Json> = {};
  for (const name of names) {
    const type = store.fields.type(name)?.name ?? 'keyword';
    put(properties, name, type === 'text' ? { type, fields: { keyword: { type: 'keyword' } } } : { type });
  }
  for (const field of ['@timestamp', ...rules.map((rule) => rule.source.timeField)]) put(properties, field, { type: 'date' });
  return { properties };
}
