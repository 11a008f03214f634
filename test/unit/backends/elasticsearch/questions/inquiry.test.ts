import { describe, expect, it } from 'vitest';
import { plan } from '../../../../../src/backends/elasticsearch/questions/inquiry.ts';
import { bodyOf, groupsQuery, hitsQuery, SOURCE, withFound } from '../../../../support/elasticsearch-backend/queries.ts';

const planning = { merge: true, filtersASearch: 5 };
const count = (term: number, more = {}) => groupsQuery({ filter: { term: { code: term } }, ...more });
const places = (inquiries: ReturnType<typeof plan>) => inquiries.map(({ queries }) => queries.map(({ place }) => place));

describe('plain counts', () => {
  it('of the same documents become one search', () => {
    const [merged] = plan([count(1), count(2)], planning);
    if (merged === undefined) throw new Error('nothing was planned');
    expect(bodyOf(merged.step)).toMatchObject({
      query: { bool: { filter: [{ range: {} }] } },
      aggs: { counts: { filters: { filters: { q0: { term: { code: 1 } }, q1: { term: { code: 2 } } } } } },
    });
    const buckets = { q0: { doc_count: 3 }, q1: { doc_count: 4 } };
    const step = withFound(merged.step, { aggregations: { counts: { buckets } } });
    expect(step).toMatchObject({
      kind: 'done',
      answers: [
        { matched: 3, groups: [{ docs: 3 }] },
        { matched: 4, groups: [{ docs: 4 }] },
      ],
    });
  });

  it('bring their filtered metrics along', () => {
    const metrics = { all: { of: 'count' }, bad: { of: 'count', where: { term: { ok: false } } } } as const;
    const [merged] = plan([count(1, { metrics }), groupsQuery({ metrics })], planning);
    if (merged === undefined) throw new Error('nothing was planned');
    const filters = {
      q0: { term: { code: 1 } },
      q0m1: { bool: { filter: [{ term: { code: 1 } }, { term: { ok: false } }] } },
      q1: { match_all: {} },
      q1m1: { term: { ok: false } },
    };
    expect(bodyOf(merged.step)).toMatchObject({ aggs: { counts: { filters: { filters } } } });
    const buckets = { q0: { doc_count: 3 }, q0m1: { doc_count: 1 }, q1: { doc_count: 9 }, q1m1: { doc_count: 2 } };
    const step = withFound(merged.step, { aggregations: { counts: { buckets } } });
    expect(step).toMatchObject({
      answers: [{ groups: [{ values: { all: 3, bad: 1 } }] }, { groups: [{ values: { all: 9, bad: 2 } }] }],
    });
  });

  it('are explained without those they travelled with', () => {
    const [merged] = plan([count(1), count(2)], planning);
    const second = merged?.queries[1]?.query;
    if (merged?.step.kind !== 'ask' || second === undefined) throw new Error('nothing was planned');
    const sent = merged.sent(second, merged.step.search);
    expect(sent).toMatchObject({ index: ['logs-*'], aggs: { counts: { filters: { filters: { q0: { term: { code: 2 } } } } } } });
  });

  it('are as many in a search as it may have filters', () => {
    expect(
      places(
        plan(
          [1, 2, 3, 4, 5, 6, 7].map((term) => count(term)),
          planning,
        ),
      ),
    ).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6],
    ]);
  });

  it.each([
    ['of other indices', { source: { ...SOURCE, indices: ['traces-*'] } }],
    ['of another window', { window: { from: 60_000, to: 120_000 } }],
    ['of groups', { groupBy: ['host'] }],
    ['in buckets', { bucket: 60_000 }],
    ['with a metric that is no count', { metrics: { mean: { of: 'avg', field: 'n' } } }],
  ] as const)('%s travel by themselves', (_name, given) => {
    expect(
      places(plan([count(1), count(2), count(3, given)], planning))
        .map((one) => one.length)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('of a long window travel by themselves, as merging is dearer there', () => {
    const window = { from: 0, to: 3_600_000 };
    expect(places(plan([count(1, { window }), count(2, { window })], planning))).toEqual([[0], [1]]);
  });

  it('travel by themselves where nothing is to be merged', () => {
    expect(places(plan([count(1), hitsQuery(), count(2)], { ...planning, merge: false }))).toEqual([[0], [1], [2]]);
  });
});
