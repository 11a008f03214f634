import { expect, test } from 'vitest';
import { fieldTypes } from '../../../../src/backends/elasticsearch/field-types.ts';
import { elasticsearchRanges } from '../../../../src/backends/elasticsearch/ranges/range-search.ts';
import type { WireReply } from '../../../../src/backends/elasticsearch/wire.ts';
import { groupsQuery } from '../../../support/elasticsearch-backend/queries.ts';
import { answered, refused, scriptedWire } from '../../../support/elasticsearch-backend/scripted-wire.ts';

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
