import { describe, expect, it } from 'vitest';
import { type Answer, NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import { rememberRefusals } from '../../../src/search/refused-sources.ts';
import type { Search } from '../../../src/search/search.ts';
import { type SearchProblemCode, searchProblem } from '../../../src/search/search-problem.ts';

const MINUTE = 60_000;
const signal = new AbortController().signal;

function question(minute: number, given: Partial<Query> = {}, indices = ['logs-*']): Query {
  return {
    kind: 'groups',
    name: 'q',
    source: { indices, timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false },
    window: { from: minute * MINUTE, to: (minute + 1) * MINUTE },
    filter: { match_all: {} },
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 10,
    ...given,
  } as Query;
}

const failed = (code: SearchProblemCode): Answer => ({ kind: 'failed', problem: searchProblem(code, 'said'), cost: NO_COST });
const found = {
  ...{ kind: 'complete', groups: [], hits: [], table: [], matched: 0, ungrouped: 0, atLeast: 0 },
  ...{ sent: {}, cost: NO_COST },
} as const satisfies Answer;

function scene(answer: (query: Query) => Answer) {
  const asked: Query[] = [];
  let now = 0;
  const inner: Search = {
    ask: async (queries) => {
      asked.push(...queries);
      return queries.map(answer);
    },
  };
  const search = rememberRefusals(inner, () => now);
  return {
    asked,
    ask: async (...queries: Query[]) =>
      (await search.ask(queries, signal)).map((one) => ('problem' in one ? one.problem.code : one.kind)),
    passes: (ms: number) => {
      now += ms;
    },
  };
}

describe('a replay over an index', () => {
  it.each(['no_index', 'closed_index', 'unauthorized'] as const)(
    'that is refused (%s) asks once for all windows, and has the same answers',
    async (code) => {
      const { ask, asked } = scene(() => failed(code));
      for (let minute = 0; minute < 1_000; minute++) expect(await ask(question(minute))).toEqual([code]);
      expect(asked).toHaveLength(1);
    },
  );

  it.each(['timeout', 'bad_mapping', 'no_field', 'bad_query', 'too_many_buckets', 'unreachable'] as const)(
    'whose windows may differ (%s) asks about each',
    async (code) => {
      const { ask, asked } = scene(() => failed(code));
      for (let minute = 0; minute < 10; minute++) expect(await ask(question(minute))).toEqual([code]);
      expect(asked).toHaveLength(10);
    },
  );

  it('that is made meanwhile is seen ten seconds later', async () => {
    let isThere = false;
    const { ask, asked, passes } = scene(() => (isThere ? found : failed('no_index')));
    await ask(question(0));
    isThere = true;
    passes(9_999);
    expect(await ask(question(1))).toEqual(['no_index']);
    passes(1);
    expect(await ask(question(2))).toEqual(['complete']);
    expect(await ask(question(3))).toEqual(['complete']);
    expect(asked).toHaveLength(3);
  });

  it('asks what is about another source, or is another kind of question, and keeps the order of answers', async () => {
    const { ask, asked } = scene(({ source, kind }) =>
      source.indices[0] === 'there' ? found : failed(kind === 'hits' ? 'unauthorized' : 'no_index'),
    );
    const there = question(0, {}, ['there']);
    const hits = question(0, { kind: 'hits', fields: [], limit: 1 } as Partial<Query>);
    await ask(question(0), hits);
    expect(await ask(question(1), there, hits, question(2))).toEqual(['no_index', 'complete', 'unauthorized', 'no_index']);
    expect(asked.slice(2)).toEqual([there]);
  });

  it('believes ES|QL only where a plain search says the same, since it looks for indices with documents of the window', async () => {
    const esql = (minute: number) => question(minute, { kind: 'esql', text: '| LIMIT 1', maxRows: 1 } as Partial<Query>);
    const empty = scene(({ kind }) => (kind === 'esql' ? failed('no_index') : found));
    for (let minute = 0; minute < 3; minute++) expect(await empty.ask(esql(minute))).toEqual(['no_index']);
    expect(empty.asked.filter(({ kind }) => kind === 'esql')).toHaveLength(3);
    const missing = scene(() => failed('no_index'));
    for (let minute = 0; minute < 100; minute++) expect(await missing.ask(esql(minute))).toEqual(['no_index']);
    expect(missing.asked.map(({ kind }) => kind)).toEqual(['esql', 'groups']);
  });
});
