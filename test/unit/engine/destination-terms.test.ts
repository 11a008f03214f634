import { describe, expect, it } from 'vitest';
import type { DestinationTerms } from '../../../src/channels/channel.ts';
import { takePlace } from '../../../src/notify/rate.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });

/** Services that fail at noon, each in an alert group of its own, and recover; what `team` gets on these terms, by minute. */
async function told(terms: DestinationTerms, services: readonly string[] = ['web']): Promise<readonly string[]> {
  const { engine, add, channel } = world();
  add(
    'logs-app',
    ...services.map((name) => ({ '@timestamp': new Date(NOON).toISOString(), 'service.name': name, message: 'boom' })),
  );
  const routing = plainRouting({ groupBy: ['...'] });
  const destination = (id: string) => ({ channel: channel.channel, options: { id }, ...terms });
  await play(engine([RULE], { routing, destination }), NOON - 1, NOON + 60 * MINUTE);
  // A message that waits for long is a health alert of its own.
  const told = channel.got.filter(({ message }) => message.alerts.every(({ rule }) => rule === 'boom'));
  return told.map(({ at, message }) => `${Math.round((at - NOON) / MINUTE)} ${message.reason}`);
}

describe('a destination with send_resolved: false', () => {
  it('hears of what fires and not of its end', async () => {
    expect(await told({})).toEqual([expect.stringMatching(/first$/), expect.stringMatching(/resolved$/)]);
    expect(await told({ sendResolved: false })).toEqual([expect.stringMatching(/first$/)]);
  });
});

describe('a destination with a rate_limit', () => {
  const services = ['a', 'b', 'c', 'd', 'e'];

  it('gets all messages, never more in that time', async () => {
    const free = await told({ sendResolved: false }, services);
    expect(free).toHaveLength(5);
    const limited = await told({ sendResolved: false, rate: { count: 2, per: 10 * MINUTE } }, services);
    expect(limited).toHaveLength(5);
    const minutes = limited.map((line) => Number(line.split(' ')[0]));
    for (const at of minutes) expect(minutes.filter((other) => other >= at && other < at + 10).length).toBeLessThanOrEqual(2);
  });

  it('has places that become free one by one', () => {
    const sent = new Map<string, readonly number[]>();
    const rate = { rate: { count: 2, per: 1_000 } };
    const at = (now: number) => takePlace('d', rate, now, sent);
    expect([at(0), at(400), at(500), at(999), at(1_000), at(1_001), at(1_400)]).toEqual([0, 0, 500, 1, 0, 399, 0]);
  });

  it('waits for one interval at most when the clock was turned back', () => {
    const sent = new Map<string, readonly number[]>();
    expect(takePlace('d', { rate: { count: 1, per: 1_000 } }, 1_000_000, sent)).toBe(0);
    expect(takePlace('d', { rate: { count: 1, per: 1_000 } }, 0, sent)).toBe(1_000);
  });

  it('that is removed leaves nothing behind', () => {
    const sent = new Map<string, readonly number[]>();
    takePlace('d', { rate: { count: 1, per: 1_000 } }, 0, sent);
    expect([takePlace('d', {}, 1, sent), sent.size]).toEqual([0, 0]);
  });
});
