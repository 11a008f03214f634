import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/core/time.ts';
import type { ReportedAlert } from '../../../src/engine/alert-list/alert-list.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import { type EventHub, eventHub } from '../../../src/service/web/event-hub.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const SECOND = 1_000;

/** A hub with what other replicas show, and a client that notes the kinds of its events. */
function stage(others = true) {
  const clock = manualClock(NOON);
  const shown = { alerts: [] as ReportedAlert[], silences: [] as Silence[], reads: 0 };
  const hub = eventHub({
    clock,
    replica: 'a',
    others: () => {
      if (!others) return undefined;
      shown.reads++;
      const report = { now: clock.now(), namespace: 'shop', rules: 1, matchers: [], alerts: shown.alerts, unreadable: [] };
      return Promise.resolve({ report });
    },
    silences: async () => ({ ok: true, value: shown.silences }),
  });
  const wait = async (seconds: number) => {
    for (let left = seconds; left > 0; left--) {
      clock.set(clock.now() + SECOND);
      hub.poll();
      await Promise.resolve().then(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { hub, shown, wait };
}

function client(hub: EventHub, lastId?: string) {
  const texts: string[] = [];
  const state = { alive: true, ended: false };
  const accepted = hub.follow(
    {
      send: (text) => state.alive && texts.push(text) > 0,
      end: () => {
        state.ended = true;
      },
    },
    lastId,
  );
  const events = () => texts.flatMap((text) => [...text.matchAll(/^event: (.*)$/gm)].map(([, kind]) => kind));
  const ids = () => texts.flatMap((text) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id));
  return { texts, state, accepted, events, ids };
}

const alert = (parts: Partial<ReportedAlert> = {}): ReportedAlert => ({
  ...{ rule: 'boom', id: 'a1', status: 'firing', severity: 'critical', group: {}, title: 'boom', labels: {}, values: {} },
  ...{ condition: '', since: NOON, episode: 'e1', notified: [] },
  ...parts,
});

const silenced = (id: string) => hubChange(id);
const hubChange = (silence: string) => ({ silence, done: 'saved', by: 'kim' }) as const;

describe('the hub of events', () => {
  it('publishes what a turn changed: alerts and messages', async () => {
    const { engine, add } = world();
    add('logs-app', { '@timestamp': new Date(NOON + MINUTE - SECOND).toISOString() });
    const { hub } = stage();
    const one = client(hub);
    for (const log of await play(engine([testRule({ name: 'boom', window: MINUTE })]), NOON, NOON + 3 * MINUTE)) hub.turn(log);
    expect(one.events()).toEqual(expect.arrayContaining(['alert', 'notification']));
    expect(one.texts.join('')).toContain('"rule":"boom","change":"firing","status":"firing","severity":"warning"');
  });

  it('publishes what other replicas did, by comparing, and what this one published not again', async () => {
    const { hub, shown, wait } = stage();
    const one = client(hub);
    await wait(2);
    shown.alerts.push(alert());
    await wait(12);
    expect(one.events()).toEqual(['alert']);
    shown.alerts[0] = alert({ severity: 'warning' });
    await wait(12);
    shown.alerts.length = 0;
    await wait(12);
    expect(one.events()).toEqual(['alert', 'alert', 'alert']);
    expect(one.texts.at(-1)).toContain('"status":"inactive"');
  });

  it('publishes who works on alerts, here and on other replicas', async () => {
    const { hub, shown, wait } = stage();
    shown.alerts.push(alert());
    const one = client(hub);
    await wait(12);
    hub.acknowledged([alert()], 'acknowledged', 'kim');
    expect(one.events()).toEqual(['alert']);
    expect(one.texts.at(-1)).toContain('"change":"acknowledged","by":"kim"');
    shown.alerts[0] = alert({ acknowledged: { by: 'sam', at: NOON, comment: 'c' } });
    await wait(12);
    expect(one.events()).toEqual(['alert', 'alert']);
  });

  it('reads nothing without clients, and nothing of others where there are none', async () => {
    const { hub, shown, wait } = stage();
    await wait(30);
    expect(shown.reads).toBe(0);
    client(hub);
    await wait(30);
    expect(shown.reads).toBe(3);
    const alone = stage(false);
    const one = client(alone.hub);
    alone.shown.alerts.push(alert());
    await alone.wait(30);
    expect(one.events()).toEqual([]);
  });

  it('of very much at once says to read everything again', async () => {
    const { hub, shown, wait } = stage();
    const one = client(hub);
    await wait(2);
    for (let i = 0; i < 1_000; i++) shown.alerts.push(alert({ id: `a${i}` }));
    await wait(12);
    expect(one.events()).toEqual(['reload']);
  });

  it('shows signs of life', async () => {
    const { hub, wait } = stage(false);
    const one = client(hub);
    await wait(40);
    expect(one.texts.filter((text) => text.startsWith(': still there'))).toHaveLength(2);
  });

  it('goes on after the last event that a client has seen, or says to read again', () => {
    const { hub } = stage();
    const first = client(hub);
    hub.silence(silenced('s1'));
    hub.silence(silenced('s2'));
    const [greeted, last, newest] = first.ids();
    // One that has seen no event when it loses its connection: it has missed both.
    expect(client(hub, greeted).events()).toEqual(['silence', 'silence']);
    expect(client(hub, last).events()).toEqual(['silence']);
    expect(client(hub, newest).events()).toEqual([]);
    for (const id of ['b-1', 'a-99', 'a-x', 'a--5', '']) expect([id, client(hub, id).events()]).toEqual([id, ['reload']]);
    for (let i = 0; i < 600; i++) hub.silence(silenced(`s${i}`));
    expect(client(hub, last).events()).toEqual(['reload']);
  });

  it('has room for 250 clients, and forgets those that are gone', () => {
    const { hub } = stage();
    const all = Array.from({ length: 250 }, () => client(hub));
    expect(all.every(({ accepted }) => accepted)).toBe(true);
    expect(client(hub).accepted).toBe(false);
    for (const { state } of all.slice(0, 10)) state.alive = false;
    hub.silence(silenced('s1'));
    expect(hub.clients()).toBe(240);
    expect(client(hub).accepted).toBe(true);
    hub.close();
    expect([hub.clients(), all[20]?.state.ended]).toEqual([0, true]);
  });
});
