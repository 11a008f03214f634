import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Answer } from '../../../src/search/answer.ts';
import type { QueryDsl } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { type Asking, asking, MINUTE, minute, type Over } from './search-asking.ts';
import { DOCUMENTS, FILTERS, START } from './search-corpus.ts';
import { bucketsContract, groupsContract } from './search-groups-contract.ts';
import { metricsContract } from './search-metrics-contract.ts';

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
    'come with those that are wanted first before newer ones, within the limit too',
    over(docs, async ({ hits }) => {
      const first = { bool: { should: [{ term: { n: 1 } }, { term: { 'host.name': 'h2' } }, { exists: { field: 'nowhere' } }] } };
      expect((await hits({ first })).hits.map((hit) => hit.fields['n'])).toEqual([[2], [1], [3]]);
      const few = await hits({ first, limit: 2 });
      expect(few).toMatchObject({ kind: 'truncated', matched: 3 });
      expect(few.hits.map((hit) => [hit.at, hit.fields['n']])).toEqual([
        [START + 2 * MINUTE, [2]],
        [START + MINUTE, [1]],
      ]);
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
    'come from the parts of the window that were asked about alone',
    over(docs, async ({ hits }) => {
      const part = (at: number, length = 1) => ({ from: START + at * MINUTE, to: START + (at + length) * MINUTE });
      const within = [part(0, 1), part(1), part(3)];
      expect(await hits({ within })).toMatchObject({
        kind: 'complete',
        matched: 2,
        hits: [{ fields: { n: [3] } }, { fields: { n: [1] } }],
      });
      expect(await hits({ within: [] })).toMatchObject({ kind: 'complete', matched: 0, hits: [] });
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
