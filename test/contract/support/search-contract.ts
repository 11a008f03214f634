import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Answer, Arrived, GroupRow } from '../../../src/search/answer.ts';
import type { Group, GroupsQuery, HitsQuery, Query, QueryDsl, Source } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { DOCUMENTS, FILTERS, START } from './search-corpus.ts';

/**
 * A backend with nothing in it. `index` makes a new index with SEARCH_MAPPING that holds the documents, ready to be searched, and gives its
 * name; names of one backend share a prefix that ends before the last `-`.
 */
export interface SearchUnderTest {
  readonly search: Search;
  index(documents: readonly JsonObject[]): Promise<string>;
  dispose(): Promise<void>;
}

/** Mapping that every index of the suite has. */
export { SEARCH_MAPPING } from './search-corpus.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What every adapter of the Search port must answer. `make` is called once for the suite's fixed documents and once a test for its own. */
export function searchContract(name: string, make: () => Promise<SearchUnderTest>): void {
  const over = (documents: readonly JsonObject[], work: (asked: Asking) => Promise<void>) => async () => {
    const backend = await make();
    try {
      await work(asking(backend.search, await backend.index(documents)));
    } finally {
      await backend.dispose();
    }
  };
  describe(`the search of ${name}`, () => {
    describe('filters', () => filtersContract(over));
    describe('groups', () => groupsContract(over));
    describe('metrics', () => metricsContract(over));
    describe('buckets and only', () => bucketsContract(over));
    describe('hits', () => hitsContract(over));
    describe('failures', () => failuresContract(over));
  });
}

type Over = (documents: readonly JsonObject[], work: (asked: Asking) => Promise<void>) => () => Promise<void>;

interface Asking {
  readonly search: Search;
  readonly source: Source;
  ask(query: Query): Promise<Answer>;
  groups(given: Partial<GroupsQuery>): Promise<Arrived>;
  hits(given: Partial<HitsQuery>): Promise<Arrived>;
  failure(query: Query): Promise<string>;
  groupsQuery(given: Partial<GroupsQuery>): GroupsQuery;
  hitsQuery(given: Partial<HitsQuery>): HitsQuery;
}

function asking(search: Search, index: string): Asking {
  const source: Source = { indices: [index], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30_000, frozen: false };
  const asked = { name: 'main', source, window: { from: START, to: START + HOUR }, filter: { match_all: {} } };
  const groupsQuery = (given: Partial<GroupsQuery>): GroupsQuery => ({
    ...asked,
    kind: 'groups',
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1_000,
    ...given,
  });
  const hitsQuery = (given: Partial<HitsQuery>): HitsQuery => ({ ...asked, kind: 'hits', fields: ['n'], limit: 100, ...given });
  const ask = async (query: Query) => {
    const [answer, ...more] = await search.ask([query], new AbortController().signal);
    if (answer === undefined || more.length > 0) throw new Error('one question must have one answer');
    return answer;
  };
  const arrived = async (query: Query) => {
    const answer = await ask(query);
    if (answer.kind === 'failed') throw new Error(`the search failed: ${answer.problem.code}: ${answer.problem.message}`);
    return answer;
  };
  const failure = async (query: Query) => {
    const answer = await ask(query);
    return answer.kind === 'failed' ? answer.problem.code : answer.kind;
  };
  return {
    search,
    source,
    ask,
    failure,
    groupsQuery,
    hitsQuery,
    groups: (given) => arrived(groupsQuery(given)),
    hits: (given) => arrived(hitsQuery(given)),
  };
}

function filtersContract(over: Over): void {
  it(
    'find the documents that Elasticsearch finds',
    over(DOCUMENTS, async ({ search, hitsQuery }) => {
      const queries = FILTERS.map(([, filter]) => hitsQuery({ filter: filter as QueryDsl }));
      const answers = await search.ask(queries, new AbortController().signal);
      const found = FILTERS.map(([name], at) => [name, numbers(answers[at])]);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(FILTERS.map(([name, , expected]) => [name, expected])));
    }),
  );
}

function numbers(answer: Answer | undefined): readonly unknown[] | string {
  if (answer === undefined) return 'no answer';
  if (answer.kind === 'failed') return answer.problem.code;
  return answer.hits.flatMap((hit) => hit.fields['n'] ?? []).sort((a, b) => Number(a) - Number(b));
}

const minute = (at: number, rest: JsonObject): JsonObject => ({
  '@timestamp': new Date(START + at * MINUTE).toISOString(),
  ...rest,
});

function rowsByGroup(answer: Arrived): Readonly<Record<string, number>> {
  return Object.fromEntries(answer.groups.map((row) => [Object.values(row.group).map(String).join('/'), row.docs]));
}

function groupsContract(over: Over): void {
  const hosts = [
    minute(1, { host: { name: 'a' }, status: 200 }),
    minute(2, { 'host.name': 'a', status: 500 }),
    minute(3, { 'host.name': 'b', status: 500 }),
    minute(4, { status: 404 }),
  ];

  it(
    'without group_by are one row, also when nothing matched',
    over(hosts, async ({ groups }) => {
      const all = await groups({});
      expect(all).toMatchObject({ kind: 'complete', matched: 4, ungrouped: 0, groups: [{ group: {}, docs: 4, values: {} }] });
      const none = await groups({ filter: { term: { status: 999 } } });
      expect(none).toMatchObject({ kind: 'complete', matched: 0, groups: [{ group: {}, docs: 0 }] });
    }),
  );

  it(
    'take the start of a window and leave out its end',
    over([minute(0, {}), minute(10, {}), minute(20, {})], async ({ groups }) => {
      const window = { from: START, to: START + 20 * MINUTE };
      expect((await groups({ window })).matched).toBe(2);
      expect((await groups({ window: { from: START + 1, to: START + 20 * MINUTE + 1 } })).matched).toBe(2);
    }),
  );

  it(
    'leave out documents without the field, and count them',
    over(hosts, async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'] });
      expect(rowsByGroup(answer)).toEqual({ a: 2, b: 1 });
      expect(answer).toMatchObject({ matched: 4, ungrouped: 1, atLeast: 2 });
    }),
  );

  it(
    'put documents without the field in a group with null, if asked',
    over(hosts, async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'], missing: 'include' });
      expect(rowsByGroup(answer)).toEqual({ a: 2, b: 1, null: 1 });
      expect(answer.groups.find((row) => row.group['host.name'] === null)?.docs).toBe(1);
      expect(answer.ungrouped).toBe(0);
    }),
  );

  it(
    'of several fields are the combinations that occur',
    over(hosts, async ({ groups }) => {
      const groupBy = ['host.name', 'status'];
      expect(rowsByGroup(await groups({ groupBy }))).toEqual({ 'a/200': 1, 'a/500': 1, 'b/500': 1 });
      const included = await groups({ groupBy, missing: 'include' });
      expect(rowsByGroup(included)).toEqual({ 'a/200': 1, 'a/500': 1, 'b/500': 1, 'null/404': 1 });
    }),
  );

  it(
    'of a field that no document has are none, and everything is ungrouped',
    over(hosts, async ({ groups }) => {
      const answer = await groups({ groupBy: ['absent.field'] });
      expect(answer).toMatchObject({ kind: 'complete', groups: [], matched: 4, ungrouped: 4 });
    }),
  );

  it(
    'hold a document with several values once for each',
    over([minute(1, { tags: ['x', 'y', 'x'] }), minute(2, { tags: ['y'] })], async ({ groups }) => {
      const answer = await groups({ groupBy: ['tags'] });
      expect(rowsByGroup(answer)).toEqual({ x: 1, y: 2 });
      expect(answer.matched).toBe(2);
    }),
  );

  it(
    'are named by texts: integers without decimals, true and false, dates in ISO 8601',
    over([minute(1, { n: 7, ok: true, started: '2026-01-01T00:00:00Z', size: 1.5 })], async ({ groups }) => {
      const answer = await groups({ groupBy: ['n', 'ok', 'started', 'size'] });
      expect(answer.groups[0]?.group).toEqual({ n: '7', ok: 'true', started: '2026-01-01T00:00:00.000Z', size: '1.5' });
      for (const [field, text] of [
        ['n', '7'],
        ['ok', 'true'],
        ['started', '2026-01-01T00:00:00.000Z'],
        ['size', '1.5'],
      ] as const) {
        expect((await groups({ groupBy: [field] })).groups[0]?.group).toEqual({ [field]: text });
      }
    }),
  );

  it(
    'count what a document stands for by its _doc_count',
    over([minute(1, { 'host.name': 'a', _doc_count: 40 }), minute(2, { 'host.name': 'a' })], async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'], metrics: { all: { of: 'count' } } });
      expect(answer).toMatchObject({ matched: 41, groups: [{ docs: 41, values: { all: 41 } }] });
      expect(await groups({})).toMatchObject({ matched: 41, groups: [{ docs: 41 }] });
    }),
  );

  const crowd = Array.from({ length: 60 }, (_, i) =>
    minute(i % 50, { 'host.name': `h${i % 12}`, status: i % 12 === 5 ? 500 : 200 }),
  ).concat(Array.from({ length: 9 }, () => minute(51, { 'host.name': 'h7' })));

  it(
    'of one field beyond the limit are truncated to the largest',
    over(crowd, async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'], maxGroups: 3 });
      expect(answer.kind).toBe('truncated');
      expect(answer.groups).toHaveLength(3);
      expect(answer.groups[0]).toMatchObject({ group: { 'host.name': 'h7' }, docs: 14 });
      expect(answer.atLeast).toBeGreaterThan(3);
      expect(answer.matched).toBe(69);
    }),
  );

  it(
    'of exactly the limit are complete',
    over(crowd, async ({ groups }) => {
      expect(await groups({ groupBy: ['host.name'], maxGroups: 12 })).toMatchObject({ kind: 'complete', atLeast: 12 });
      expect(await groups({ groupBy: ['host.name', 'status'], maxGroups: 12 })).toMatchObject({ kind: 'complete', atLeast: 12 });
    }),
  );

  it(
    'of several fields beyond the limit are truncated, each whole',
    over(crowd, async ({ groups }) => {
      const all = await groups({ groupBy: ['host.name', 'status'] });
      const some = await groups({ groupBy: ['host.name', 'status'], maxGroups: 5 });
      expect(some).toMatchObject({ kind: 'truncated', matched: 69, ungrouped: 9 });
      expect(some.groups).toHaveLength(5);
      const known = rowsByGroup(all);
      for (const [group, docs] of Object.entries(rowsByGroup(some))) expect(known[group]).toBe(docs);
    }),
  );

  it(
    'beyond a page of a composite are all there',
    over(
      Array.from({ length: 2_300 }, (_, i) => minute(i % 60, { 'host.name': `h${i}`, status: i % 3 })),
      async ({ groups }) => {
        const answer = await groups({ groupBy: ['host.name', 'status'], maxGroups: 5_000 });
        expect(answer).toMatchObject({ kind: 'complete', matched: 2_300, atLeast: 2_300 });
        expect(new Set(answer.groups.map((row) => row.group['host.name'])).size).toBe(2_300);
        expect((await groups({ groupBy: ['host.name'], maxGroups: 5_000 })).groups).toHaveLength(2_300);
      },
    ),
  );
}

function metricsContract(over: Over): void {
  const sizes = [
    minute(1, { 'host.name': 'a', n: 1, size: 2.5, ok: true, message: 'first' }),
    minute(2, { 'host.name': 'a', n: 3, size: [1, 4], ok: false }),
    minute(3, { 'host.name': 'b', n: [5, 4], _doc_count: 10, tags: ['x', 'x', 'y'] }),
  ];
  const row = (answer: Arrived, host: string) => answer.groups.find(({ group }) => group['host.name'] === host)?.values;

  it(
    'are taken over the values of each group',
    over(sizes, async ({ groups }) => {
      const answer = await groups({
        groupBy: ['host.name'],
        metrics: {
          mean: { of: 'avg', field: 'size' },
          least: { of: 'min', field: 'size' },
          most: { of: 'max', field: 'size' },
          total: { of: 'sum', field: 'size' },
          values: { of: 'value_count', field: 'size' },
          distinct: { of: 'cardinality', field: 'size' },
          median: { of: 'percentile', field: 'size', percent: 50 },
        },
      });
      expect(row(answer, 'a')).toEqual({ mean: 2.5, least: 1, most: 4, total: 7.5, values: 3, distinct: 3, median: 2.5 });
    }),
  );

  it(
    'are null where no document has a value, and zero where values are counted',
    over(sizes, async ({ groups }) => {
      const fields = ['size', 'never.mapped'];
      for (const field of fields) {
        const answer = await groups({
          groupBy: ['host.name'],
          metrics: {
            mean: { of: 'avg', field },
            least: { of: 'min', field },
            most: { of: 'max', field },
            total: { of: 'sum', field },
            distinct: { of: 'cardinality', field },
            p95: { of: 'percentile', field, percent: 95 },
            last: { of: 'last', field },
            values: { of: 'value_count', field },
          },
        });
        const none = { mean: null, least: null, most: null, total: null, distinct: null, p95: null, last: null, values: 0 };
        expect(row(answer, 'b')).toEqual(none);
      }
    }),
  );

  it(
    'look at the documents of their own filter alone',
    over(sizes, async ({ groups }) => {
      const where = { term: { ok: true } };
      const metrics = { good: { of: 'count', where }, size: { of: 'sum', field: 'size', where }, all: { of: 'count' } } as const;
      const answer = await groups({ groupBy: ['host.name'], metrics });
      expect(row(answer, 'a')).toEqual({ good: 1, size: 2.5, all: 2 });
      expect(row(answer, 'b')).toEqual({ good: 0, size: null, all: 10 });
      expect((await groups({ metrics })).groups[0]?.values).toEqual({ good: 1, size: 2.5, all: 12 });
    }),
  );

  it(
    'last is the value of the newest document that has one, the greatest of several',
    over(sizes, async ({ groups }) => {
      const last = async (field: string) => {
        const answer = await groups({ metrics: { last: { of: 'last', field } } });
        return answer.groups[0]?.values['last'];
      };
      expect(await last('n')).toBe(5);
      expect(await last('ok')).toBe(false);
      expect(await last('host.name')).toBe('b');
      expect(await last('message.keyword')).toBe('first');
      expect(await last('@timestamp')).toBe(new Date(START + 3 * MINUTE).toISOString());
    }),
  );

  it(
    'count the distinct values of a keyword once a document, as they are kept',
    over(sizes, async ({ groups }) => {
      const metrics = { values: { of: 'value_count', field: 'tags' }, distinct: { of: 'cardinality', field: 'tags' } } as const;
      expect((await groups({ metrics })).groups[0]?.values).toEqual({ values: 2, distinct: 2 });
    }),
  );

  it(
    'without any document are null for the one row without group_by',
    over(sizes, async ({ groups }) => {
      const answer = await groups({
        filter: { match_none: {} },
        metrics: { total: { of: 'sum', field: 'n' }, all: { of: 'count' } },
      });
      expect(answer.groups).toEqual([{ group: {}, docs: 0, values: { total: null, all: 0 } }]);
    }),
  );
}

function bucketsContract(over: Over): void {
  const docs = [1, 1, 4, 11, 12, 12].map((at, i) => minute(at, { 'host.name': i % 2 === 0 ? 'a' : 'b', n: i, status: 200 }));
  const window = { from: START + MINUTE, to: START + 16 * MINUTE };
  const bucket = 5 * MINUTE;
  const starts = (rows: readonly GroupRow[]) => rows.map((row) => [(Number(row.bucket) - START) / MINUTE, row.docs]);

  it(
    'are counted from the start of the window; an empty bucket has no row',
    over(docs, async ({ groups }) => {
      const answer = await groups({ window, bucket, metrics: { most: { of: 'max', field: 'n' } } });
      expect(starts(answer.groups)).toEqual([
        [1, 3],
        [11, 3],
      ]);
      expect(answer.groups.map((row) => row.values['most'])).toEqual([2, 5]);
      expect(answer.matched).toBe(6);
    }),
  );

  it(
    'stand in each group, of one field and of several',
    over(docs, async ({ groups }) => {
      for (const groupBy of [['host.name'], ['host.name', 'status']]) {
        const answer = await groups({ window, bucket, groupBy });
        const of = (host: string) => starts(answer.groups.filter((row) => row.group['host.name'] === host));
        expect(of('a')).toEqual([
          [1, 2],
          [11, 1],
        ]);
        expect(of('b')).toEqual([
          [1, 1],
          [11, 2],
        ]);
        expect(answer.atLeast).toBe(2);
      }
    }),
  );

  const only = async (asked: Asking, groupBy: readonly string[], groups: readonly Group[]) => {
    const answer = await asked.groups({ groupBy, only: groups, missing: 'include', maxGroups: 1 });
    expect(answer.kind).toBe('complete');
    return rowsByGroup(answer);
  };

  it(
    'only these groups are answered, whatever the limit, and absent ones have no row',
    over([...docs, minute(2, { status: 500 }), minute(3, { 'host.name': ['a', 'c'] })], async (asked) => {
      expect(await only(asked, ['host.name'], [{ 'host.name': 'a' }, { 'host.name': 'gone' }])).toEqual({ a: 4 });
      expect(await only(asked, ['host.name'], [{ 'host.name': null }])).toEqual({ null: 1 });
      const pairs = [
        { 'host.name': 'a', status: '200' },
        { 'host.name': null, status: '500' },
        { 'host.name': 'a', status: null },
      ];
      expect(await only(asked, ['@timestamp'], [{ '@timestamp': new Date(START + 4 * MINUTE).toISOString() }])).toEqual({
        [new Date(START + 4 * MINUTE).toISOString()]: 1,
      });
      expect(await only(asked, ['host.name', 'status'], pairs)).toEqual({ 'a/200': 3, 'null/500': 1, 'a/null': 1 });
    }),
  );
}

function hitsContract(over: Over): void {
  const docs = [3, 1, 2].map((at) =>
    minute(at, { n: at, 'host.name': `h${at}`, labels: { a: [{ b: 1 }, { b: 2 }] }, message: 'Hello' }),
  );

  it(
    'come newest first with their fields as lists',
    over(docs, async ({ hits }) => {
      const answer = await hits({ fields: ['n', 'host.name', 'message', 'labels.*'] });
      expect(answer).toMatchObject({ kind: 'complete', matched: 3 });
      expect(answer.hits.map((hit) => hit.at)).toEqual([3, 2, 1].map((at) => START + at * MINUTE));
      expect(answer.hits[0]?.fields).toEqual({ n: [3], 'host.name': ['h3'], message: ['Hello'], 'labels.a.b': [1, 2] });
      expect(new Set(answer.hits.map((hit) => hit.id)).size).toBe(3);
    }),
  );

  it(
    'show every field when asked for all',
    over([minute(1, { n: 1, ok: true, 'host.name': 'a' })], async ({ hits }) => {
      const [hit] = (await hits({ fields: ['*'] })).hits;
      expect(hit?.fields).toEqual({
        '@timestamp': [new Date(START + MINUTE).toISOString()],
        n: [1],
        ok: [true],
        'host.name': ['a'],
      });
    }),
  );

  it(
    'beyond the limit are truncated to the newest, and all are counted',
    over(docs, async ({ hits }) => {
      const answer = await hits({ limit: 2 });
      expect(answer).toMatchObject({ kind: 'truncated', matched: 3 });
      expect(answer.hits.map((hit) => hit.fields['n'])).toEqual([[3], [2]]);
    }),
  );

  it(
    'count what a document stands for, and are one row a document',
    over([minute(1, { n: 1, _doc_count: 5 }), minute(2, { n: 2 })], async ({ hits }) => {
      const answer = await hits({});
      expect(answer).toMatchObject({ kind: 'complete', matched: 6, atLeast: 2 });
      expect(answer.hits.map((hit) => hit.fields)).toEqual([{ n: [2] }, { n: [1] }]);
    }),
  );

  it(
    'of which there are none are a complete answer',
    over(docs, async ({ hits }) => {
      expect(await hits({ filter: { match_none: {} } })).toMatchObject({ kind: 'complete', hits: [], matched: 0, atLeast: 0 });
    }),
  );
}

function failuresContract(over: Over): void {
  const docs = [minute(1, { n: 1, 'host.name': 'a', message: 'words' })];

  it(
    'name a missing index, unless that is allowed',
    over(docs, async ({ source, groupsQuery, failure, groups }) => {
      const absent = `${source.indices[0]}-absent`;
      for (const indices of [[absent], [`${absent}-*`]]) {
        expect(await failure(groupsQuery({ source: { ...source, indices } }))).toBe('no_index');
        const allowed = await groups({ source: { ...source, indices, ignoreMissingIndex: true } });
        expect(allowed).toMatchObject({ kind: 'complete', matched: 0, groups: [{ docs: 0 }] });
      }
    }),
  );

  it(
    'name a field of the wrong type',
    over(docs, async ({ groupsQuery, failure }) => {
      expect(await failure(groupsQuery({ groupBy: ['message'] }))).toBe('bad_mapping');
      expect(await failure(groupsQuery({ groupBy: ['message', 'host.name'] }))).toBe('bad_mapping');
      expect(await failure(groupsQuery({ metrics: { mean: { of: 'avg', field: 'host.name' } } }))).toBe('bad_mapping');
      expect(await failure(groupsQuery({ metrics: { last: { of: 'last', field: 'message' } } }))).toBe('bad_mapping');
    }),
  );

  it(
    'name a query that is no query',
    over(docs, async ({ hitsQuery, failure }) => {
      expect(await failure(hitsQuery({ filter: { term: { n: 'seven' } } }))).toBe('bad_query');
      expect(await failure(hitsQuery({ filter: { range: { n: { gt: 'many' } } } }))).toBe('bad_query');
      expect(await failure(hitsQuery({ filter: {} }))).toBe('bad_query');
    }),
  );

  it(
    'of one question leave the answers to the others alone, in order',
    over(docs, async ({ search, hitsQuery, groupsQuery, source }) => {
      const absent = { ...source, indices: [`${source.indices[0]}-absent`] };
      const bad = hitsQuery({ filter: { term: { n: 'seven' } } });
      const questions = [hitsQuery({}), hitsQuery({ source: absent }), groupsQuery({}), bad, hitsQuery({ limit: 5 })];
      const answers = await search.ask(questions, new AbortController().signal);
      expect(answers.map((answer) => answer.kind)).toEqual(['complete', 'failed', 'complete', 'failed', 'complete']);
    }),
  );

  it(
    'of a search that was called off are answers too',
    over(docs, async ({ search, hitsQuery }) => {
      const [answer] = await search.ask([hitsQuery({})], AbortSignal.abort());
      expect(answer?.kind).toBe('failed');
    }),
  );

  it(
    'do not happen where nothing was asked',
    over(docs, async ({ search }) => {
      expect(await search.ask([], new AbortController().signal)).toEqual([]);
    }),
  );
}
