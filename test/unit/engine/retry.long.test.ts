import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/channels/channel.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import type { Route, Routing } from '../../../src/routing/route.ts';
import type { TestChannel } from '../../support/engine/test-channel.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';

const FORBIDDEN: Outcome = { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 403: invalid_token' } };
const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });

/** Health alerts go elsewhere, so that the messages of the one rule are alone with their receiver. */
function routingOf(given: Partial<Route> = {}): Routing {
  const { root, destinations } = plainRouting(given);
  const health = { label: 'alertname', op: '=', value: 'TocsinHealth' } as const;
  return {
    root: { ...root, routes: [{ ...root, key: '{}/health', receiver: 'meta', matchers: [health], routes: [] }] },
    destinations,
  };
}

/** What `team` received. */
function toTeam(channel: TestChannel): readonly string[] {
  return heard(channel).filter((line) => line.includes(' team '));
}

/** An alert that fires from noon on for `minutes`, and a receiver that refuses everything until it is told otherwise. */
function scene(minutes: number) {
  const { engine, add, channel, backend } = world();
  const documents = Array.from({ length: minutes }, (_, minute) => ({
    '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
    'service.name': 'web',
    message: 'boom',
  }));
  add('logs-app', ...documents);
  const attempts: { readonly at: number; readonly destination: string }[] = [];
  const refusing = new Set(['team/test/0']);
  const { send } = channel.channel;
  channel.channel = {
    ...channel.channel,
    send: async (payload, options, io, signal) => {
      const destination = String((options as { readonly id: string }).id);
      attempts.push({ at: io.now, destination });
      return refusing.has(destination) ? FORBIDDEN : send(payload, options, io, signal);
    },
  };
  const minutesOf = (destination: string) =>
    attempts.filter((one) => one.destination === destination).map(({ at }) => (at - NOON) / MINUTE);
  return { engine, channel, backend, refusing, minutesOf };
}

async function healthAlerts({ states }: TurnPorts): Promise<readonly string[]> {
  const loaded = await states.load([HEALTH_RULE_ID], new Map());
  if (!loaded.ok) throw new Error(loaded.message);
  return Object.values(loaded.value.get(HEALTH_RULE_ID)?.document.alerts ?? {}).map(({ group }) => group['subject'] ?? '');
}

describe('a first message that is refused', () => {
  const routing = routingOf({ repeatInterval: 30 * MINUTE });

  it('is tried again after 1, 5 and 15 minutes, and then every hour, while nothing changes', async () => {
    const { engine, minutesOf } = scene(300);
    await play(engine([RULE], { routing }), NOON - 1, NOON + 240 * MINUTE);
    expect(minutesOf('team/test/0')).toEqual([1, 2, 7, 22, 82, 142, 202]);
  });

  it('never waits longer than repeat_interval, where that is more than an hour', async () => {
    const { engine, minutesOf } = scene(600);
    await play(engine([RULE], { routing: routingOf({ repeatInterval: 120 * MINUTE }) }), NOON - 1, NOON + 400 * MINUTE);
    expect(minutesOf('team/test/0')).toEqual([1, 2, 7, 22, 142, 262, 382]);
  });

  it('is sent as soon as the receiver takes it, as one message about the present', async () => {
    const { engine, channel, refusing } = scene(30);
    const ports = engine([RULE], { routing });
    await play(ports, NOON - 1, NOON + 4 * MINUTE);
    refusing.clear();
    await play(ports, NOON + 4 * MINUTE, NOON + 60 * MINUTE);
    expect(toTeam(channel)).toEqual(['12:07 team [FIRING] boom: web', '12:31 team [RESOLVED] boom: web']);
  });

  it('says that it fired and is over, where it is over by then', async () => {
    const { engine, channel, refusing } = scene(3);
    const ports = engine([RULE], { routing });
    await play(ports, NOON - 1, NOON + 10 * MINUTE);
    refusing.clear();
    await play(ports, NOON + 10 * MINUTE, NOON + 60 * MINUTE);
    expect(toTeam(channel).map((line) => line.slice(6))).toEqual(['team [ENDED] boom: web']);
  });

  it('is tried again once by each start, and at once', async () => {
    const { engine, minutesOf } = scene(300);
    await play(engine([RULE], { routing }), NOON - 1, NOON + 30 * MINUTE);
    const next = engine([RULE], { routing });
    for (const at of [30, 31]) await turnAt(next, NOON + at * MINUTE + 1_000);
    expect(minutesOf('team/test/0').slice(4)).toEqual([30 + 1 / 60, 31 + 1 / 60].slice(0, 2));
    expect(minutesOf('team/test/0').slice(0, 4)).toEqual([1, 2, 7, 22]);
  });

  it('is tried again at once when the configuration of its destination changes, and only then', async () => {
    const { engine, channel, refusing, minutesOf } = scene(300);
    const ports = engine([RULE], { routing });
    await play(ports, NOON - 1, NOON + 30 * MINUTE);
    const before = minutesOf('team/test/0').length;
    ports.session.again.add('other/test/0');
    await turnAt(ports, NOON + 30 * MINUTE + 1_000);
    expect(minutesOf('team/test/0')).toHaveLength(before);
    refusing.clear();
    ports.session.again.add('team/test/0');
    await turnAt(ports, NOON + 30 * MINUTE + 2_000);
    expect(toTeam(channel)).toEqual(['12:30 team [FIRING] boom: web']);
  });

  it('waits while its alert is silenced, and is sent when the silence is over', async () => {
    const { engine, channel, refusing, backend } = scene(300);
    const ports = engine([RULE], { routing });
    await play(ports, NOON - 1, NOON + 90_000);
    const silence: Silence = {
      v: 1,
      created_by: 'test',
      comment: 'test',
      id: 's',
      matchers: [{ label: 'service.name', op: '=', value: 'web' }],
      starts_at: NOON,
      ends_at: NOON + 40 * MINUTE,
    };
    refusing.clear();
    const silenced = {
      ...ports,
      silences: {
        ...backend.silences,
        list: async (now: number) => ({ ok: true as const, value: now < silence.ends_at ? [silence] : [] }),
      },
    };
    await play(silenced, NOON + 90_000, NOON + 39 * MINUTE);
    expect(toTeam(channel)).toEqual([]);
    await play(silenced, NOON + 39 * MINUTE, NOON + 60 * MINUTE);
    expect(toTeam(channel).map((line) => line.slice(6))[0]).toBe('team [FIRING] boom: web');
  });

  it('has a health alert that ends with the first success, and with nothing else', async () => {
    const { engine, refusing } = scene(300);
    const ports = engine([RULE], { routing, meta: 'meta' });
    await play(ports, NOON - 1, NOON + 60 * MINUTE);
    expect(await healthAlerts(ports)).toEqual(['team/test/0']);
    refusing.clear();
    await play(ports, NOON + 60 * MINUTE, NOON + 120 * MINUTE);
    expect(await healthAlerts(ports)).toEqual([]);
  });
});

describe('a reminder that is refused', () => {
  it('is tried again like a first message', async () => {
    const { engine, refusing, minutesOf } = scene(300);
    refusing.clear();
    const ports = engine([RULE], { routing: routingOf({ repeatInterval: 60 * MINUTE }) });
    await play(ports, NOON - 1, NOON + 30 * MINUTE);
    refusing.add('team/test/0');
    await play(ports, NOON + 30 * MINUTE, NOON + 75 * MINUTE);
    expect(minutesOf('team/test/0')).toEqual([1, 61, 62, 67]);
  });
});

describe('a message that was given up', () => {
  it('is tried again as well', async () => {
    const { engine, channel, add } = world();
    const documents = Array.from({ length: 90 }, (_, minute) => ({
      '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
      'service.name': 'web',
      message: 'boom',
    }));
    add('logs-app', ...documents);
    channel.answer = ({ receiver }, attempt) =>
      receiver === 'team' && attempt < 8
        ? { kind: 'retry', reason: { kind: 'network', text: 'no route' } }
        : { kind: 'delivered' };
    const delivery = { giveUpAfter: 2 * MINUTE, sendTimeout: 20_000, lease: MINUTE };
    await play(engine([RULE], { delivery, routing: routingOf() }), NOON - 1, NOON + 80 * MINUTE);
    expect(toTeam(channel)[0]?.slice(6)).toBe('team [FIRING] boom: web');
  });
});

describe('a message that a clock ahead has claimed', () => {
  const YEAR = 365 * 24 * 60 * MINUTE;

  it.each([
    ['its lease', { until: NOON + YEAR, retry_at: null }],
    ['its next attempt', { until: null, retry_at: NOON + YEAR }],
  ])('is sent soon, whatever %s says', async (_name, ahead) => {
    const { engine, backend, refusing, minutesOf } = scene(30);
    refusing.clear();
    const ports = engine([RULE], { routing: routingOf() });
    await play(ports, NOON - 1, NOON + 3 * MINUTE);
    const before = minutesOf('team/test/0').length;
    // As a process left it that was killed while its clock was wrong.
    const listed = await backend.alertGroups.due(NOON + YEAR, 100);
    if (!listed.ok) throw new Error(listed.message);
    const loaded = await backend.alertGroups.load(listed.value.ids);
    if (!loaded.ok) throw new Error(loaded.message);
    for (const [id, { document, version }] of loaded.value) {
      const facts = { reminder: true, entries: [], also: document.alerts, incident: document.incident ?? 'i' };
      const inflight = { id: 'm', covers: {}, facts, since: NOON, attempts: 1, token: 'gone', ...ahead };
      await backend.alertGroups.save([{ id, document: { ...document, inflight, due: NOON + YEAR }, version }]);
    }
    await play(engine([RULE], { routing: routingOf() }), NOON + 4 * MINUTE, NOON + 6 * MINUTE);
    expect(minutesOf('team/test/0').length).toBeGreaterThan(before);
  });
});
