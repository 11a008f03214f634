import { expect, test } from 'vitest';
import { fieldTypes } from '../../../../src/backends/elasticsearch/field-types.ts';
import { elasticsearchRanges } from '../../../../src/backends/elasticsearch/ranges/range-search.ts';
import type { WireReply } from '../../../../src/backends/elasticsearch/wire.ts';
import { groupsQuery } from '../../../support/elasticsearch-backend/queries.ts';
import { answered, linesOf, refused, scriptedWire } from '../../../support/elasticsearch-backend/scripted-wire.ts';

const MINUTE = 60_000;
const windows = Array.from({ length: 1_000 }, (_, index) => ({ from: index * MINUTE, to: (index + 1) * MINUTE }));

test.each<readonly [string, WireReply, number]>([
  ['are not answered in time', { kind: 'timeout', message: 'no answer' }, 2],
  ['have too many buckets', refused(400, 'too_many_buckets_exception', 'too many'), 8],
])('searches that %s are given up, and every window is left to be asked alone', async (_what, reply, most) => {
  const wire = scriptedWire(({ path }) => (path.includes('_msearch') ? reply : answered({})));
  const ranges = elasticsearchRanges({ wire, types: fieldTypes(wire), finish: async (_queries, answers) => answers });
  const [answer] = await ranges.ask([{ query: groupsQuery(), windows, anyOrder: true, groups: 1 }], new AbortController().signal);
  expect(answer?.searches).toBe(most);
  expect(answer?.answers).toEqual(windows.map(() => undefined));
});

const byGroup = (others: number, counted: number) => ({
  responses: [
    {
      took: 1,
      timed_out: false,
      _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
      hits: { hits: [] },
      aggregations: {
        total: { doc_count: 5 },
        windows: { buckets: [{ key: 0, doc_count: 5, without: { doc_count: 1 } }] },
        groups: {
          doc_count_error_upper_bound: 0,
          sum_other_doc_count: others,
          buckets: [
            { key: 'a', doc_count: 1, windows: { buckets: [{ key: 0, doc_count: 1 }] } },
            { key: 'b', doc_count: counted - 1, windows: { buckets: [{ key: 0, doc_count: counted - 1 }] } },
          ],
        },
      },
    },
  ],
});

async function askByGroup(others: number, counted: number, most = windows.length) {
  const wire = scriptedWire(({ path }) => (path.includes('_msearch') ? answered(byGroup(others, counted)) : answered({})));
  const ranges = elasticsearchRanges({ wire, types: fieldTypes(wire), finish: async (_queries, answers) => answers });
  const question = { query: groupsQuery({ groupBy: ['pod'] }), windows: windows.slice(0, most), anyOrder: true, groups: 2 };
  const [answer] = await ranges.ask([question], new AbortController().signal);
  const asked = wire.requests
    .filter(({ path }) => path.includes('_msearch'))
    .map((request) => JSON.stringify(linesOf(request)[1]));
  return { answer, asked };
}

test('many slices are asked group by group, and read as answers about each', async () => {
  const { answer, asked } = await askByGroup(0, 4);
  expect(asked).toHaveLength(answer?.searches ?? 0);
  expect(asked[0]).toContain('"order":{"_key":"asc"}},"aggs":{"windows":{"date_histogram"');
  expect(answer?.answers[0]).toMatchObject({
    kind: 'complete',
    groups: [
      { group: { pod: 'b' }, docs: 3 },
      { group: { pod: 'a' }, docs: 1 },
    ],
    matched: 5,
    ungrouped: 1,
  });
  expect(answer?.answers[1]).toMatchObject({ kind: 'complete', groups: [], matched: 0 });
});

test('a slice of which documents are lost is left open', async () => {
  const { answer } = await askByGroup(0, 3);
  expect(answer?.answers[0]).toBeUndefined();
  expect(answer?.answers[1]).toMatchObject({ matched: 0 });
});

test('slices over which there are too many groups are asked the other way, and so are few slices', async () => {
  const { asked } = await askByGroup(7, 4);
  expect(asked[0]).toContain('"aggs":{"windows":{"date_histogram"');
  expect(asked.at(-1)).toMatch(/"windows":\{"date_histogram":\{[^}]*\},"aggs":\{"without":.*"groups":\{"terms":\{/);
  expect((await askByGroup(0, 4, 64)).asked.join()).not.toContain('"order":{"_key":"asc"}');
});

test('a search over windows that are apart asks for their time alone', async () => {
  const wire = scriptedWire(({ path }) => (path.includes('_msearch') ? answered({ responses: [] }) : answered({})));
  const ranges = elasticsearchRanges({ wire, types: fieldTypes(wire), finish: async (_queries, answers) => answers });
  const at = (from: number, to: number) => ({ from: from * MINUTE, to: to * MINUTE });
  const apart = [at(0, 5), at(1, 6), at(6, 9), at(100, 105), at(101, 102)];
  await ranges.ask([{ query: groupsQuery(), windows: apart, anyOrder: true, groups: 1 }], new AbortController().signal);
  const search = wire.requests.find(({ path }) => path.includes('_msearch'));
  const should = [at(0, 9), at(100, 105)].map(({ from, to }) => ({
    range: { '@timestamp': { gte: from, lt: to, format: 'epoch_millis' } },
  }));
  expect(linesOf(search)[1]).toMatchObject({
    query: { bool: { filter: expect.arrayContaining([{ bool: { should, minimum_should_match: 1 } }]) } },
  });
});

test('what is sent alone is the search that people can send themselves', () => {
  const wire = scriptedWire(() => answered({}));
  const ranges = elasticsearchRanges({ wire, types: fieldTypes(wire), finish: async (_queries, answers) => answers });
  expect(ranges.sent(groupsQuery())).toMatchObject({ index: ['logs-*'], size: 0, query: { bool: {} } });
  expect([ranges.shares(groupsQuery()), ranges.shares(groupsQuery({ groupBy: ['pod'] }))]).toEqual([true, false]);
});
