import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { kqlToDsl } from '../../src/kql/kql.ts';
import { parseKql } from '../../src/kql/parse.ts';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { documents, mappings } from '../support/kql/documents.ts';
import { printKql } from '../support/kql/print.ts';
import { type KqlSample, kqlSamples } from '../support/kql/queries.ts';
import { runs } from '../support/thorough.ts';

const SEED = 20_260;
const QUERIES = runs(3_000);
const AT_ONCE = 8;
const prefix = uniquePrefix();

/** The ids of the documents found, in order, or that the query was refused: that is all that is compared. */
type Found = string;
const REFUSED: Found = 'refused';

const inOrder = (ids: readonly unknown[]): Found => [...ids].sort().join(' ');

async function createIndex(index: string, properties: object, sources: readonly object[]): Promise<void> {
  await es(elasticsearchUrl()).json('PUT', `/${index}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0 },
    mappings: properties,
  });
  await es(elasticsearchUrl()).bulk(index, sources);
}

/** What Elastic's own parser finds, by way of ES|QL. */
async function asElastic(index: string, text: string): Promise<Found> {
  const query = `FROM ${index} METADATA _id | WHERE KQL(?text) | KEEP _id | LIMIT 1000`;
  try {
    const answer = await es(elasticsearchUrl()).json<{ values: string[][] }>('POST', '/_query', { query, params: [{ text }] });
    return inOrder(answer.values.map(([id]) => id));
  } catch (error) {
    if (error instanceof Error && error.message.includes('answered 400')) return REFUSED;
    throw error;
  }
}

async function asOurs(index: string, dsl: JsonObject): Promise<Found> {
  try {
    const answer = await es(elasticsearchUrl()).json<{ hits: { hits: { _id: string }[] } }>('POST', `/${index}/_search`, {
      query: dsl,
      size: 1000,
      _source: false,
    });
    return inOrder(answer.hits.hits.map((hit) => hit._id));
  } catch (error) {
    if (error instanceof Error && error.message.includes('answered 400')) return REFUSED;
    throw error;
  }
}

/** What both found, and where that differs what a person needs to see. */
async function compare(
  index: string,
  { text, direct }: KqlSample,
): Promise<{ readonly found: Found; readonly difference?: string }> {
  const parsed = parseKql(text);
  const compiled = kqlToDsl(text);
  if (!parsed.ok || !compiled.ok) return { found: REFUSED, difference: `${JSON.stringify(text)}: ${JSON.stringify(compiled)}` };
  const asked = direct ? text : printKql(parsed.node);
  const [elastic, ours] = await Promise.all([asElastic(index, asked), asOurs(index, compiled.dsl)]);
  if (elastic === ours) return { found: ours };
  const seen = (ids: Found) => (ids.length > 60 ? `${ids.split(' ').length} documents` : `"${ids}"`);
  const difference = `${JSON.stringify(text)}, asked as ${JSON.stringify(asked)}: there ${seen(elastic)}, here ${seen(ours)}`;
  return { found: ours, difference };
}

async function serverVersion(): Promise<string> {
  const root = await es(elasticsearchUrl()).json<{ version: { number: string } }>('GET', '/');
  return root.version.number;
}

afterAll(() => es(elasticsearchUrl()).removeIndices(prefix));

describe('generated queries', () => {
  const index = `${prefix}generated`;
  beforeAll(() => createIndex(index, mappings, documents(150, SEED)));

  test("find what Elastic's own parser finds", async (ctx) => {
    const version = await serverVersion();
    // Every 8.19 has the parser, so that there its absence is a failure.
    if (!version.startsWith('8.19.') && !(await hasEsql(elasticsearchUrl())))
      ctx.skip(`Elasticsearch ${version} has no KQL() in ES|QL here, so there is nothing to compare with`);
    const samples = fc.sample(kqlSamples, { numRuns: QUERIES, seed: SEED });
    const differences: string[] = [];
    const answers = new Set<Found>();
    let next = 0;
    const worker = async () => {
      for (let sample = samples[next++]; sample !== undefined && differences.length < 10; sample = samples[next++]) {
        const { found: ids, difference } = await compare(index, sample);
        answers.add(ids);
        if (difference !== undefined) differences.push(difference);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(differences.join('\n')).toBe('');
    // Else the queries find all or nothing, and the comparison says little.
    expect(answers.size).toBeGreaterThan(QUERIES / 4);
  });
});

describe("where Elastic's own parser of 8.19 reads a text differently", () => {
  const index = `${prefix}pinned`;
  const properties = {
    name: { type: 'object', enabled: false },
    tag: { type: 'keyword' },
    'sp ace': { type: 'keyword' },
    message: { type: 'text' },
    bytes: { type: 'long' },
    host: { properties: { name: { type: 'keyword' }, port: { type: 'long' } } },
  };
  const names = new Map<string, string>();
  let version = '';

  beforeAll(async () => {
    await createIndex(index, { dynamic: false, properties }, [
      { name: { is: 'one' }, tag: 'a', bytes: 1, message: 'it timed out', host: { name: 'web' } },
      { name: { is: 'two' }, tag: 'a b', bytes: 2, message: 'out of memory', host: { name: 'db', port: 5432 } },
      { name: { is: 'three' }, tag: ['a?b', 'not a'], bytes: 3, 'sp ace': 'x' },
      { name: { is: 'four' }, tag: 'a*b', message: 'a b' },
      { name: { is: 'five' }, tag: ['axb', 'C:\\x'] },
      { name: { is: 'six' }, tag: 'b and' },
    ]);
    version = await serverVersion();
    type Hits = { hits: { hits: { _id: string; _source: { name: { is: string } } }[] } };
    const all = await es(elasticsearchUrl()).json<Hits>('POST', `/${index}/_search`, { size: 100 });
    for (const { _id, _source } of all.hits.hits) names.set(_id, _source.name.is);
  });

  const order = ['one', 'two', 'three', 'four', 'five', 'six'];
  const named = (ids: Found) => {
    if (ids === REFUSED) return REFUSED;
    const those = ids.split(' ').map((id) => names.get(id));
    return order.filter((name) => those.includes(name)).join(' ');
  };

  // Here, unlike there: `and` binds tighter than `or`, groups of values, … as in Kibana's search bar.
  test.each([
    ['and binds tighter than or', 'bytes:1 and bytes:9 or bytes:2', '', 'two'],
    ['or before and agrees', 'bytes:2 or bytes:1 and bytes:9', 'two', 'two'],
    ['a group of values', 'tag:(a or axb)', REFUSED, 'one five'],
    ['not in a group of values is an operator', 'bytes:* and tag:(not a)', 'three', 'two three'],
    ['an unfinished query is an error', 'tag:b and', 'six', 'refused here at 9'],
    ['an operator alone is an error', 'not', '', 'refused here at 3'],
    ['not as the first word of a value is an error', 'tag:not a', 'three', 'refused here at 4'],
    ['a range over a pattern of fields is an error', 'host.* > 5', 'one two', 'refused here at 0'],
    ['a quoted pattern of fields is an error', '"ta*":a', '', 'refused here at 0'],
    ['a wildcard in a range is an error', 'tag > a*', 'three four five six', 'refused here at 6'],
    ['an escaped space is a space', 'sp\\ ace:x or tag:a\\ b', '', 'two three'],
    ['an object has a value where a field in it has', 'host:*', '', 'one two'],
    ['a value that a field of a pattern cannot hold is passed over', 'host.*:web', REFUSED, 'one'],
    ['a value that a field of all cannot hold is passed over', '*:web', REFUSED, 'one'],
    ['two stars are one', 'bytes:**', REFUSED, 'one two three'],
    ['a question mark beside a wildcard is a character', 'tag:a?*', 'two three four five', 'three'],
    ['an escaped star beside a wildcard is a character', 'tag:*\\*b', 'two three four five', 'four'],
    ['a wildcard behind an escape is a wildcard', 'tag:C\\:*', '', 'five'],
    ['several words with a wildcard find keywords of one of the words, too', 'tag:a *b', 'two', 'one two four five'],
    ['several words with a wildcard find the same texts', 'message:*med memory', 'one two', 'one two'],
  ])('%s: %s', async (_why, text, elastic, ours) => {
    const compiled = kqlToDsl(text);
    expect(compiled.ok ? named(await asOurs(index, compiled.dsl)) : `refused here at ${compiled.offset}`).toBe(ours);
    if (version.startsWith('8.19.')) expect(named(await asElastic(index, text))).toBe(elastic);
  });
});

describe('the deepest query that is allowed', () => {
  test('is taken by Elasticsearch inside the filter and the aggregation of a rule', async () => {
    const index = `${prefix}deep`;
    await createIndex(index, mappings, documents(1, SEED));
    const compiled = kqlToDsl(`${'tags:a and (tags:b or '.repeat(12)}tags:c${')'.repeat(12)}`);
    if (!compiled.ok) throw new Error(compiled.message);
    const query = { bool: { filter: [{ range: { at: { gte: 'now-5m' } } }, { bool: { must_not: [compiled.dsl] } }] } };
    await es(elasticsearchUrl()).json('POST', `/${index}/_search`, { size: 0, query, aggs: { count: { filter: query } } });
  });
});
