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
