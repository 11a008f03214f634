import { expect, it } from 'vitest';
import type { GroupRow } from '../../../src/search/answer.ts';
import type { Group } from '../../../src/search/query.ts';
import { type Asking, MINUTE, minute, type Over, rowsByGroup } from './search-asking.ts';
import { START } from './search-corpus.ts';

/** Which groups there are, how many documents they hold, and what is cut off. */
export function groupsContract(over: Over): void {
  const hosts = [
    minute(1, { host: { name: 'a' }, status: 200 }),
    minute(2, { 'host.name': 'a', status: 500 }),
    minute(3, { 'host.name': 'b', status: 500 }),
    minute(4, { status: 404 }),
  ];

  it(
    'without group_by are one row, also when nothing matched',
    over(hosts, async ({ groups }) => {
      const all = await groups({});
      expect(all).toMatchObject({ kind: 'complete', matched: 4, ungrouped: 0, groups: [{ group: {}, docs: 4, values: {} }] });
      const none = await groups({ filter: { term: { status: 999 } } });
      expect(none).toMatchObject({ kind: 'complete', matched: 0, groups: [{ group: {}, docs: 0 }] });
    }),
  );

  it(
    'take the start of a window and leave out its end',
    over([minute(0, {}), minute(10, {}), minute(20, {})], async ({ groups }) => {
      const window = { from: START, to: START + 20 * MINUTE };
      expect((await groups({ window })).matched).toBe(2);
      expect((await groups({ window: { from: START + 1, to: START + 20 * MINUTE + 1 } })).matched).toBe(2);
    }),
  );

  it(
    'leave out documents without the field, and count them',
    over(hosts, async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'] });
      expect(rowsByGroup(answer)).toEqual({ a: 2, b: 1 });
      expect(answer).toMatchObject({ matched: 4, ungrouped: 1, atLeast: 2 });
    }),
  );

  it(
    'put documents without the field in a group with null, if asked',
    over(hosts, async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'], missing: 'include' });
      expect(rowsByGroup(answer)).toEqual({ a: 2, b: 1, null: 1 });
      expect(answer.groups.find((row) => row.group['host.name'] === null)?.docs).toBe(1);
      expect(answer.ungrouped).toBe(0);
    }),
  );

  it(
    'of several fields are the combinations that occur',
    over(hosts, async ({ groups }) => {
      const groupBy = ['host.name', 'status'];
      expect(rowsByGroup(await groups({ groupBy }))).toEqual({ 'a/200': 1, 'a/500': 1, 'b/500': 1 });
      const included = await groups({ groupBy, missing: 'include' });
      expect(rowsByGroup(included)).toEqual({ 'a/200': 1, 'a/500': 1, 'b/500': 1, 'null/404': 1 });
    }),
  );

  it(
    'of a field that no document has are none, and everything is ungrouped',
    over(hosts, async ({ groups }) => {
      const answer = await groups({ groupBy: ['absent.field'] });
      expect(answer).toMatchObject({ kind: 'complete', groups: [], matched: 4, ungrouped: 4 });
    }),
  );

  it(
    'hold a document with several values once for each',
    over([minute(1, { tags: ['x', 'y', 'x'] }), minute(2, { tags: ['y'] })], async ({ groups }) => {
      const answer = await groups({ groupBy: ['tags'] });
      expect(rowsByGroup(answer)).toEqual({ x: 1, y: 2 });
      expect(answer.matched).toBe(2);
    }),
  );

  it(
    'are named by texts: integers without decimals, true and false, dates in ISO 8601',
    over([minute(1, { n: 7, ok: true, started: '2026-01-01T00:00:00Z', size: 1.5 })], async ({ groups }) => {
      const answer = await groups({ groupBy: ['n', 'ok', 'started', 'size'] });
      expect(answer.groups[0]?.group).toEqual({ n: '7', ok: 'true', started: '2026-01-01T00:00:00.000Z', size: '1.5' });
      for (const [field, text] of [
        ['n', '7'],
        ['ok', 'true'],
        ['started', '2026-01-01T00:00:00.000Z'],
        ['size', '1.5'],
      ] as const) {
        expect((await groups({ groupBy: [field] })).groups[0]?.group).toEqual({ [field]: text });
      }
    }),
  );

  it(
    'count what a document stands for by its _doc_count',
    over([minute(1, { 'host.name': 'a', _doc_count: 40 }), minute(2, { 'host.name': 'a' })], async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'], metrics: { all: { of: 'count' } } });
      expect(answer).toMatchObject({ matched: 41, groups: [{ docs: 41, values: { all: 41 } }] });
      expect(await groups({})).toMatchObject({ matched: 41, groups: [{ docs: 41 }] });
    }),
  );

  const crowd = Array.from({ length: 60 }, (_, i) =>
    minute(i % 50, { 'host.name': `h${i % 12}`, status: i % 12 === 5 ? 500 : 200 }),
  ).concat(Array.from({ length: 9 }, () => minute(51, { 'host.name': 'h7' })));

  it(
    'of one field beyond the limit are truncated to the largest',
    over(crowd, async ({ groups }) => {
      const answer = await groups({ groupBy: ['host.name'], maxGroups: 3 });
      expect(answer.kind).toBe('truncated');
      expect(answer.groups).toHaveLength(3);
      expect(answer.groups[0]).toMatchObject({ group: { 'host.name': 'h7' }, docs: 14 });
      expect(answer.atLeast).toBeGreaterThan(3);
      expect(answer.matched).toBe(69);
    }),
  );

  it(
    'of exactly the limit are complete',
    over(crowd, async ({ groups }) => {
      expect(await groups({ groupBy: ['host.name'], maxGroups: 12 })).toMatchObject({ kind: 'complete', atLeast: 12 });
      expect(await groups({ groupBy: ['host.name', 'status'], maxGroups: 12 })).toMatchObject({ kind: 'complete', atLeast: 12 });
    }),
  );

  it(
    'of several fields beyond the limit are truncated, each whole',
    over(crowd, async ({ groups }) => {
      const all = await groups({ groupBy: ['host.name', 'status'] });
      const some = await groups({ groupBy: ['host.name', 'status'], maxGroups: 5 });
      expect(some).toMatchObject({ kind: 'truncated', matched: 69, ungrouped: 9 });
      expect(some.groups).toHaveLength(5);
      const known = rowsByGroup(all);
      for (const [group, docs] of Object.entries(rowsByGroup(some))) expect(known[group]).toBe(docs);
    }),
  );

  it(
    'beyond a page of a composite are all there',
    over(
      Array.from({ length: 2_300 }, (_, i) => minute(i % 60, { 'host.name': `h${i}`, status: i % 3 })),
      async ({ groups }) => {
        const answer = await groups({ groupBy: ['host.name', 'status'], maxGroups: 5_000 });
        expect(answer).toMatchObject({ kind: 'complete', matched: 2_300, atLeast: 2_300 });
        expect(new Set(answer.groups.map((row) => row.group['host.name'])).size).toBe(2_300);
        expect((await groups({ groupBy: ['host.name'], maxGroups: 5_000 })).groups).toHaveLength(2_300);
      },
    ),
  );
}

/** Groups divided into buckets of the window, and groups asked for by name. */
export function bucketsContract(over: Over): void {
  const docs = [1, 1, 4, 11, 12, 12].map((at, i) => minute(at, { 'host.name': i % 2 === 0 ? 'a' : 'b', n: i, status: 200 }));
  const window = { from: START + MINUTE, to: START + 16 * MINUTE };
  const bucket = 5 * MINUTE;
  const starts = (rows: readonly GroupRow[]) => rows.map((row) => [(Number(row.bucket) - START) / MINUTE, row.docs]);

  it(
    'are counted from the start of the window; an empty bucket has no row',
    over(docs, async ({ groups }) => {
      const answer = await groups({ window, bucket, metrics: { most: { of: 'max', field: 'n' } } });
      expect(starts(answer.groups)).toEqual([
        [1, 3],
        [11, 3],
      ]);
      expect(answer.groups.map((row) => row.values['most'])).toEqual([2, 5]);
      expect(answer.matched).toBe(6);
    }),
  );

  it(
    'stand in each group, of one field and of several',
    over(docs, async ({ groups }) => {
      for (const groupBy of [['host.name'], ['host.name', 'status']]) {
        const answer = await groups({ window, bucket, groupBy });
        const of = (host: string) => starts(answer.groups.filter((row) => row.group['host.name'] === host));
        expect(of('a')).toEqual([
          [1, 2],
          [11, 1],
        ]);
        expect(of('b')).toEqual([
          [1, 1],
          [11, 2],
        ]);
        expect(answer.atLeast).toBe(2);
      }
    }),
  );

  const only = async (asked: Asking, groupBy: readonly string[], groups: readonly Group[]) => {
    const answer = await asked.groups({ groupBy, only: groups, missing: 'include', maxGroups: 1 });
    expect(answer.kind).toBe('complete');
    return rowsByGroup(answer);
  };

  it(
    'only these groups are answered, whatever the limit, and absent ones have no row',
    over([...docs, minute(2, { status: 500 }), minute(3, { 'host.name': ['a', 'c'] })], async (asked) => {
      expect(await only(asked, ['host.name'], [{ 'host.name': 'a' }, { 'host.name': 'gone' }])).toEqual({ a: 4 });
      expect(await only(asked, ['host.name'], [{ 'host.name': null }])).toEqual({ null: 1 });
      const pairs = [
        { 'host.name': 'a', status: '200' },
        { 'host.name': null, status: '500' },
        { 'host.name': 'a', status: null },
      ];
      expect(await only(asked, ['@timestamp'], [{ '@timestamp': new Date(START + 4 * MINUTE).toISOString() }])).toEqual({
        [new Date(START + 4 * MINUTE).toISOString()]: 1,
      });
      expect(await only(asked, ['host.name', 'status'], pairs)).toEqual({ 'a/200': 3, 'null/500': 1, 'a/null': 1 });
    }),
  );
}
