import { describe, expect, it } from 'vitest';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import { watchAlertGroups } from '../../../src/service/health/undelivered.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

describe('the oldest undelivered entry', () => {
  it('is as old as its enqueue until it is notified', async () => {
    const { engine, add, backend, channel } = world();
    const watched = watchAlertGroups(backend.alertGroups);
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    const ports = engine([testRule({ name: 'boom' })], { backend: { ...backend, alertGroups: watched.alertGroups } });
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'refused' } });
    await turnAt(ports, NOON);
    expect([watched.oldest(), watched.waiting().length]).toEqual([NOON, 1]);
    channel.answer = () => ({ kind: 'delivered' });
    await turnAt(ports, NOON + MINUTE);
    expect([watched.oldest(), watched.waiting()]).toEqual([undefined, []]);
  });

  it('is not that of an alert group that someone deleted, and no turn wakes for one', async () => {
    const { engine, add, backend, channel } = world();
    let stored = backend.alertGroups;
    const watched = watchAlertGroups({
      ...backend.alertGroups,
      load: (ids) => stored.load(ids),
      save: (writes) => stored.save(writes),
      due: (before, limit) => stored.due(before, limit),
    });
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    const ports = engine([testRule({ name: 'boom' })], { backend: { ...backend, alertGroups: watched.alertGroups } });
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'refused' } });
    await turnAt(ports, NOON);
    expect([watched.waiting().length, ports.session.dues.size]).toEqual([1, 1]);
    stored = world().backend.alertGroups;
    await turn(openTurn({ now: NOON + 30 * MINUTE, due: [], sweep: false }, ports, new AbortController().signal));
    expect([watched.oldest(), watched.waiting(), ports.session.dues.size]).toEqual([undefined, [], 0]);
  });

  it('does not count what a silence holds back', async () => {
    const { engine, add, backend } = world();
    const watched = watchAlertGroups(backend.alertGroups);
    add('logs-app', { '@timestamp': new Date(NOON - MINUTE).toISOString(), message: 'x' });
    const silence = {
      v: 1,
      id: 's',
      starts_at: NOON - MINUTE,
      ends_at: NOON + 60 * MINUTE,
      created_by: 'a',
      comment: 'quiet',
    } as const;
    await backend.silences.put({ ...silence, matchers: [{ label: 'alertname', op: '=', value: 'boom' }] });
    const ports = engine([testRule({ name: 'boom' })], { backend: { ...backend, alertGroups: watched.alertGroups } });
    await turnAt(ports, NOON);
    expect(watched.oldest()).toBeUndefined();
  });
});
