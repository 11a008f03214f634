import { describe, expect, it } from 'vitest';
import type { Query } from '../../../src/search/query.ts';
import { canonicalKey, distinctQuestions } from '../../../src/search/search.ts';

const source = { indices: ['logs-*'], timeField: '@timestamp', ignoreMissingIndex: true, timeout: 1_000, frozen: false };
const window = { from: 0, to: 60_000 };

function question(changes: Partial<Query & { readonly kind: 'groups' }> = {}): Query {
  return {
    kind: 'groups',
    name: 'window',
    source,
    window,
    filter: { term: { code: 1 } },
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1_000,
    ...changes,
  };
}

describe('the key of a question', () => {
  it('says nothing of its name and window, and does not depend on the order of keys', () => {
    const other = question({ name: 'other', window: { from: 1, to: 2 } });
    const turned = Object.fromEntries(Object.entries(question()).reverse()) as unknown as Query;
    expect(canonicalKey(other)).toBe(canonicalKey(question()));
    expect(canonicalKey(turned)).toBe(canonicalKey(question()));
  });

  it.each([
    ['filter', { filter: { term: { code: 2 } } }],
    ['source', { source: { ...source, frozen: true } }],
    ['groups', { groupBy: ['host.name'] }],
    ['metrics', { metrics: { slow: { of: 'max', field: 'duration' } } }],
    ['limit', { maxGroups: 10 }],
    ['part', { only: [{ host: 'a' }] }],
    ['buckets', { bucket: 1_000 }],
  ] as const)('says something of its %s', (_what, changes) => {
    expect(canonicalKey(question(changes))).not.toBe(canonicalKey(question()));
  });

  it('is that of the question at hand, though the last one about the same filter was another', () => {
    const filter = { term: { code: 1 } };
    const asked = [
      question({ filter }),
      question({ filter, groupBy: ['host.name'] }),
      question({ filter }),
      question({ filter, bucket: 1_000 }),
      question({ filter }),
    ];
    const alone = asked.map((query) => canonicalKey({ ...query, filter: { ...filter } }));
    expect(asked.map(canonicalKey)).toEqual(alone);
    expect(new Set(alone).size).toBe(3);
  });
});

describe('distinct questions', () => {
  it('are those that differ in more than their name, and each of the given ones has its like including', () => {
    const later = { from: 60_000, to: 120_000 };
    const queries = [
      question({ name: 'a' }),
      question({ window: later }),
      question({ filter: { term: { code: 2 } } }),
      question({ name: 'b' }),
      question({ window: { ...later } }),
    ];
    const { distinct, places } = distinctQuestions(queries);
    expect(distinct).toEqual([queries[0], queries[1], queries[2]]);
    expect(places).toEqual([0, 1, 2, 0, 1]);
    expect(distinctQuestions([])).toEqual({ distinct: [], places: [] });
  });
});
