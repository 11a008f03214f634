import { describe, expect, it } from 'vitest';
import { evaluateSeries, type Series } from '../../soak/verdict.ts';

const series = (samples: readonly number[], given: Partial<Series> = {}): Series => ({
  name: 'x',
  unit: '',
  slack: 5,
  samples,
  ...given,
});
const steps = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));

describe('a soak finds', () => {
  it.each<[string, readonly number[], string]>([
    ['nothing in what stays', steps(20, () => 100), 'bounded'],
    ['nothing in noise', steps(20, (i) => 100 + (i % 3) * 8), 'bounded'],
    ['nothing in what rises until it is full', steps(20, (i) => Math.min(500, i * 100)), 'bounded'],
    ['nothing in what falls', steps(20, (i) => 100 - i), 'bounded'],
    ['what rises steadily', steps(20, (i) => 100 + i * 5), 'grows'],
    ['what rises slowly from nothing', steps(30, (i) => i), 'grows'],
    ['what rises under noise', steps(20, (i) => 100 + i * 6 + (i % 2) * 10), 'grows'],
    ['that it was too short', steps(6, (i) => i), 'too few samples'],
  ])('%s', (_name, samples, verdict) => {
    expect(evaluateSeries(series(samples)).verdict).toBe(verdict);
  });

  it('the growth a period, of what comes after the warm-up', () => {
    expect(evaluateSeries(series(steps(20, (i) => 7 + i * 3)))).toMatchObject({ first: 7, last: 64, most: 64, growth: 3 });
  });

  it('nothing in what is bounded by something slower than the run', () => {
    expect(
      evaluateSeries(
        series(
          steps(20, (i) => i * 9),
          { boundedBy: '30 days' },
        ),
      ).verdict,
    ).toBe('not evaluated');
  });
});
