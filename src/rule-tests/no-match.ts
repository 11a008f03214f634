import { isObject, type Json, jsonText } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import { truncate } from '../core/truncate.ts';
import type { Rule } from '../rules/rule.ts';
import { fieldsOfDsl } from '../search/fields-of-dsl.ts';
import type { HitsQuery, QueryDsl } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import type { TestDocument } from './make-documents.ts';
import { openEmbedded, type TestWorld } from './test-backend.ts';
import type { TimelineEvent } from './timeline.ts';

const SHOWN = 5;
const LONGEST = 60;
/** Documents whose fields are looked at, and fields and parts that are named: this is advice for a failed test. */
const MOST_DOCUMENTS = 1_000;
const MOST_PARTS = 20;

/**
 * Says of each rule that met no document at all in a test what of its query is the likely reason: the part that matches nothing, the field that no
 * document has and the nearest that there is, or the values that the documents have in its place. Never rejects.
 */
export async function unmatchedRules(
  world: TestWorld,
  timeline: readonly TimelineEvent[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const windows = timeline.filter((event) => event.kind === 'window');
  const names = new Set(windows.filter(({ matched, problem }) => matched > 0 || problem !== undefined).map(({ rule }) => rule));
  const seen = new Set(windows.map(({ rule }) => rule));
  const without = world.rules.filter(({ id, name }) => (seen.has(name) || seen.has(id)) && !names.has(name) && !names.has(id));
  if (without.length === 0) return [];
  try {
    const { search, advance, close } = await openEmbedded(world);
    try {
      await advance(Number.MAX_SAFE_INTEGER);
      return await Promise.all(without.map((rule) => reasonOf(rule, world.documents, search, signal)));
    } finally {
      await close();
    }
  } catch {
    return without.map(({ name }) => `${name}: none of the test’s documents matches its query`);
  }
}

async function reasonOf(rule: Rule, documents: readonly TestDocument[], search: Search, signal: AbortSignal): Promise<string> {
  const head = `${rule.name}: none of the test’s documents matches its query`;
  if (documents.length === 0) return `${rule.name}: the test has no documents`;
  const matches = async (filter: QueryDsl) => {
    const window = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
    const query: HitsQuery = { kind: 'hits', name: 'part', source: rule.source, window, filter, fields: [], limit: 1 };
    const [answer] = await search.ask([query], signal);
    return answer === undefined || answer.kind === 'failed' ? undefined : answer.matched;
  };
  const all = await matches({ match_all: {} });
  if (all === 0) return `${head}: none is in ${rule.source.indices.join(', ')} with the time field ${rule.source.timeField}`;
  const together = await matches(rule.filter);
  if (together === undefined) return head;
  if (together > 0) return `${rule.name}: documents of the test match its query, but none is in an evaluated window`;
  const parts = partsOf(rule.filter).slice(0, MOST_PARTS);
  const counts = await Promise.all(parts.map(matches));
  const reasons = parts.flatMap((part, index) => (counts[index] === 0 ? [partReason(part, documents)] : []));
  if (reasons.length > 0) return `${head}: ${reasons.join('; ')}`;
  return parts.length > 1 ? `${head}: each part matches some documents, but no document matches all parts` : head;
}

/** The parts of a query that must all hold. */
function partsOf(filter: QueryDsl): readonly QueryDsl[] {
  const bool = own(filter, 'bool');
  if (!isObject(bool) || own(bool, 'should') !== undefined) return [filter];
  const must = [...listOf(own(bool, 'filter')), ...listOf(own(bool, 'must'))] as readonly QueryDsl[];
  const not = listOf(own(bool, 'must_not')).map((one): QueryDsl => ({ bool: { must_not: [one as Json] } }));
  return [...must.flatMap(partsOf), ...not];
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function partReason(part: QueryDsl, documents: readonly TestDocument[]): string {
  const [field] = fieldsOfDsl(part);
  if (field === undefined) return `nothing matches ${truncate(jsonText(part), LONGEST)}`;
  const fields = new Map<string, Set<string>>();
  for (const { source } of documents.slice(0, MOST_DOCUMENTS)) collect(source, '', fields);
  const values = fields.get(field);
  if (values === undefined) {
    const near = nearest(field, fields.keys());
    return `no document has the field ${field}${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  const shown = [...values]
    .slice(0, SHOWN)
    .map((value) => truncate(value, LONGEST))
    .join(', ');
  return `${field} differs: the documents contain ${shown}${values.size > SHOWN ? ', …' : ''}`;
}

function collect(value: unknown, path: string, fields: Map<string, Set<string>>): void {
  if (Array.isArray(value)) for (const one of value) collect(one, path, fields);
  else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`, fields);
  } else if (path !== '' && value !== null && value !== undefined) {
    const known = fields.get(path) ?? new Set<string>();
    fields.set(path, known);
    if (known.size <= SHOWN) known.add(typeof value === 'string' ? value : jsonText(value as Json));
  }
}
