import { describe, expect, test } from 'vitest';
import { clusterPlan } from '../../../src/rule-tests/cluster-plan.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import type { GroupsQuery } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';

function rule(index: string) {
  const [found] = compileRules([
    { file: 'a.yaml', text: `{ name: a, type: frequency, index: ${index}, condition: count > 0 }` },
  ]).rules;
  if (found === undefined) throw new Error('no rule');
  return found;
}

function world(
  index: string,
  documents: readonly { readonly index?: string; readonly source?: Record<string, never> | object }[] = [],
) {
  return {
    rules: [rule(index)],
    mapping: undefined,
    documents: documents.map((one) => ({ time: 0, source: {}, ...one })) as never,
  };
}

async function asked(index: string, documents: Parameters<typeof world>[1] = []): Promise<readonly string[]> {
  const given = world(index, documents);
  let indices: readonly string[] = [];
  const search: Search = {
    ask: async (queries) => {
      indices = queries[0]?.source.indices ?? [];
      return [];
    },
  };
  const query: GroupsQuery = {
    kind: 'groups',
    name: 'q',
    source: rule(index).source,
    window: { from: 0, to: 1 },
    filter: { match_all: {} },
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1,
  };
  await clusterPlan(given, 't-').search(search).ask([query], new AbortController().signal);
  return indices;
}

describe('a rule test on a cluster', () => {
  test.each([
    ['a pattern', 'logs-*', ['t-logs-*']],
    ['a list with an exclusion', '[logs-*, -logs-debug]', ['t-logs-*', '-t-logs-debug']],
    ['everything', '_all', ['t-*']],
    ['a hidden index', '.logs', ['t-.logs']],
  ])('looks at its own indices only: %s', async (_what, index, indices) => {
    expect(await asked(index, [{ index: 'logs-app' }])).toEqual(indices);
  });

  test('finds documents of no index from every source', async () => {
    expect(await asked('logs-*', [{}])).toEqual(['t-logs-*', 't-any']);
  });

  test.each(['other:logs-*', '"<logs-{now/d}>"'])('refuses what cannot be led there: %s', (index) => {
    expect(() => clusterPlan(world(index), 't-')).toThrow('cannot search');
  });

  test('makes the indices of its documents, or empty ones for its sources', () => {
    expect(clusterPlan(world('logs-*', [{ index: 'logs-a' }, { index: 'logs-b' }, { index: 'logs-a' }]), 't-').indices).toEqual([
      't-logs-a',
      't-logs-b',
    ]);
    expect(clusterPlan(world('[logs-*, metrics, -logs-x]'), 't-').indices).toEqual(['t-logs-x', 't-metrics']);
  });

  test('maps fields as they are taken in memory', () => {
    const source = {
      '@timestamp': '2026-01-01T00:00:00Z',
      message: 'no',
      service: { name: 'a' },
      n: 1,
      up: true,
      'host.ip': '10.0.0.1',
      since: '2026-01-01T00:00:00Z',
    };
    expect(clusterPlan(world('logs-*', [{ source }]), 't-').mappings).toEqual({
      properties: {
        '@timestamp': { type: 'date' },
        message: { type: 'text', fields: { keyword: { type: 'keyword' } } },
        'service.name': { type: 'keyword' },
        n: { type: 'double' },
        up: { type: 'boolean' },
        'host.ip': { type: 'ip' },
        since: { type: 'date' },
      },
    });
  });

  test('takes a mapping that it is given as it is', () => {
    const mapping = { properties: { a: { type: 'long' } } };
    expect(clusterPlan({ ...world('logs-*'), mapping }, 't-').mappings).toEqual(mapping);
    expect(clusterPlan({ ...world('logs-*'), mapping: { mappings: mapping } }, 't-').mappings).toEqual(mapping);
  });

  test('shows hits under the names that the test gave their indices', async () => {
    const hit = { id: '1', index: 't-logs-a', at: 0, fields: {} };
    const search = { ask: async () => [{ kind: 'complete', groups: [], hits: [hit], table: [] }] } as unknown as Search;
    const [answer] = await clusterPlan(world('logs-*'), 't-').search(search).ask([], new AbortController().signal);
    expect(answer).toMatchObject({ hits: [{ index: 'logs-a' }] });
  });
});
