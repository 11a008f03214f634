import { expect, test } from 'vitest';
import { createDocuments } from '../../../src/backends/embedded/documents.ts';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import { embeddedSearch } from '../../../src/backends/embedded/search.ts';
import type { GroupsQuery } from '../../../src/search/query.ts';
import { seriesOf } from '../../../src/search/range/series.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const windows = [0, 1, 2, 3].map((minute) => ({ from: NOON + minute * MINUTE, to: NOON + (minute + 1) * MINUTE }));
const times = windows.map(({ to }) => to);
const query: GroupsQuery = {
  kind: 'groups',
  name: 'window',
  source: { indices: ['logs'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false },
  window: { from: NOON, to: NOON + 4 * MINUTE },
  filter: { match_all: {} },
  groupBy: ['service.name'],
  missing: 'exclude',
  metrics: { most: { of: 'max', field: 'ms' } },
  maxGroups: 10,
};

test('the answers of a range query make a series of each group', async () => {
  const documents = createDocuments();
  const at = (minute: number, service: string, ms: number) => ({
    source: { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), 'service.name': service, ms },
  });
  documents.add([at(0, 'cart', 5), at(0, 'cart', 9), at(1, 'shop', 4), at(3, 'cart', 2)]);
  const ranges = embeddedRanges(documents, embeddedSearch(documents));
  const [range] = await ranges.ask([{ query, windows, anyOrder: true, groups: 2 }], new AbortController().signal);
  const answers = range?.answers ?? [];
  const [cart, shop] = [{ 'service.name': 'cart' }, { 'service.name': 'shop' }];
  expect(seriesOf(query, windows, answers)).toEqual([
    { group: cart, times, values: [2, 0, 0, 1], thresholds: [] },
    { group: shop, times, values: [0, 1, 0, 0], thresholds: [] },
  ]);
  expect(seriesOf(query, windows, answers, { metric: 'most', thresholds: [8] })).toEqual([
    { group: cart, times, values: [9, null, null, 2], thresholds: [8] },
    { group: shop, times, values: [null, 4, null, null], thresholds: [8] },
  ]);
  const open = answers.map((answer, place) => (place === 2 ? undefined : answer));
  expect(seriesOf(query, windows, open).map(({ values }) => values)).toEqual([
    [2, 0, null, 1],
    [0, 1, null, 0],
  ]);
});
