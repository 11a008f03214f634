import { expect, test } from 'vitest';
import type { NoiseOfWeeks } from '../../../src/messages/noise-texts.ts';
import { noiseJson, noiseText } from '../../../src/reports/noise-text.ts';

const HOUR = 3_600_000;
const LOOK = { color: false, columns: 120 };
const WEEKS: NoiseOfWeeks = {
  range: { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 8) },
  noise: {
    ...{ messages: 1_234, episodes: 2 },
    rules: [{ rule: 'a\u001b[31m\nb', messages: 1_234, episodes: 2, short: 1, unacknowledged: 2, inAlert: HOUR }],
    teams: [{ team: '', episodes: 2, inAlert: HOUR }],
  },
  before: { messages: 7, episodes: 1, rules: [], teams: [{ team: '', episodes: 1, inAlert: 3 * HOUR }] },
  more: true,
};

test('a week of noise is two tables and its sums, and a name stays on its line', () => {
  expect(noiseText(WEEKS, LOOK).split('\n')).toEqual([
    expect.stringMatching(/^RULE +MESSAGES +WEEK BEFORE +EPISODES +< 5M +NOT ACKED +IN ALERT$/),
    expect.stringMatching(/^a\S* ?b +1,234 +0 +2 +1 +2 +1h$/),
    '',
    expect.stringMatching(/^TEAM +IN ALERT +WEEK BEFORE +EPISODES$/),
    expect.stringMatching(/^\(no team\) +1h +3h +2$/),
    '',
    'Only the newest 10,000 episodes and messages of each week are counted.',
    '1,234 messages and 2 episodes from 2026-01-01T00:00:00.000Z to 2026-01-08T00:00:00.000Z; the week before: 7 messages, 1 episode.',
    '',
  ]);
});

test('a quiet week has no table', () => {
  const quiet = { messages: 0, episodes: 0, rules: [], teams: [] };
  expect(noiseText({ ...WEEKS, noise: quiet, more: false }, LOOK)).toMatch(/^0 messages and 0 episodes from .*\n$/);
});

test('JSON has both weeks', () => {
  expect(JSON.parse(noiseJson(WEEKS))).toMatchObject({
    ...{ from: '2026-01-01T00:00:00.000Z', messages: 1_234, more: true },
    rules: [{ short: 1, in_alert_ms: HOUR }],
    week_before: { messages: 7, teams: [{ team: '', in_alert_ms: 3 * HOUR }] },
  });
});
