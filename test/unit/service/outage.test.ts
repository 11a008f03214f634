import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/core/time.ts';
import { createOutage, type OutageWords } from '../../../src/service/health/outage.ts';
import { heard, MINUTE, NOON, plainRouting, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const WORDS: OutageWords = {
  subject: 'store',
  began: 'it began',
  stays: 'it stays',
  ended: (lasted) => `it ended after ${lasted}`,
  firing: { title: 'away', text: (since, problem) => `since ${since}: ${problem}` },
  resolved: { title: 'back', text: (lasted) => `after ${lasted}` },
};

/** An outage beside a meta receiver with two destinations, each of which answers or does not. */
function stage() {
  const { engine, channel } = world();
  const clock = manualClock(NOON);
  const { log, lines } = capturedLog();
  const down = new Set<string>();
  const gate: { now: Promise<void> | undefined } = { now: undefined };
  const { send } = channel.channel;
  channel.channel = {
    ...channel.channel,
    send: async (payload, options, io, signal) => {
      const id = String((options as { readonly id: string }).id);
      await gate.now;
      if (down.has(id)) return { kind: 'retry', reason: { kind: 'server_error', text: 'HTTP 503' } };
      return send(payload, options, io, signal);
    },
  };
  const destinations = { meta: ['a', 'b'].map((id) => ({ id, receiver: 'meta', channel: 'test' })) };
  const ports = engine([], { meta: 'meta', clock, routing: { ...plainRouting(), destinations } });
  const outage = createOutage({ clock, log, ports: () => ports, signal: new AbortController().signal });
  const pollUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      outage.poll();
      await new Promise(setImmediate);
    }
  };
  return { outage, pollUntil, down, gate, lines, heard: () => heard(channel) };
}

describe('an outage that lasts', () => {
  it('is reported again to the destinations of the meta receiver that could not be notified, and its end to all that were', async () => {
    const { outage, pollUntil, down, lines, heard } = stage();
    down.add('b');
    outage.is('no answer', WORDS);
    await pollUntil(NOON + 5 * MINUTE);
    expect(heard()).toEqual(['12:01 a [FIRING] away']);
    down.clear();
    await pollUntil(NOON + 12 * MINUTE);
    expect(heard().slice(1)).toEqual([expect.stringMatching(/^12:0[5-9] b \[FIRING\] away$/)]);
    outage.is(undefined, WORDS);
    await pollUntil(NOON + 13 * MINUTE);
    expect(heard().slice(2)).toEqual(['12:12 a [RESOLVED] back', '12:12 b [RESOLVED] back']);
    expect(lines().filter((line) => line.startsWith('error'))).toEqual([
      'error: it stays',
      'error: the meta receiver could not be notified; it is tried again at growing intervals',
    ]);
  });

  it('is not resolved where nobody has heard of it', async () => {
    const { outage, pollUntil, down, heard } = stage();
    down.add('a').add('b');
    outage.is('no answer', WORDS);
    await pollUntil(NOON + 5 * MINUTE);
    outage.is(undefined, WORDS);
    down.clear();
    await pollUntil(NOON + 30 * MINUTE);
    expect(heard()).toEqual([]);
  });

  it('has an end that is tried again too', async () => {
    const { outage, pollUntil, down, heard } = stage();
    outage.is('no answer', WORDS);
    await pollUntil(NOON + 2 * MINUTE);
    down.add('a');
    outage.is(undefined, WORDS);
    await pollUntil(NOON + 4 * MINUTE);
    down.clear();
    await pollUntil(NOON + 10 * MINUTE);
    const ends = heard().filter((line) => line.includes('RESOLVED'));
    expect(ends).toEqual(['12:02 b [RESOLVED] back', expect.stringMatching(/^12:0[4-9] a \[RESOLVED\] back$/)]);
  });

  it('is resolved where the message about it was on its way when it ended', async () => {
    const { outage, pollUntil, gate, heard } = stage();
    let letGo: () => void = () => undefined;
    gate.now = new Promise((resolve) => {
      letGo = resolve;
    });
    outage.is('no answer', WORDS);
    await pollUntil(NOON + MINUTE);
    outage.is(undefined, WORDS);
    await pollUntil(NOON + 2 * MINUTE);
    expect(heard()).toEqual([]);
    letGo();
    await pollUntil(NOON + 3 * MINUTE);
    expect(heard().map((line) => line.slice(6))).toEqual([
      'a [FIRING] away',
      'b [FIRING] away',
      'a [RESOLVED] back',
      'b [RESOLVED] back',
    ]);
  });
});
