import { expect, it } from 'vitest';
import { noiseOf } from '../../../src/engine/history/noise.ts';
import type { RecordedAcknowledgement, RecordedEpisode, RecordedMessage } from '../../../src/engine/history/run-history.ts';

const MINUTE = 60_000;
const episode = (rule: string, start: number, end: number | undefined, team?: string): RecordedEpisode => ({
  ...{ rule, alert: rule, group: {}, labels: team === undefined ? {} : { team }, severity: 'warning' },
  ...{ start: start * MINUTE, end: end === undefined ? undefined : end * MINUTE },
});
const acknowledgement = (alert: string, at: number): RecordedAcknowledgement => ({
  alert,
  at: at * MINUTE,
  by: 'kim',
  comment: 'c',
});
const message = (...rules: readonly string[]): RecordedMessage => ({
  ...{ id: 'm', at: 0, receiver: 'r', destination: 'd', channel: 'c', outcome: 'delivered', reason: 'first', title: 't' },
  ...{ rules, severity: 'warning', attempt: 1 },
});

it('counts messages, episodes, short ones, those that no one acknowledged and time in alert, within the range, the noisiest first', () => {
  const noise = noiseOf(
    {
      episodes: [episode('a', 0, 4, 'shop'), episode('a', 50, undefined, 'shop'), episode('b', -100, 20), episode('c', 10, 15)],
      messages: [message('a'), message('a', 'b'), message('b'), message('b')],
      acknowledgements: [acknowledgement('a', 51), acknowledgement('b', -90), acknowledgement('c', 16)],
    },
    { from: 0, to: 60 * MINUTE },
  );
  expect(noise.rules).toEqual([
    { rule: 'b', messages: 3, episodes: 1, short: 0, unacknowledged: 0, inAlert: 20 * MINUTE },
    { rule: 'a', messages: 2, episodes: 2, short: 1, unacknowledged: 1, inAlert: 14 * MINUTE },
    { rule: 'c', messages: 0, episodes: 1, short: 0, unacknowledged: 1, inAlert: 5 * MINUTE },
  ]);
  expect(noise.teams).toEqual([
    { team: '', episodes: 2, inAlert: 25 * MINUTE },
    { team: 'shop', episodes: 2, inAlert: 14 * MINUTE },
  ]);
});

it('counts alerts of other systems by their names, and not as one rule', () => {
  const received = (alertname: string): RecordedEpisode => ({ ...episode('ReceivedAlert', 0, 20), labels: { alertname } });
  const { rules } = noiseOf(
    {
      episodes: [received('NodeDown'), received('DiskFull'), received('DiskFull')],
      messages: [{ ...message('ReceivedAlert'), alertname: 'DiskFull' }, message('ReceivedAlert')],
      acknowledgements: [],
    },
    { from: 0, to: 60 * MINUTE },
  );
  expect(rules.map(({ rule, messages, episodes }) => ({ rule, messages, episodes }))).toEqual([
    { rule: 'DiskFull', messages: 1, episodes: 2 },
    { rule: 'ReceivedAlert', messages: 1, episodes: 0 },
    { rule: 'NodeDown', messages: 0, episodes: 1 },
  ]);
});
