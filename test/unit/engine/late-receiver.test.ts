import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/channels/channel.ts';
import { lateAfter } from '../../../src/engine/self-monitoring/health-of-receivers.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { undeliveredSince } from '../../../src/service/health/undelivered.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', window: 5 * MINUTE });
const DAY = 1_440 * MINUTE;
const SERVER_ERROR: Outcome = { kind: 'retry', reason: { kind: 'server_error', text: 'HTTP 503' } };
const HANGS: Outcome = { kind: 'unknown', reason: { kind: 'timeout', text: 'no answer in time' } };

/** An alert that fires for an hour, notified to `team`, which answers as `answer` says; health alerts go to `team` as well, and to `meta`. */
function scene(answer: { now: Outcome }) {
  const { engine, add, channel } = world();
  for (let minute = 0; minute < 60; minute++)
    add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), message: 'boom' });
  const { send } = channel.channel;
  channel.channel = {
    ...channel.channel,
    send: async (payload, options, io, signal) => {
      const isTeam = String((options as { readonly id: string }).id).startsWith('team');
      return isTeam && answer.now.kind !== 'delivered' ? answer.now : send(payload, options, io, signal);
    },
  };
  const start = (giveUpAfter = DAY) =>
    engine([RULE], {
      meta: 'meta',
      routing: plainRouting({ groupInterval: MINUTE }),
      delivery: { giveUpAfter, sendTimeout: 10_000, lease: MINUTE },
    });
  return { start, heard: () => heard(channel) };
}

async function healthProblems({ states }: TurnPorts): Promise<readonly string[]> {
  const loaded = await states.load([HEALTH_RULE_ID], new Map());
  if (!loaded.ok) throw new Error(loaded.message);
  const { alerts = {} } = loaded.value.get(HEALTH_RULE_ID)?.document ?? {};
  return Object.values(alerts).map(({ group }) => `${group['kind']} ${group['subject']}`);
}

describe('a receiver to which a message fails for minutes', () => {
  it.each([
    ['answers 503', SERVER_ERROR],
    ['hangs', HANGS],
  ])(
    'that %s has a health alert within five minutes, of which meta is notified, until the first success',
    async (_how, outcome) => {
      const answer: { now: Outcome } = { now: outcome };
      const { start, heard } = scene(answer);
      const ports = start();
      await play(ports, NOON - 1, NOON + MINUTE);
      expect(await healthProblems(ports)).toEqual([]);
      await play(ports, NOON + MINUTE, NOON + 5 * MINUTE);
      expect(await healthProblems(ports)).toEqual(['receiver team/test/0']);
      expect(heard()).toEqual([
        expect.stringMatching(/^12:0[1-4] meta \[FIRING\] Tocsin: notifications to team\/test\/0 are not delivered$/),
      ]);
      answer.now = { kind: 'delivered' };
      await play(ports, NOON + 5 * MINUTE, NOON + 20 * MINUTE);
      expect(await healthProblems(ports)).toEqual([]);
      expect(heard().filter((line) => line.includes('meta [RESOLVED]'))).toHaveLength(1);
    },
  );

  it('is seen by a replica that has just started, from what is stored', async () => {
    const { start } = scene({ now: SERVER_ERROR });
    await play(start(), NOON - 1, NOON + MINUTE);
    const other = start();
    await turnAt(other, NOON + 10 * MINUTE);
    expect(await healthProblems(other)).toEqual(['receiver team/test/0']);
  });

  it('is late after a quarter of give_up_after where that is shorter, and mail may be put off for longer', () => {
    expect([lateAfter(DAY, false), lateAfter(4 * MINUTE, false), lateAfter(DAY, true)]).toEqual([
      5 * MINUTE,
      MINUTE,
      20 * MINUTE,
    ]);
  });

  it('is shown as undelivered since its alert was enqueued', async () => {
    const { start } = scene({ now: SERVER_ERROR });
    const ports = start();
    await play(ports, NOON - 1, NOON + MINUTE);
    const [id] = [...ports.session.dues.keys()];
    const loaded = await ports.alertGroups.load([id ?? '']);
    const document = loaded.ok ? loaded.value.get(id ?? '')?.document : undefined;
    expect(document && undeliveredSince(document)).toBe(NOON + MINUTE);
  });
});
