import { describe, expect, test } from 'vitest';
import { expireSilence } from '../../../src/notify/silence-changes.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, type World, world } from '../../support/engine/world.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical' } });
const routing = plainRouting({ groupInterval: 0 });

function silence(from: number, to: number, more: Partial<Silence> = {}): Silence {
  const times = { starts_at: NOON + from * MINUTE, ends_at: NOON + to * MINUTE };
  const matchers = [{ label: 'service', op: '=' as const, value: 'a' }];
  return { v: 1, id: 'one', matchers, ...times, created_by: 'kim', comment: 'upgrade', ...more };
}

/** A service that is down in the minutes of a span. */
function down({ add }: World, service: string, from: number, to: number): void {
  for (let minute = from; minute < to; minute++)
    add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
}

/** What was sent and its notes, without the time: `team [FIRING] boom: a | Silence …`. */
const told = ({ channel }: World) =>
  heard(channel).map((text, index) => [text, ...(channel.got[index]?.message.notes ?? [])].join(' | '));
const ENDED = 'Silence one by kim has ended: upgrade';

describe('the end of a silence', () => {
  test('is announced to those who were notified before it, while the alert still fires: once, whichever replicas and restarts there are', async () => {
    const one = world();
    down(one, 'a', 0, 60);
    await one.backend.silences.put(silence(3, 10));
    await play(one.engine([RULE], { routing }), NOON - MINUTE, NOON + 12 * MINUTE);
    expect(told(one)).toEqual([
      '12:01 team [FIRING] boom: a',
      expect.stringMatching(/^12:1[01] team \[FIRING, still\] boom: a \| /),
    ]);
    expect(told(one)[1]).toContain(ENDED);
    // Others that begin with nothing in memory, and one that goes on.
    for (const minute of [13, 20, 29]) await turnAt(one.engine([RULE], { routing }), NOON + minute * MINUTE);
    expect(told(one)).toHaveLength(2);
  });

  test('is said with the message about what began during it', async () => {
    const one = world();
    down(one, 'a', 4, 60);
    await one.backend.silences.put(silence(3, 10));
    await play(one.engine([RULE], { routing }), NOON - MINUTE, NOON + 20 * MINUTE);
    expect(told(one)).toEqual([
      expect.stringMatching(/^12:1[01] team \[FIRING\] boom: a \| Silence one by kim has ended: upgrade/),
    ]);
  });

  test('is announced as soon as a command ends it', async () => {
    const one = world();
    down(one, 'a', 0, 60);
    await one.backend.silences.put(silence(2, 50));
    const ports = one.engine([RULE], { routing });
    await play(ports, NOON - MINUTE, NOON + 10 * MINUTE);
    const expired = expireSilence(silence(2, 50), NOON + 10 * MINUTE + 1);
    if (!expired.ok) throw new Error(expired.message);
    await one.backend.silences.put(expired.silence);
    await play(ports, NOON + 10 * MINUTE, NOON + 13 * MINUTE);
    expect(told(one)).toEqual(['12:01 team [FIRING] boom: a', expect.stringContaining(ENDED)]);
  });

  test.each([
    ['nothing of it fires any more', 8, {}],
    ['another silence goes on', 60, { second: silence(3, 50, { id: 'two' }) }],
    ['it never began', 60, { only: silence(9, 9 + 1 / MINUTE) }],
    ['it matched something else', 60, { only: silence(3, 10, { matchers: [{ label: 'service', op: '=', value: 'b' }] }) }],
  ])('is not announced where %s', async (_why, until, { second, only }: { second?: Silence; only?: Silence }) => {
    const one = world();
    down(one, 'a', 0, until);
    await one.backend.silences.put(only ?? silence(3, 10));
    if (second !== undefined) await one.backend.silences.put(second);
    await play(one.engine([RULE], { routing }), NOON - MINUTE, NOON + 20 * MINUTE);
    expect(told(one).filter((text) => text.includes('has ended'))).toEqual([]);
  });

  test('is announced again where the message was refused', async () => {
    const one = world();
    down(one, 'a', 0, 60);
    await one.backend.silences.put(silence(3, 10));
    const ports = one.engine([RULE], { routing });
    await play(ports, NOON - MINUTE, NOON + 9 * MINUTE);
    one.channel.answer = () => ({ kind: 'rejected', reason: { kind: 'config', text: 'no' } });
    await play(ports, NOON + 9 * MINUTE, NOON + 11 * MINUTE);
    one.channel.answer = () => ({ kind: 'delivered' });
    await play(ports, NOON + 11 * MINUTE, NOON + 20 * MINUTE);
    const announced = told(one).filter((text) => text.startsWith('12:') && text.includes('boom: a') && text.includes(ENDED));
    expect(announced.length).toBeGreaterThanOrEqual(1);
  });
});

describe('the announcement of an end', () => {
  test('takes a reminder along that is due, and is no reminder itself: the intervals begin again', async () => {
    const one = world();
    down(one, 'a', 0, 200);
    const growing = plainRouting({
      groupInterval: MINUTE,
      repeatInterval: 10 * MINUTE,
      repeatGrowth: { factor: 3, max: 1_000 * MINUTE },
    });
    await one.backend.silences.put(silence(2, 45));
    await play(one.engine([RULE], { routing: growing }), NOON - MINUTE, NOON + 100 * MINUTE);
    expect(one.channel.got.map(({ at, message }) => [(at - NOON) / MINUTE, message.notes.includes(ENDED)])).toEqual([
      [1, false],
      [45, true],
      [55, false],
      [85, false],
    ]);
  });

  test('is left to the message about what began meanwhile, and does not stand in one about others', async () => {
    const one = world();
    down(one, 'a', 4, 60);
    down(one, 'b', 0, 60);
    await one.backend.silences.put(silence(3, 10));
    const slow = plainRouting({ groupInterval: 25 * MINUTE });
    await play(one.engine([RULE], { routing: slow }), NOON - MINUTE, NOON + 40 * MINUTE);
    expect(told(one)).toEqual([
      '12:01 team [FIRING] boom: b',
      expect.stringMatching(/^12:26 team \[FIRING:2\] boom.* \| Silence one by kim has ended/),
    ]);
  });

  test('reaches the receiver that the silence names although its alert group could not be written at first', async () => {
    let broken = true;
    const one = world();
    const { backend } = one;
    const alertGroups: typeof backend.alertGroups = {
      ...backend.alertGroups,
      save: async (writes) =>
        broken && writes.some(({ document }) => document.receiver === 'other')
          ? writes.map(() => ({ kind: 'unclear' as const, message: 'no answer' }))
          : backend.alertGroups.save(writes),
    };
    down(one, 'a', 0, 60);
    await backend.silences.put(silence(3, 10, { notify: 'other' }));
    const ports = one.engine([RULE], { routing, backend: { ...backend, alertGroups } });
    const others = () => one.channel.got.filter(({ destination }) => destination.startsWith('other/'));
    await play(ports, NOON - MINUTE, NOON + 12 * MINUTE);
    expect(others()).toEqual([]);
    broken = false;
    await play(ports, NOON + 12 * MINUTE, NOON + 15 * MINUTE);
    expect(others().map(({ message }) => message.status)).toEqual(['event']);
  });
});

describe('the receiver that a silence names', () => {
  test('is notified once when it ends while something fires that it matched', async () => {
    const one = world();
    down(one, 'a', 0, 60);
    await one.backend.silences.put(silence(3, 10, { notify: 'other' }));
    await play(one.engine([RULE], { routing }), NOON - MINUTE, NOON + 12 * MINUTE);
    for (const minute of [13, 20]) await turnAt(one.engine([RULE], { routing }), NOON + minute * MINUTE);
    const other = one.channel.got.filter(({ destination }) => destination.startsWith('other/'));
    expect(other.map(({ message }) => [message.status, message.alerts[0]?.title])).toEqual([
      ['event', 'Tocsin: silence one has ended while alerts still fire'],
    ]);
    expect(other[0]?.message.alerts[0]?.text).toContain(
      'One alert still fires: boom (service=a). The silence was added by kim: upgrade',
    );
  });

  test('hears nothing where nothing fires, or what fires began later', async () => {
    const one = world();
    down(one, 'a', 15, 60);
    await one.backend.silences.put(silence(3, 10, { notify: 'other' }));
    await play(one.engine([RULE], { routing }), NOON - MINUTE, NOON + 20 * MINUTE);
    expect(told(one)).toEqual(['12:16 team [FIRING] boom: a']);
  });
});
