import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/channels/channel.ts';
import { manualClock } from '../../../src/core/time.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { SENDS_TO_ONE } from '../../../src/engine/send-limits.ts';
import { turn } from '../../../src/engine/turn.ts';
import type { EvaluatedPart } from '../../../src/engine/turn-context.ts';
import { createScheduler, type FinishedTurn } from '../../../src/service/scheduler/scheduler.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const SECOND = 1_000;
const GROUPS = 40;
const TIMED_OUT: Outcome = { kind: 'unknown', reason: { kind: 'timeout', text: 'no answer in time' } };

/** Forty alerts of one rule, each an alert group of its own with `team`, whose channel hangs until it is let go, and with `other`. */
function scene() {
  const { add, engine, channel } = world();
  const documents = Array.from({ length: GROUPS }, (_, index) => ({
    '@timestamp': new Date(NOON - SECOND).toISOString(),
    'service.name': `s${index}`,
    message: 'boom',
  }));
  const rule = testRule({ name: 'boom', groupBy: ['service.name'], receivers: ['team', 'other'], window: 5 * MINUTE });
  let letGo: (outcome: Outcome) => void = () => undefined;
  const gate = new Promise<Outcome>((resolve) => {
    letGo = resolve;
  });
  const hanging = { attempts: 0 };
  const hang = () => {
    hanging.attempts++;
    return gate;
  };
  const clock = manualClock(NOON);
  const ports = engine([rule], {
    clock,
    routing: plainRouting({ groupBy: ['service.name'] }),
    destination: (id) =>
      id.startsWith('team')
        ? { channel: { ...channel.channel, send: hang }, options: { id } }
        : { channel: channel.channel, options: { id } },
  });
  add('logs-app', ...documents);
  return { ports, rule, channel, clock, hanging, letGo, add };
}

const settled = async () => {
  for (let round = 0; round < 20; round++) await new Promise(setImmediate);
};

describe('a receiver that hangs', () => {
  it('keeps nobody else waiting, and is asked by a few at a time', async () => {
    const { ports, rule, channel, hanging, letGo } = scene();
    const running = turn(openTurn({ now: NOON, due: [rule], sweep: true }, ports, new AbortController().signal));
    await settled();
    expect(channel.got).toHaveLength(GROUPS);
    expect(hanging.attempts).toBe(SENDS_TO_ONE);
    letGo({ kind: 'delivered' });
    const { notified } = await running;
    expect(notified.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(2 * GROUPS);
  });

  it('does not keep its rule from being evaluated at the next tick, nor others from hearing of that', async () => {
    const { ports, channel, clock, letGo, add } = scene();
    const finished: FinishedTurn[] = [];
    const skipped: string[] = [];
    const evaluated: number[] = [];
    const listener = {
      evaluated: ({ runs }: EvaluatedPart) => void evaluated.push(...runs.map(({ at }) => at - NOON)),
      finished: (one: FinishedTurn) => void finished.push(one),
      broke: (error: Error) => expect.fail(error.message),
      skipped: (rules: readonly { readonly id: string }[]) => void skipped.push(...rules.map(({ id }) => id)),
    };
    const scheduler = createScheduler(ports, clock, listener);
    scheduler.poll();
    await settled();
    add('logs-app', { '@timestamp': new Date(NOON + SECOND).toISOString(), 'service.name': 'later', message: 'boom' });
    for (let second = 1; second <= 70; second++) {
      clock.set(NOON + second * SECOND);
      scheduler.poll();
      await settled();
    }
    expect(skipped).toEqual([]);
    expect(channel.got.map(({ message }) => titleText(message.title)).filter((title) => title.includes('later'))).toHaveLength(1);
    // Reported as they happen, though their turns still wait.
    expect(evaluated).toEqual([0, MINUTE]);
    expect(finished.flatMap(({ report }) => report.runs)).toEqual([]);
    letGo({ kind: 'delivered' });
    await scheduler.quiet();
    expect(finished.flatMap(({ report }) => report.runs.map(({ at }) => at - NOON)).sort()).toEqual([0, MINUTE]);
  });

  it('is left alone for the rest of a turn after some failures in a row; what was not tried stays due', async () => {
    const { ports, rule, letGo, hanging } = scene();
    const signal = new AbortController().signal;
    letGo(TIMED_OUT);
    await turn(openTurn({ now: NOON, due: [rule], sweep: true }, ports, signal));
    const after = hanging.attempts;
    const hour = NOON + 60 * MINUTE;
    await turn(openTurn({ now: hour, due: [], sweep: true }, ports, signal));
    expect(hanging.attempts - after).toBeGreaterThanOrEqual(SENDS_TO_ONE);
    expect(hanging.attempts - after).toBeLessThan(2 * SENDS_TO_ONE);
    const { nextWake } = await turn(openTurn({ now: hour + 1, due: [], sweep: true }, ports, signal));
    expect(nextWake).toBeLessThan(hour + 10 * SECOND);
  });
});
