import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Answer, Arrived } from '../../src/search/answer.ts';
import type { Query, QueryDsl, Source } from '../../src/search/query.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { esqlQuery, groupsQuery, hitsQuery } from '../support/elasticsearch-backend/queries.ts';

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const backend = elasticsearchBackend(testConfig(elasticsearchUrl(), { compression: true }), { namespace: 'search' });
const { signal } = new AbortController();

const START = Date.UTC(2026, 0, 10, 10);
const window = { from: START, to: START + 600_000 };
const at = (ms: number) => new Date(START + ms).toISOString();
const source = (...names: readonly string[]): Source => ({
  indices: names.map((name) => prefix + name),
  timeField: '@timestamp',
  ignoreMissingIndex: false,
  timeout: 30_000,
  frozen: false,
});

async function index(name: string, shards: number, properties: JsonObject, documents: readonly object[]): Promise<void> {
  const settings = { number_of_shards: shards, number_of_replicas: 0 };
  const mappings = { dynamic: false, properties: { '@timestamp': { type: 'date' }, ...properties } };
  await cluster.json('PUT', `/${prefix}${name}`, { settings, mappings });
  if (documents.length > 0) await cluster.bulk(prefix + name, documents);
}

async function ask(query: Query, asked: AbortSignal = signal): Promise<Answer> {
  const [answer] = await backend.search.ask([query], asked);
  if (answer === undefined) throw new Error('there is no answer');
  return answer;
}

async function arrived(query: Query): Promise<Arrived> {
  const answer = await ask(query);
  if (answer.kind === 'failed') throw new Error(`${answer.problem.code}: ${answer.problem.message}`);
  return answer;
}

async function problemOf(query: Query) {
  const answer = await ask(query);
  return answer.kind === 'failed' ? answer.problem : answer.kind;
}

const keyword = { type: 'keyword' };

beforeAll(async () => {
  const code = (i: number) => [200, 404, 500][i % 3] ?? 0;
  const logs = Array.from({ length: 900 }, (_, i) => ({
    '@timestamp': at(i * 500),
    host: `h${i % 7}`,
    code: code(i),
    text: `word ${i % 5}`,
  }));
  const rollup = { '@timestamp': at(7), host: 'h1', code: 500, _doc_count: 25 };
  await index('logs', 3, { host: keyword, code: { type: 'long' }, text: { type: 'text' }, kind: { type: 'long' } }, [
    ...logs,
    rollup,
  ]);
  await index('numbers', 1, { kind: { type: 'long' } }, [{ '@timestamp': at(1), kind: 7 }]);
  await index('words', 1, { kind: keyword }, [
    { '@timestamp': at(2), kind: 'seven' },
    { '@timestamp': at(3), kind: 'seven' },
  ]);
});

afterAll(async () => {
  await backend.close();
  await cluster.removeIndices(prefix);
});

describe('a search that cannot be answered', () => {
  const logs = source('logs');

  it.each<[string, Query, string]>([
    ['over a name that is no index', groupsQuery({ source: source('absent') }), 'no_index'],
    ['over a pattern without an index', groupsQuery({ source: source('absent-*') }), 'no_index'],
    ['over an index and a name that is none', groupsQuery({ source: source('logs', 'absent') }), 'no_index'],
    [
      'over a cluster that nobody configured',
      groupsQuery({ source: { ...logs, indices: ['elsewhere:logs-*'] } }),
      'remote_cluster',
    ],
    ['over a time field that no index has', groupsQuery({ source: { ...logs, timeField: 'timestamp' }, window }), 'no_field'],
    ['grouped by text', groupsQuery({ source: logs, window, groupBy: ['text'] }), 'bad_mapping'],
    ['grouped by text and more', groupsQuery({ source: logs, window, groupBy: ['host', 'text'] }), 'bad_mapping'],
    [
      'grouped by a field of two types',
      groupsQuery({ source: source('numbers', 'words'), window, groupBy: ['kind'] }),
      'bad_mapping',
    ],
    [
      'grouped by a field of two types and more',
      groupsQuery({ source: source('numbers', 'words'), window, groupBy: ['kind', '@timestamp'] }),
      'bad_mapping',
    ],
    [
      'with an average of words',
      groupsQuery({ source: logs, window, metrics: { m: { of: 'avg', field: 'host' } } }),
      'bad_mapping',
    ],
    [
      'with an average of what is a number only in one index',
      groupsQuery({ source: source('numbers', 'words'), window, metrics: { m: { of: 'avg', field: 'kind' } } }),
      'bad_mapping',
    ],
    [
      'with the last of a text',
      groupsQuery({ source: logs, window, metrics: { m: { of: 'last', field: 'text' } } }),
      'bad_mapping',
    ],
    ['with a query that is none', groupsQuery({ source: logs, filter: { no_such_query: {} } }), 'bad_query'],
    [
      'with a query text that ends too early',
      groupsQuery({ source: logs, window, filter: { query_string: { query: 'a:(' } } }),
      'bad_query',
    ],
    ['with words for a number', groupsQuery({ source: logs, window, filter: { term: { code: 'many' } } }), 'bad_query'],
  ])('%s is a named problem', async (_name, query, code) => {
    expect(await problemOf(query)).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
  });

  it('says what is wrong where', async () => {
    const problem = await problemOf(groupsQuery({ source: source('logs'), window, groupBy: ['text'] }));
    expect(problem).toMatchObject({ message: `the text field text cannot be grouped by, sorted or measured, in ${prefix}logs` });
  });

  it('leaves its neighbours alone, whether it spoils its own answer, a merged one or the whole request', async () => {
    const good = groupsQuery({ source: logs, window, filter: { term: { code: 404 } } });
    const bad = [{ no_such_query: {} }, { query_string: { query: 'a:(' } }, { term: { code: 'many' } }];
    const queries = [good, ...bad.map((filter) => ({ ...good, filter })), { ...good, filter: { term: { code: 200 } } }];
    const answers = await backend.search.ask(queries, signal);
    expect(answers.map((answer) => (answer.kind === 'failed' ? answer.problem.code : answer.matched))).toEqual([
      300,
      'bad_query',
      'bad_query',
      'bad_query',
      300,
    ]);
  });

  it('because it was called off has failed', async () => {
    expect(await ask(groupsQuery({ source: logs, window }), AbortSignal.abort())).toMatchObject({ problem: { code: 'timeout' } });
  });

  it('because nothing listens there is unreachable', async () => {
    const nowhere = elasticsearchBackend(testConfig('http://127.0.0.1:9'), { namespace: 'search' });
    const [answer] = await nowhere.search.ask([groupsQuery({ source: logs, window })], signal);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'unreachable', transient: true } });
    await nowhere.close();
  });

  it('of ES|QL is a problem of the query, of the index, or of a cluster without ES|QL', async () => {
    const query = esqlQuery({ source: logs, window, text: '| STATS c = COUNT(*) BY host | SORT host' });
    const answer = await ask(query);
    if (answer.kind === 'failed') {
      expect(answer.problem.code).toBe('unsupported');
      return;
    }
    expect(answer.table.slice(0, 2)).toEqual([
      { c: 129, host: 'h0' },
      { c: 130, host: 'h1' },
    ]);
    expect(await problemOf({ ...query, source: source('absent') })).toMatchObject({ code: 'no_index' });
    expect(await problemOf({ ...query, text: '| STAS' })).toMatchObject({ code: 'bad_query' });
    expect(await problemOf({ ...query, text: '| WHERE zz > 1' })).toMatchObject({ code: 'bad_query' });
  });
});

describe('a search that takes too long', () => {
  it('is a timeout, and no answer in part', async () => {
    // Elasticsearch looks at its clock five times a second, so that the query has to be slow indeed: patterns over long values that
    // share neither a beginning nor an end, and few patterns, as each takes memory of a node that other tests use, too.
    const documents = Array.from({ length: 2_000 }, (_, i) => ({ '@timestamp': at(i), text: i + 'abc'.repeat(1_500) + i }));
    await index('slow', 1, { text: keyword }, documents);
    const slow = (wildcards: number) => {
      const should = Array.from({ length: wildcards }, (_, i) => ({ wildcard: { text: `*a*b*c*z${i}*` } }));
      return groupsQuery({ source: { ...source('slow'), timeout: 1 }, window, filter: { bool: { should } } });
    };
    const problems = [];
    for (const wildcards of [10, 40, 80]) problems.push(await problemOf(slow(wildcards)));
    expect(problems.at(-1)).toMatchObject({ code: 'timeout', transient: true });
    expect(problems.filter((problem) => typeof problem === 'object' && problem.code !== 'timeout')).toEqual([]);
  });
});

describe('plain counts', () => {
  const filters: fc.Arbitrary<QueryDsl> = fc.oneof(
    fc.constant({ match_all: {} }),
    fc.constantFrom(200, 404, 500, 999).map((code) => ({ term: { code } })),
    fc.constantFrom('h1', 'h3', 'nobody').map((host) => ({ bool: { must_not: { term: { host } } } })),
    fc.constantFrom('1', '3 4').map((text) => ({ match: { text } })),
    fc.tuple(fc.nat(300), fc.nat(300)).map(([from, to]) => ({ range: { code: { gte: from + 200, lt: to + 300 } } })),
  );
  const metrics = fc.oneof(
    fc.constant({}),
    filters.map((where) => ({ all: { of: 'count' }, some: { of: 'count', where } }) as const),
  );
  const windows = fc.constantFrom(window, { from: START + 10_000, to: START + 11_000 }, { from: START - 5, to: START + 7 });
  const counts = fc.record({ filter: filters, metrics, window: windows });

  it('merged into one search are what they are by themselves', async () => {
    const queries = fc
      .sample(counts, { numRuns: 400, seed: 7 })
      .map((given) => groupsQuery({ ...given, source: source('logs') }));
    const apart = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'search', search: { merge: false } });
    const merged = await backend.search.ask(queries, signal);
    const separate = await apart.search.ask(queries, signal);
    await apart.close();
    const notified = (answers: readonly Answer[]) => answers.map(({ cost: _cost, sent: _sent, ...rest }) => rest);
    expect(notified(merged)).toEqual(notified(separate));
    expect(Math.max(...merged.map(({ cost }) => cost.merged))).toBeGreaterThan(5);
    expect(
      new Set(merged.map((answer) => (answer.kind === 'failed' ? answer.problem.code : answer.matched))).size,
    ).toBeGreaterThan(10);
  });

  it('are a thousand at once without being refused', async () => {
    const thousand = Array.from({ length: 1_000 }, (_, i) =>
      groupsQuery({
        source: source('logs'),
        window,
        filter: { range: { code: { gte: i } } },
        ...(i % 2 === 0 && { groupBy: ['host'] }),
      }),
    );
    const answers = await backend.search.ask(thousand, signal);
    expect(answers.filter((answer) => answer.kind !== 'complete')).toEqual([]);
    expect(answers.slice(0, 2).map((answer) => answer.kind !== 'failed' && answer.matched)).toEqual([925, 925]);
  });
});

describe('the groups of one field', () => {
  it('have exact counts, though no shard sends all of its groups', async () => {
    // Each group lives on a shard of its own, where others are larger: the counts of shards that keep silent would be missing.
    const groups = Array.from({ length: 400 }, (_, i) => ({ host: `g${String(i).padStart(3, '0')}`, count: 1 + (i % 9) }));
    const documents = groups.flatMap(({ host, count }) =>
      Array.from({ length: count }, (_, i) => ({ '@timestamp': at(i), host })),
    );
    await index('spread', 5, { host: keyword }, documents);
    const answer = await arrived(groupsQuery({ source: source('spread'), window, groupBy: ['host'], maxGroups: 7 }));
    const counts = new Map(groups.map(({ host, count }) => [host, count]));
    expect(answer).toMatchObject({ kind: 'truncated', matched: documents.length });
    expect(answer.groups).toHaveLength(7);
    expect(answer.groups.map(({ docs }) => docs)).toEqual(answer.groups.map(({ group }) => counts.get(group['host'] ?? '')));
  });
});

describe('documents with times to the nanosecond', () => {
  const time = (nanos: string) => `2026-01-10T10:00:00.${nanos}Z`;
  const millis = (ms: number) => ({ source: source('nanos'), window: { from: START + ms, to: START + ms + 1 } });

  it('belong to their millisecond, whatever follows it, in order', async () => {
    const times = ['000999999', '001000000', '001000001', '001999999', '002000000'];
    await index(
      'nanos',
      2,
      { '@timestamp': { type: 'date_nanos' }, n: { type: 'long' } },
      times.map((one, n) => ({ '@timestamp': time(one), n })),
    );
    expect((await arrived(groupsQuery(millis(1)))).matched).toBe(3);
    const answer = await arrived(hitsQuery({ ...millis(1), fields: ['n'] }));
    expect(answer.hits.map(({ at: when, fields }) => [when, fields['n']?.[0]])).toEqual([
      [START + 1, 3],
      [START + 1, 2],
      [START + 1, 1],
    ]);
    const last = await arrived(groupsQuery({ ...millis(1), metrics: { last: { of: 'last', field: 'n' } } }));
    expect(last.groups[0]?.values).toEqual({ last: 3 });
    const buckets = await arrived(groupsQuery({ source: source('nanos'), window, bucket: 1 }));
    expect(buckets.groups.map(({ bucket, docs }) => [bucket, docs])).toEqual([
      [START, 1],
      [START + 1, 3],
      [START + 2, 1],
    ]);
  });
});

describe('documents by the thousand', () => {
  it('of few times come page by page, none lost and none twice', async () => {
    const documents = Array.from({ length: 2_500 }, (_, n) => ({ '@timestamp': at(n < 2_000 ? 5 : n), n }));
    await Promise.all(
      [0, 1].map((half) =>
        index(
          `ties-${half}`,
          2,
          { n: { type: 'long' } },
          documents.filter(({ n }) => n % 2 === half),
        ),
      ),
    );
    const answer = await arrived(hitsQuery({ source: source('ties-*'), window, fields: ['n'], limit: 2_400 }));
    expect(answer).toMatchObject({ kind: 'truncated', matched: 2_500, atLeast: 2_401 });
    expect(new Set(answer.hits.map(({ fields }) => fields['n']?.[0])).size).toBe(2_400);
    const ages = answer.hits.map((hit) => hit.at);
    expect(ages).toEqual(ages.toSorted((a, b) => b - a));
    expect(await arrived(hitsQuery({ source: source('ties-*'), window, fields: ['n'], limit: 3_000 }))).toMatchObject({
      kind: 'complete',
      atLeast: 2_500,
    });
  });

  it('of indices of which one has no times are those of the others', async () => {
    await cluster.json('PUT', `/${prefix}mixed-untimed`, { mappings: { dynamic: false, properties: { host: keyword } } });
    await index('mixed-timed', 1, { host: keyword }, [{ '@timestamp': at(1), host: 'a' }]);
    await cluster.bulk(`${prefix}mixed-untimed`, [{ '@timestamp': at(1), host: 'b' }]);
    const over = { source: source('mixed-*'), window };
    expect((await arrived(hitsQuery({ ...over, fields: ['host'] }))).hits.map(({ fields }) => fields['host'])).toEqual([['a']]);
    const last = await arrived(groupsQuery({ ...over, groupBy: ['host'], metrics: { last: { of: 'last', field: 'host' } } }));
    expect(last.groups).toEqual([{ group: { host: 'a' }, docs: 1, values: { last: 'a' } }]);
  });

  it('show what is not mapped, too', async () => {
    await index('unmapped', 1, {}, [{ '@timestamp': at(1), deep: { note: 'hello' } }]);
    const answer = await arrived(hitsQuery({ source: source('unmapped'), window, fields: ['*'] }));
    expect(answer.hits[0]?.fields).toEqual({ '@timestamp': [at(1)], 'deep.note': ['hello'] });
  });
});
