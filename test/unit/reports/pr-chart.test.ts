import { expect, test } from 'vitest';
import type { Thresholds } from '../../../src/conditions/thresholds.ts';
import { prChart } from '../../../src/reports/pr/pr-chart.ts';
import type { PlayedVersion } from '../../../src/reports/pr/pr-report.ts';

const RANGE = { from: 0, to: 600_000 };

function version(thresholds?: Thresholds): PlayedVersion {
  const points = [1, 2, 3].map((count, place) => ({
    at: place * 60_000,
    values: { count, other: 1 },
    breach: count > 2,
  }));
  return {
    story: {
      id: 'a',
      name: 'a',
      paused: false,
      windows: 10,
      failed: 0,
      gaps: [],
      problems: [],
      standing: [],
      transitions: [],
      late: [],
      levels: undefined,
      flapping: [],
      notifications: [],
    },
    readings: [{ group: 'shop', points }],
    complete: true,
    ...(thresholds !== undefined && { thresholds }),
  };
}
const before = (thresholds?: Thresholds) => ({ name: 'before' as const, played: version(thresholds) });
const after = (thresholds?: Thresholds) => ({ name: 'after' as const, played: version(thresholds) });
const over = (...numbers: readonly number[]): Thresholds => ({
  value: 'count',
  bad: 'above',
  limits: numbers.map((number) => ({ sign: '>=', number })),
});
const limitsIn = (chart: string) => [...chart.matchAll(/class="limit (\w+)"/g)].map(([, of]) => of);

test('thresholds of both versions are dashed lines, named by their version', () => {
  const chart = prChart([before(over(8)), after(over(3))], RANGE);
  expect(limitsIn(chart)).toEqual(['old', 'young']);
  expect(chart).toContain('count (dashed: &#62;= 8 before, &#62;= 3 after) of shop');
  const heights = [...chart.matchAll(/class="limit \w+"[^>]*y1="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(heights[0]).toBeLessThan(heights[1] ?? 0);
});

test('a threshold that both have is one line', () => {
  const chart = prChart([before(over(8, 3)), after(over(3))], RANGE);
  expect(limitsIn(chart)).toEqual(['old', 'both']);
  expect(chart).toContain('&#62;= 3 before and after');
});

test.each([
  ['a rule without thresholds', undefined],
  ['thresholds of a value that was not measured', { ...over(3), value: 'nothing' }],
])('%s has lines of what was measured alone', (_name, thresholds) => {
  const chart = prChart([after(thresholds)], RANGE);
  expect(limitsIn(chart)).toEqual([]);
  expect(chart).toContain('<polyline class="s0"');
  expect(chart).not.toMatch(/NaN|undefined/);
});

test('the value that conditions compare is drawn, also where another comes first', () => {
  const chart = prChart([after({ value: 'other', bad: 'above', limits: [{ sign: '>', number: 4 }] })], RANGE);
  expect(chart).toContain('other (dashed: &#62; 4 after) of shop');
});
