import { describe, expect, test } from 'vitest';
import { collectValues, columnsOf, PARTS } from '../../../src/backtest/measured-values.ts';
import { kneeOf } from '../../../src/backtest/sweep-curve.ts';
import { isBeyond, thresholdsOf } from '../../../src/conditions/thresholds.ts';

const kneeAt = (ys: readonly number[]) => kneeOf(ys.map((y, index) => ({ x: index + 1, y })))?.x;

describe('the knee of a curve', () => {
  test.each([
    ['a curve that falls steeply and then slowly', [100, 40, 12, 8, 6, 5, 4, 3, 2, 1], 3],
    ['a curve that rises slowly and then steeply', [1, 2, 3, 4, 5, 40, 100], 5],
    ['a straight line', [6, 5, 4, 3, 2, 1], undefined],
    ['a flat line', [3, 3, 3, 3, 3, 3], undefined],
    ['a curve above its chord', [100, 99, 97, 90, 60, 1], undefined],
    ['too few points', [100, 1, 1, 1], undefined],
    ['a step to nothing', [4, 4, 4, 0, 0, 0, 0, 0], undefined],
    ['nothing', [], undefined],
  ])('%s', (_name, ys, knee) => expect(kneeAt(ys)).toBe(knee));
});

describe('what conditions compare with numbers', () => {
  test.each([
    [['count >= 3'], 'count', ['>= 3']],
    [['used > 95', 'used > 85'], 'used', ['> 95', '> 85']],
    [['total >= 50 && (errors > 5 || slow > 9)'], 'total', ['>= 50']],
    [['count < 1'], 'count', ['< 1']],
  ])('%j', (conditions, value, limits) => {
    const found = thresholdsOf(conditions);
    expect(found?.value).toBe(value);
    expect(found?.limits.map(({ sign, number }) => `${sign} ${number}`)).toEqual(limits);
  });

  test.each([
    ['errors / total > 0.05'],
    ['count > baseline'],
    ['name == "count > 3"'],
    ['used + 1 > 95'],
    ['current >= 3 * reference'],
  ])('%s compares no value alone with a number alone', (condition) => expect(thresholdsOf([condition])).toBeUndefined());

  test.each([
    ['>', 3, false],
    ['>=', 3, true],
    ['<', 3, false],
    ['<=', 3, true],
  ] as const)('3 %s 3', (sign, number, is) => expect(isBeyond(3, { sign, number })).toBe(is));
});

describe('values over time', () => {
  const range = { from: 0, to: PARTS * 10 };

  test('of each part the worst, whatever there are more', () => {
    const collector = collectValues(range, thresholdsOf(['count >= 3']));
    for (const [at, count] of [
      [5, 1],
      [6, 9],
      [7, 2],
      [25, 4],
    ] as const)
      collector.take(at, { count, other: 50 });
    expect(collector.measured()?.parts.slice(0, 4)).toEqual([9, null, 4, null]);
  });

  test('the lowest where low is bad, and without a condition the first number', () => {
    const low = collectValues(range, thresholdsOf(['count < 3']));
    const first = collectValues(range, undefined);
    for (const collector of [low, first]) for (const count of [5, 1, 7]) collector.take(5, { name: 'a', count });
    expect(low.measured()?.parts[0]).toBe(1);
    expect(first.measured()).toMatchObject({ value: 'count', limits: [] });
    expect(first.measured()?.parts[0]).toBe(7);
  });

  test('nothing outside of the range, and nothing that is no number', () => {
    const collector = collectValues(range, thresholdsOf(['count >= 3']));
    for (const at of [0, range.to + 1]) collector.take(at, { count: 1 });
    for (const count of ['7', null, Number.NaN, Number.POSITIVE_INFINITY]) collector.take(5, { count });
    expect(collector.measured()).toBeUndefined();
  });

  test('fewer columns keep peaks, more columns show a value until the next may come', () => {
    const parts = Array.from({ length: 8 }, (_, place) => (place % 2 === 0 ? place : null));
    expect(columnsOf({ parts, bad: 'above' }, 2, 8)).toEqual([2, 6]);
    expect(columnsOf({ parts, bad: 'above' }, 8, 4)).toEqual([0, 0, 2, 2, 4, 4, 6, 6]);
    expect(columnsOf({ parts: [1, null, null, null], bad: 'above' }, 4, 4)).toEqual([1, null, null, null]);
  });
});
