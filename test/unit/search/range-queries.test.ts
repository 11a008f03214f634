import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { NO_COST } from '../../../src/search/answer.ts';
import type { Query } from '../../../src/search/query.ts';
import { askAhead } from '../../../src/search/range/ask-ahead.ts';
import { metered } from '../../../src/search/range/meter.ts';
import { openAnswer, type RangeQuery, type RangeSearch } from '../../../src/search/range/range-query.ts';
import { slicesOf } from '../../../src/search/range/slices.ts';
import { sliding } from '../../../src/search/range/sliding.ts';
import type { Search } from '../../../src/search/search.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();

const windowsOf = (length: number, step: number, count: number, begin = 7) =>
  Array.from({ length: count }, (_, i) => ({ from: begin + i * step, to: begin + i * step + length }));

describe('the slices of windows', () => {
  test.each([
    ['as long as a step, where the window is several', 5 * MINUTE, MINUTE, 10, [MINUTE, 14]],
    ['as long as both bounds allow', 90_000, MINUTE, 4, [30_000, 9]],
    ['none where windows do not overlap', MINUTE, MINUTE, 10, undefined],
    ['none where they lie apart', MINUTE, 10 * MINUTE, 10, undefined],
    ['none shorter than a second', 61_234, MINUTE, 10, undefined],
    ['none of a single window', MINUTE, MINUTE, 1, undefined],
  ] as const)('are %s', (_, length, step, count, expected) => {
    const slices = slicesOf(windowsOf(length, step, count));
    expect(slices === undefined ? undefined : [(slices[0]?.to ?? 0) - (slices[0]?.from ?? 0), slices.length]).toEqual(expected);
  });

  it('make up each window, whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 2, max: 20 }),
        (a, b, n) => {
          const windows = windowsOf(a * 1_000, b * 1_000, n);
          const slices = slicesOf(windows);
          for (const { from, to } of slices === undefined ? [] : windows) {
            const inside = slices?.filter((slice) => slice.from >= from && slice.to <= to) ?? [];
            expect(inside.reduce((sum, slice) => sum + slice.to - slice.from, 0)).toBe(to - from);
          }
        },
      ),
    );
  });
});

test('a sliding sum is the sum of what it holds, oldest first', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.string({ minLength: 1, maxLength: 2 })), { maxLength: 60 }), (steps) => {
      const queue = sliding<string>((older, newer) => older + newer);
      const held: string[] = [];
      for (const step of steps) {
        if (step === null) {
          if (held.shift() !== undefined) queue.shift();
        } else {
          held.push(step);
          queue.push(step);
        }
        expect(queue.sum() ?? '').toBe(held.join(''));
      }
    }),
  );
});

describe('asking ahead', () => {
  const query = (from: number): Query => ({
    kind: 'groups',
    name: 'window',
    source: { indices: ['logs'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false },
    window: { from, to: from + MINUTE },
    filter: { match_all: {} },
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1,
  });
  const arrived = (matched: number) =>
    ({
      kind: 'complete',
      groups: [],
      hits: [],
      table: [],
      matched,
      ungrouped: 0,
      atLeast: 0,
      sent: null,
      cost: NO_COST,
    }) as const;

  /** Asks at so many minutes in a row; `ranges` answers range queries. Gives the windows of each and what was asked alone. */
  async function play(
    minutes: number,
    answer: (asked: RangeQuery) => ReturnType<typeof openAnswer>,
    { until = 1_000, references = [] as readonly number[] } = {},
  ) {
    let now = 0;
    const batches: number[] = [];
    const alone: number[] = [];
    const search: Search = {
      ask: async (queries) => {
        for (const { window } of queries) alone.push(window.from / MINUTE);
        return queries.map(() => arrived(1));
      },
    };
    const ranges: RangeSearch = {
      wholeFields: async () => new Set(),
      sent: () => null,
      shares: () => false,
      ask: async (asked) => {
        for (const { windows } of asked) batches.push(windows.length);
        return asked.map(answer);
      },
    };
    const meter = metered(search, ranges);
    const ahead = askAhead(meter.search, meter.ranges, {
      now: () => now * MINUTE,
      ticksAfter: (previous, at, most) =>
        at - previous === MINUTE
          ? Array.from({ length: Math.max(0, Math.min(most, until - at / MINUTE)) }, (_, i) => at + (i + 1) * MINUTE)
          : [],
    });
    for (; now < minutes; now++) {
      const begins = [now, ...references.map((minutes) => now - minutes)];
      await ahead.ask(
        begins.map((begin) => query(begin * MINUTE)),
        signal,
      );
    }
    return { batches, alone, total: meter.total() };
  }

  const answered = ({ windows }: RangeQuery) => ({
    answers: windows.map(() => arrived(1)),
    order: undefined,
    searches: 1,
    took: 5,
  });

  it('begins at the second of two neighbouring ticks and takes more each time', async () => {
    expect(await play(200, answered)).toEqual({ batches: [16, 128, 1_000 - 144], alone: [0], total: { searches: 4, took: 15 } });
  });

  it('asks for no tick that is not played', async () => {
    expect(await play(20, answered, { until: 19 })).toMatchObject({ batches: [16, 3], alone: [0] });
  });

  it('ends where it brings nothing three times in a row, and every tick is asked alone', async () => {
    const { batches, alone } = await play(60, openAnswer);
    expect(batches).toEqual([16, 16, 16]);
    expect(alone).toEqual(Array.from({ length: 60 }, (_, minute) => minute));
  });

  it('asks alone for each window that a range query leaves open', async () => {
    const some = (asked: RangeQuery) => ({
      ...answered(asked),
      answers: asked.windows.map(({ from }) => ((from / MINUTE) % 4 === 0 ? undefined : arrived(1))),
    });
    expect((await play(17, some)).alone).toEqual([0, 4, 8, 12, 16]);
  });

  it('asks for the windows of references once, however many ticks they are compared with', async () => {
    const { batches, alone } = await play(400, answered, { until: 400, references: [60, 120] });
    // Three windows a tick; of the minutes from two hours before the second tick to the last each is asked for once.
    expect(alone).toEqual([0, -60, -120]);
    expect(batches.reduce((sum, count) => sum + count, 0)).toBe(400 + 120);
    expect(batches.length).toBeLessThan(8);
  });

  it('asks again for references that would take too much room', async () => {
    const many = (asked: RangeQuery) => ({
      ...answered(asked),
      answers: asked.windows.map(() => ({ ...arrived(1), groups: new Array(500).fill({ group: {}, docs: 1, values: {} }) })),
    });
    const { batches, alone } = await play(1_000, many, { references: [500] });
    expect(alone).toEqual([0, -500]);
    const asked = batches.reduce((sum, count) => sum + count, 0);
    expect(asked).toBeGreaterThan(1_500);
    expect(asked).toBeLessThanOrEqual(2_200);
  });
});
