import { noiseMessage } from '../../../src/engine/noise-news.ts';
import type { Message } from '../../../src/messages/message.ts';
import { type Noise, noiseReport } from '../../../src/messages/noise-texts.ts';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 0, 5, 7);
const range = { from: AT - 168 * HOUR, to: AT };
const QUIET: Noise = { messages: 0, episodes: 0, rules: [], teams: [] };
const rule = (name: string, messages: number, episodes: number, short = 0, unacknowledged = 0) => ({
  ...{ rule: name, messages, episodes, short, unacknowledged, inAlert: episodes * HOUR },
});
const LOUD: Noise = {
  messages: 34,
  episodes: 15,
  rules: [
    rule('http-errors', 21, 9, 5, 7),
    rule('disk-nearly-full', 8, 2, 0, 1),
    rule('**queue** `grows` [here](https://example.com) <b>', 1, 1),
    ...Array.from({ length: 9 }, (_, n) => rule(`rule-${n}`, 1, 1, 1, 1)),
  ],
  teams: [
    { team: 'shop', episodes: 10, inAlert: 9 * HOUR },
    { team: '', episodes: 5, inAlert: 2 * HOUR },
  ],
};
const BEFORE: Noise = {
  ...QUIET,
  messages: 51,
  episodes: 20,
  rules: [rule('http-errors', 15, 8)],
  teams: LOUD.teams.slice(0, 1),
};

/** The reports of a noisy and of a quiet week, by the names of their goldens. */
export const NOISE_REPORTS: Readonly<Record<string, Message>> = {
  noise: noiseMessage(
    { at: AT, window: range, report: noiseReport({ range, noise: LOUD, before: BEFORE, more: false }, 'Europe/Berlin') },
    'team-todo',
  ),
  'noise-quiet': noiseMessage(
    { at: AT, window: range, report: noiseReport({ range, noise: QUIET, before: LOUD, more: false }, 'UTC') },
    'team-todo',
  ),
};
