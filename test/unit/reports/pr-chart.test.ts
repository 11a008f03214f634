import { describe, expect, test } from 'vitest';
import type { Thresholds } from '../../../src/conditions/thresholds.ts';
import { CHART_STYLE, prChart } from '../../../src/reports/pr/pr-chart.ts';
import type { PlayedVersion } from '../../../src/reports/pr/pr-report.ts';
import { quietStory } from '../../support/backtest/quiet-story.ts';

const RANGE = { from: 0, to: 600_000 };

function version(thresholds?: Thresholds): PlayedVersion {
  const points = [1, 2, 3].map((count, place) => ({
    at: place * 60_000,
    values: { count, other: 1 },
    breach: count > 2,
  }));
  return {
    story: quietStory(),
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

test('thresholds of both versions are lines of different kinds, named by their version', () => {
  const chart = prChart([before(over(8)), after(over(3))], RANGE);
  expect(limitsIn(chart)).toEqual(['old', 'young']);
  expect(chart).toContain('count (dotted &#62;= 8 before, dashed &#62;= 3 after) of <span class="key k0">shop</span>');
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
  expect(chart).toContain('other (dashed &#62; 4 after) of <span class="key k0">shop</span>');
});

describe('the style of charts', () => {
  const [light = '', dark = ''] = [...CHART_STYLE.matchAll(/:root\{([^}]*)\}/g)].map(([, colors]) => colors);
  const colorsIn = (text: string) => [...text.matchAll(/--g\d:(#\w{6})/g)].map(([, color]) => String(color));

  test('uses colours for groups alone: versions differ in the kind of their lines and marks', () => {
    const ofVersions = CHART_STYLE.split('}').filter((rule) => /^\s*(?:rect|line)\./.test(rule));
    expect(ofVersions.join()).toMatch(/line\.limit\.old\{stroke-dasharray/);
    expect(ofVersions.join()).not.toMatch(/var\(--(?:g\d|a|b|good|bad)\)/);
  });

  test.each([
    ['light', light, ['#ffffff', '#f3f4f6']],
    ['dark', dark, ['#14171c', '#1e232a']],
  ])('has four colours that can be seen on a %s page', (_name, style, pages) => {
    const colors = colorsIn(style);
    expect(new Set(colors).size).toBe(4);
    // What WCAG asks of graphics.
    for (const page of pages) for (const color of colors) expect(contrast(color, page)).toBeGreaterThan(3);
  });
});

/** The contrast of two colours as WCAG defines it, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
