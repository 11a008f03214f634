import { expect, test } from 'vitest';
import type { SweepPoint } from '../../../../src/backtest/sweep-curve.ts';
import type { SweepReport } from '../../../../src/reports/dry-run/sweep.ts';
import { sweepHtml } from '../../../../src/reports/dry-run/sweep-html.ts';

const EPISODES = [40, 18, 8, 4, 3, 2, 2, 1, 1];

function report(changes: Partial<SweepReport> = {}): SweepReport {
  const points = EPISODES.map((episodes, place): SweepPoint => {
    const value = { text: String(place + 1), number: place + 1 };
    return { value, current: place === 4, episodes, messages: 2 * episodes, alerting: episodes * 60_000, groups: 1, failed: 0 };
  });
  const [first] = points;
  if (first === undefined) throw new Error('no points');
  return {
    rule: 'errors',
    spec: {
      name: 'N',
      unit: 'number',
      values: points.flatMap(({ value }) => value ?? []),
      conditions: [{ of: undefined, text: 'count >= N' }],
    },
    from: 0,
    to: 3_600_000,
    warmUp: 0,
    points,
    current: points[4] ?? first,
    knee: points[3] ?? first,
    questions: { all: 9, asked: 1 },
    ...changes,
  };
}

test('the knee is named in words, in the curve and in its row', () => {
  const page = sweepHtml(report());
  expect(page).toContain('Knee: N=4, 4 episodes, 8 messages, 4m in alert');
  expect(page).toMatch(/<line class="mark knee" [^>]*\/><text[^>]*>N=4 \(knee\)<\/text>/);
  expect(page).toMatch(/<text[^>]*>N=5 \(current\)<\/text>/);
  expect(page).toMatch(/<tr><td>4<\/td><td>4<\/td><td>8<\/td>.*?<span class="is-knee">knee<\/span><\/td><\/tr>/);
});

test('a curve without a knee says so, and the rule as it is has a row where the sweep does not have its value', () => {
  const [one] = report().points;
  if (one === undefined) throw new Error('no points');
  const current: SweepPoint = { ...one, value: undefined, current: true, episodes: 7 };
  const page = sweepHtml(report({ points: [one], current, knee: undefined }));
  expect(page).toContain('The episode curve has no knee');
  expect(page).toContain('<td>unchanged</td><td>7</td>');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('no name of a rule is markup', () => {
  const page = sweepHtml(report({ rule: '"><script>alert(1)</script>\u202E' }));
  expect(page).not.toMatch(/<script|\u202E/);
});
