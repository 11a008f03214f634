import { describe, expect, it } from 'vitest';
import { askGroups } from '../../../../../src/backends/elasticsearch/questions/groups.ts';
import { aggsOf, answerOf, bodyOf, groupsQuery, SOURCE, withFound } from '../../../../support/elasticsearch-backend/queries.ts';

const range = { range: { '@timestamp': { gte: 60_000, lt: 360_000, format: 'epoch_millis' } } };
const notFrozen = [{ term: { _tier: 'data_frozen' } }];

describe('every question of groups', () => {
  it('is about its half-open window, leaves out frozen data and fetches no documents', () => {
    expect(bodyOf(askGroups(groupsQuery()))).toMatchObject({
      size: 0,
      track_total_hits: false,
      timeout: '30000ms',
      query: { bool: { filter: [range], must_not: notFrozen } },
    });
  });

  it('asks the frozen tier too where the source says so', () => {
    const query = groupsQuery({ source: { ...SOURCE, frozen: true }, filter: { term: { a: 1 } } });
    expect(bodyOf(askGroups(query))['query']).toEqual({ bool: { filter: [range, { term: { a: 1 } }] } });
  });
});

describe('groups without group_by', () => {
  const step = askGroups(groupsQuery({ metrics: { total: { of: 'sum', field: 'n' } } }));

  it('are counted in a bucket, and never by hits', () => {
    expect(aggsOf(step)).toEqual({
      all: { filter: { match_all: {} }, aggs: { m0v: { sum: { field: 'n' } }, m0n: { value_count: { field: 'n' } } } },
    });
  });

  it('are one row', () => {
    const found = withFound(step, { aggregations: { all: { doc_count: 4, m0v: { value: 9 }, m0n: { value: 3 } } } });
    expect(answerOf(found)).toMatchObject({
      kind: 'complete',
      groups: [{ group: {}, docs: 4, values: { total: 9 } }],
      matched: 4,
    });
  });

  it.each([
    ['the bucket', {}],
    ['a metric', { all: { doc_count: 4 } }],
    ['the count of a bucket', { all: { m0v: { value: 1 } } }],
  ])('are a bad answer without %s', (_what, aggregations) => {
    expect(answerOf(withFound(step, { aggregations }))).toMatchObject({ kind: 'failed', problem: { code: 'bad_answer' } });
  });
});

describe('groups of one field', () => {
  const query = groupsQuery({ groupBy: ['host'], maxGroups: 3 });
  const term = (key: unknown, docs: number, error = 0, more = {}) => ({
    key,
    doc_count: docs,
    doc_count_error_upper_bound: error,
    ...more,
  });
  const found = (buckets: readonly object[], { matched = 9, without = 0, others = 0 } = {}) => ({
    aggregations: {
      all: { doc_count: matched },
      without: { doc_count: without },
      groups: { buckets, sum_other_doc_count: others, doc_count_error_upper_bound: 0 },
    },
  });

  it('are the largest ones, beside all documents and those without the field', () => {
    expect(aggsOf(askGroups(query))).toMatchObject({
      all: { filter: { match_all: {} } },
      without: { filter: { bool: { must_not: [{ bool: { filter: [{ exists: { field: 'host' } }] } }] } } },
      groups: { terms: { field: 'host', size: 3, show_term_doc_count_error: true } },
    });
  });

  it('are named by text, as the field writes its values', () => {
    const buckets = [term(1, 5, 0, { key_as_string: 'true' }), term(500, 3), term('a', 1)];
    const answer = answerOf(withFound(askGroups(query), found(buckets, { matched: 9 })));
    expect(answer).toMatchObject({ kind: 'complete', ungrouped: 0, atLeast: 3 });
    expect(answer.kind !== 'failed' && answer.groups.map(({ group }) => group['host'])).toEqual(['true', '500', 'a']);
  });

  it('leave out documents without the field, and count them', () => {
    const answer = answerOf(withFound(askGroups(query), found([term('a', 5)], { matched: 9, without: 4 })));
    expect(answer).toMatchObject({ kind: 'complete', matched: 9, ungrouped: 4, atLeast: 1 });
  });

  it('hold those without the field in a group with null, if asked', () => {
    const step = askGroups({ ...query, missing: 'include' });
    const answer = answerOf(withFound(step, found([term('a', 5)], { matched: 9, without: 4 })));
    expect(answer).toMatchObject({
      ungrouped: 0,
      groups: [
        { group: { host: 'a' }, docs: 5 },
        { group: { host: null }, docs: 4 },
      ],
    });
  });

  it('are truncated when others are left, at the limit and not beyond it', () => {
    const buckets = [term('a', 5), term('b', 2), term('c', 1)];
    const answer = answerOf(withFound(askGroups(query), found(buckets, { matched: 9, others: 1 })));
    expect(answer).toMatchObject({ kind: 'truncated', atLeast: 4 });
    const included = withFound(askGroups({ ...query, missing: 'include' }), found(buckets, { matched: 12, without: 4 }));
    const groups = [{ docs: 5 }, { group: { host: null }, docs: 4 }, { docs: 2 }];
    expect(answerOf(included)).toMatchObject({ kind: 'truncated', groups });
  });

  it('whose count a shard may have missed are asked for by name', () => {
    const step = withFound(askGroups(query), found([term('a', 5), term('b', 2, 1)], { matched: 9, others: 2 }));
    expect(aggsOf(step)).toEqual({ groups: { terms: { field: 'host', size: 1, include: ['b'] } } });
    const answer = answerOf(withFound(step, { aggregations: { groups: { buckets: [{ key: 'b', doc_count: 3 }] } } }));
    expect(answer).toMatchObject({ kind: 'truncated', groups: [{ docs: 5 }, { group: { host: 'b' }, docs: 3 }] });
  });

  it('of a field with two types are a bad mapping, as one of them is silently left out', () => {
    const answer = answerOf(withFound(askGroups(query), found([term(1, 5)], { matched: 9, without: 1 })));
    expect(answer).toMatchObject({
      kind: 'failed',
      problem: { code: 'bad_mapping', message: expect.stringMatching(/^3 documents/) },
    });
  });

  it('are asked in pages when there are too many for one answer', () => {
    expect(aggsOf(askGroups({ ...query, maxGroups: 60_000 }))['groups']).toHaveProperty('composite');
  });
});

describe('groups of several fields', () => {
  const query = groupsQuery({ groupBy: ['host', 'code'], maxGroups: 3 });
  const docsIn = (buckets: readonly { readonly doc_count: number }[]) => buckets.reduce((sum, one) => sum + one.doc_count, 0);
  const bucket = (host: unknown, code: unknown, docs = 1, more = {}) => ({
    key: { g0: host, g1: code, ...more },
    doc_count: docs,
  });
  const page = (buckets: readonly { readonly doc_count: number }[], after?: object, more = 0) => ({
    aggregations: {
      all: { doc_count: 2 + docsIn(buckets) + more },
      without: { doc_count: 2 },
      groups: { buckets, ...(after && { after_key: after }) },
    },
  });

  it('are asked in pages, the counts beside them only once', () => {
    const first = askGroups(query);
    expect(aggsOf(first)).toMatchObject({
      all: {},
      without: {},
      groups: { composite: { size: 4, sources: [{ g0: { terms: { field: 'host' } } }, { g1: { terms: { field: 'code' } } }] } },
    });
    const second = withFound(first, page([bucket('a', 1, 3), bucket('a', 2, 3)], { g0: 'a', g1: 2 }, 1));
    expect(Object.keys(aggsOf(second))).toEqual(['groups']);
    expect(aggsOf(second)).toMatchObject({ groups: { composite: { after: { g0: 'a', g1: 2 } } } });
    const answer = answerOf(withFound(second, { aggregations: { groups: { buckets: [bucket('b', 1)] } } }));
    expect(answer).toMatchObject({ kind: 'complete', matched: 9, ungrouped: 2, atLeast: 3 });
    expect(answer.kind !== 'failed' && answer.groups.map(({ group }) => group)).toEqual([
      { host: 'a', code: '1' },
      { host: 'a', code: '2' },
      { host: 'b', code: '1' },
    ]);
  });

  it('end with one more than the limit, which is not given', () => {
    const step = withFound(
      askGroups(query),
      page([bucket('a', 1), bucket('b', 1), bucket('c', 1), bucket('d', 1)], { g0: 'd', g1: 1 }),
    );
    const answer = answerOf(step);
    expect(answer).toMatchObject({ kind: 'truncated', atLeast: 4 });
    expect(answer.kind !== 'failed' && answer.groups).toHaveLength(3);
  });

  it('take missing values as null, if asked', () => {
    const step = askGroups({ ...query, missing: 'include' });
    expect(aggsOf(step)).toMatchObject({
      groups: {
        composite: { sources: [{ g0: { terms: { missing_bucket: true } } }, { g1: { terms: { missing_bucket: true } } }] },
      },
    });
    expect(aggsOf(step)).not.toHaveProperty('without');
    expect(answerOf(withFound(step, page([bucket(null, true)], undefined, -2)))).toMatchObject({
      groups: [{ group: { host: null, code: 'true' } }],
    });
  });

  it('whose values may be dates are asked for a date as the field writes it', () => {
    const step = withFound(askGroups(query), page([bucket('a', 1_767_225_600_000), bucket('b', 1_767_225_600_001)]));
    expect(bodyOf(step)).toMatchObject({ size: 1, docvalue_fields: [{ field: 'code' }] });
    const dates = answerOf(withFound(step, { hits: [{ fields: { code: ['2026-01-01T00:00:00.000Z'] } }] }));
    expect(dates).toMatchObject({
      groups: [{ group: { host: 'a', code: '2026-01-01T00:00:00.000Z' } }, { group: { host: 'b' } }],
    });
    const numbers = answerOf(withFound(step, { hits: [{ fields: { code: [1_767_225_600_000] } }] }));
    expect(numbers).toMatchObject({ groups: [{ group: { host: 'a', code: '1767225600000' } }, {}] });
  });

  it('asked for by name have no limit, and what comes with them is left out', () => {
    const only = [
      { host: 'a', code: '1' },
      { host: null, code: '2' },
      { host: 'a', code: '1' },
    ];
    const step = askGroups({ ...query, missing: 'include', maxGroups: 1, only });
    expect(JSON.stringify(bodyOf(step)['query'])).toContain(
      JSON.stringify({ bool: { filter: [{ term: { code: { value: '2' } } }], must_not: [{ exists: { field: 'host' } }] } }),
    );
    const answer = answerOf(withFound(step, page([bucket('a', 1), bucket('b', 1), bucket(null, 2)], undefined, -2)));
    expect(answer).toMatchObject({ kind: 'complete', atLeast: 2, groups: [{ group: { host: 'a' } }, { group: { host: null } }] });
  });

  it('asked for by name may be dates', () => {
    const only = [{ host: 'a', code: '2026-01-01T00:00:00.000Z' }];
    const step = withFound(askGroups({ ...query, only }), page([bucket('a', 1_767_225_600_000), bucket('a', 1_767_225_600_001)]));
    const answer = answerOf(withFound(step, { hits: [{ fields: { code: ['2026-01-01T00:00:00.000Z'] } }] }));
    expect(answer).toMatchObject({ kind: 'complete', atLeast: 1 });
    expect(answer.kind !== 'failed' && answer.groups.map(({ group }) => group)).toEqual(only);
  });

  it('asked for by many names are asked in portions', () => {
    const only = Array.from({ length: 501 }, (_, i) => ({ host: `h${i}`, code: '1' }));
    const second = withFound(askGroups({ ...query, only }), page([bucket('h0', 1)]));
    expect(JSON.stringify(bodyOf(second)['query'])).toContain('h500');
    const answer = answerOf(withFound(second, page([bucket('h500', 1)])));
    expect(answer).toMatchObject({ kind: 'complete', atLeast: 2 });
  });

  it('asked for by no name are none, without a search', () => {
    expect(answerOf(askGroups({ ...query, only: [] }))).toMatchObject({ kind: 'complete', groups: [], matched: 0 });
  });
});

describe('buckets of the window', () => {
  it('are counted from its start', () => {
    const query = groupsQuery({ groupBy: ['host'], bucket: 45_000 });
    const step = askGroups(query);
    expect(aggsOf(step)).toMatchObject({
      groups: {
        composite: {
          sources: [
            { g0: {} },
            { time: { date_histogram: { field: '@timestamp', fixed_interval: '45000ms', offset: '15000ms' } } },
          ],
        },
      },
    });
    const buckets = [{ key: { g0: 'a', time: 60_000 }, doc_count: 2 }];
    const answer = answerOf(
      withFound(step, { aggregations: { all: { doc_count: 2 }, without: { doc_count: 0 }, groups: { buckets } } }),
    );
    expect(answer).toMatchObject({ groups: [{ group: { host: 'a' }, docs: 2, bucket: 60_000 }], atLeast: 1 });
  });
});
