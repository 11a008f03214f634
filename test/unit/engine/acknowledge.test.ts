import { describe, expect, it, test } from 'vitest';
import type { Acknowledgement } from '../../../src/notify/acknowledgements.ts';
import { acknowledgeDesk } from '../../../src/service/acknowledge-desk.ts';
import { ruleStatus } from '../../../src/service/health/status-of.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, type World, world } from '../../support/engine/world.ts';

const levels = [
  { severity: 'critical', condition: 'count >= 10' },
  { severity: 'warning', condition: 'count >= 1' },
];
const rule = testRule({ name: 'errors', window: MINUTE, levels, groupBy: ['host'] });
const routing = plainRouting({ groupInterval: MINUTE, repeatInterval: 10 * MINUTE });

function counted(scene: World, from: number, to: number, count: number, host = 'a'): void {
  for (let minute = from; minute < to; minute++)
    for (let n = 0; n < count; n++)
      scene.add('logs-a', { '@timestamp': new Date(NOON + minute * MINUTE + n).toISOString(), host });
}

function deskOf(scene: World, now: number) {
  return acknowledgeDesk({ stores: scene.backend, namespace: 'default', rules: [rule], clock: { now: () => now } });
}

const all = { matchers: [] };
const anna = { by: 'anna', comment: 'restarting the database' };

async function acknowledged(scene: World, minute: number): Promise<void> {
  const answer = await deskOf(scene, NOON + minute * MINUTE).acknowledge(all, anna);
  expect(answer.kind).toBe('done');
}

const factsOf = ({ channel }: World) =>
  channel.got.map(({ message }) => message.alerts[0]?.facts.find(({ label }) => label === 'acknowledged')?.value);

describe('an acknowledged alert', () => {
  it('is not reminded of, on any replica and after a restart, and its end says who worked on it', async () => {
    const scene = world();
    counted(scene, 0, 60, 1);
    await play(scene.engine([rule], { routing }), NOON, NOON + 15 * MINUTE);
    await acknowledged(scene, 15);
    await play(scene.engine([rule], { routing }), NOON + 15 * MINUTE, NOON + 40 * MINUTE);
    await play(scene.engine([rule], { routing }), NOON + 40 * MINUTE, NOON + 70 * MINUTE);
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors: a',
      '12:11 team [FIRING, still] errors: a',
      '13:01 team [RESOLVED] errors: a',
    ]);
    expect(factsOf(scene).at(-1)).toBe('by anna, 2026-01-01 12:15:00 UTC: restarting the database');
    expect(scene.channel.got.at(-1)?.message.alerts[0]?.acknowledged).toEqual({ ...anna, at: NOON + 15 * MINUTE });
  });

  it('is recorded in the history with who, when and what, and so is its end', async () => {
    const scene = world();
    counted(scene, 0, 60, 1);
    const engine = scene.engine([rule], { routing });
    await play(engine, NOON, NOON + 5 * MINUTE);
    await acknowledged(scene, 5);
    await play(engine, NOON + 5 * MINUTE, NOON + 7 * MINUTE);
    expect(ruleStatus(engine, () => true, NOON + 7 * MINUTE).acknowledged).toBe(1);
    await deskOf(scene, NOON + 7 * MINUTE).expire(all, 'sam');
    await play(engine, NOON + 7 * MINUTE, NOON + 9 * MINUTE);
    expect(ruleStatus(engine, () => true, NOON + 9 * MINUTE).acknowledged).toBe(0);
    const records = scene.backend.history.written('alerts').filter(({ body }) => body['event.kind'] === 'event');
    expect(records.map(({ at, body }) => [(at - NOON) / MINUTE, body['event.action'], body['message']])).toEqual([
      [5, 'alert-acknowledged', `an alert of ${rule.id} is acknowledged by anna: restarting the database`],
      [7, 'acknowledgement-expired', `an alert of ${rule.id} is no longer acknowledged by sam`],
    ]);
  });

  it('that gets worse is news again, and reminded of', async () => {
    const scene = world();
    counted(scene, 0, 20, 1);
    counted(scene, 20, 60, 10);
    await play(scene.engine([rule], { routing }), NOON, NOON + 5 * MINUTE);
    await acknowledged(scene, 5);
    await play(scene.engine([rule], { routing }), NOON + 5 * MINUTE, NOON + 35 * MINUTE);
    expect(heard(scene.channel).map((text) => text.slice(0, 24))).toEqual([
      '12:01 team [FIRING] erro',
      '12:21 team [FIRING] erro',
      '12:31 team [FIRING, stil',
    ]);
    expect(factsOf(scene)[1]).toBe('by anna, 2026-01-01 12:05:00 UTC, before it got worse: restarting the database');
  });

  it('is still news when it is worse, better and worse again', async () => {
    const scene = world();
    counted(scene, 0, 10, 10);
    counted(scene, 10, 20, 1);
    counted(scene, 20, 40, 10);
    await play(scene.engine([rule], { routing }), NOON, NOON + 5 * MINUTE);
    await acknowledged(scene, 5);
    await play(scene.engine([rule], { routing }), NOON + 5 * MINUTE, NOON + 32 * MINUTE);
    expect(scene.channel.got.map(({ message }) => message.reason)).toEqual(['first', 'better', 'worse', 'reminder']);
  });

  it('is another one in its next episode', async () => {
    const scene = world();
    counted(scene, 0, 5, 1);
    counted(scene, 20, 40, 1);
    await play(scene.engine([rule], { routing }), NOON, NOON + 3 * MINUTE);
    await acknowledged(scene, 3);
    await play(scene.engine([rule], { routing }), NOON + 3 * MINUTE, NOON + 32 * MINUTE);
    expect(scene.channel.got.map(({ message }) => message.reason)).toEqual(['first', 'resolved', 'first', 'reminder']);
    expect(factsOf(scene)[3]).toBeUndefined();
  });

  it('stands in messages about others, and makes none', async () => {
    const scene = world();
    counted(scene, 0, 40, 1);
    counted(scene, 20, 40, 1, 'b');
    await play(scene.engine([rule], { routing }), NOON, NOON + 3 * MINUTE);
    await acknowledged(scene, 3);
    await play(scene.engine([rule], { routing }), NOON + 3 * MINUTE, NOON + 22 * MINUTE);
    expect(
      scene.channel.got.map(({ message }) => message.alerts.map(({ group, acknowledged: who }) => [group['host'], who?.by])),
    ).toEqual([
      [['a', undefined]],
      [
        ['b', undefined],
        ['a', 'anna'],
      ],
    ]);
  });

  it('that is taken back is reminded of within ten minutes', async () => {
    const scene = world();
    counted(scene, 0, 60, 1);
    await play(scene.engine([rule], { routing }), NOON, NOON + 3 * MINUTE);
    await acknowledged(scene, 3);
    await play(scene.engine([rule], { routing }), NOON + 3 * MINUTE, NOON + 30 * MINUTE);
    expect(await deskOf(scene, NOON + 30 * MINUTE).expire(all)).toMatchObject({ kind: 'done', alerts: [{ rule: 'errors' }] });
    await play(scene.engine([rule], { routing }), NOON + 30 * MINUTE, NOON + 40 * MINUTE);
    expect(scene.channel.got.map(({ message }) => message.reason)).toEqual(['first', 'reminder']);
  });

  it.each([
    ['what fires', 'the alerts that are no longer acknowledged could not be read: no shard'],
    ['who is notified', 'the receivers of alerts that are no longer acknowledged could not be read: no shard'],
  ])('that is taken back waits for a store that answers, and says so: %s', async (unread, problem) => {
    const scene = world();
    counted(scene, 0, 60, 1);
    let away = false;
    const { ruleStates, alertGroups } = scene.backend;
    const noShard = { ok: false, message: 'no shard' } as const;
    const backend = {
      ...scene.backend,
      ruleStates: {
        ...ruleStates,
        firing: async (...asked: Parameters<typeof ruleStates.firing>) =>
          away && unread === 'what fires' ? noShard : ruleStates.firing(...asked),
      },
      alertGroups: {
        ...alertGroups,
        load: async (...asked: Parameters<typeof alertGroups.load>) =>
          away && unread === 'who is notified' ? noShard : alertGroups.load(...asked),
      },
    };
    const engine = scene.engine([rule], { routing, backend });
    await play(engine, NOON, NOON + 3 * MINUTE);
    await acknowledged(scene, 3);
    await play(engine, NOON + 3 * MINUTE, NOON + 25 * MINUTE);
    expect(scene.channel.got.map(({ message }) => message.reason)).toEqual(['first']);
    await deskOf(scene, NOON + 25 * MINUTE).expire(all);
    away = true;
    for (const second of [10, 20]) {
      const { storeProblems } = await turnAt(engine, NOON + 25 * MINUTE + second * 1_000);
      expect(storeProblems).toContain(problem);
    }
    expect(scene.channel.got).toHaveLength(1);
    away = false;
    const { storeProblems } = await turnAt(engine, NOON + 25 * MINUTE + 30_000);
    expect(storeProblems).toEqual([]);
    // Not after ten minutes, when alert groups are looked at anyway.
    expect(heard(scene.channel).at(-1)).toBe('12:25 team [FIRING, still] errors: a');
  });

  it('is reminded of where its acknowledgement is damaged or cannot be read', async () => {
    const scene = world();
    counted(scene, 0, 60, 1);
    await play(scene.engine([rule], { routing }), NOON, NOON + 3 * MINUTE);
    const read = await scene.backend.alertGroups.due(NOON * 2, 10);
    expect(read.ok).toBe(true);
    const alert = (await scene.backend.ruleStates.load(['errors'], new Map())) as never as {
      value: Map<string, { document: { alerts: object } }>;
    };
    const [id = ''] = Object.keys(alert.value.get('errors')?.document.alerts ?? {});
    await scene.backend.acknowledgements.put([{ v: 1, alert: id, at: NOON } as never as Acknowledgement]);
    const logs = await play(scene.engine([rule], { routing }), NOON + 3 * MINUTE, NOON + 12 * MINUTE);
    expect(scene.channel.got.map(({ message }) => message.reason)).toEqual(['first', 'reminder']);
    expect(logs.flatMap(({ invalid }) => invalid)[0]).toMatchObject({ kind: 'acknowledgement', id });
    const acknowledgements = { ...scene.backend.acknowledgements, list: async () => ({ ok: false as const, message: 'down' }) };
    const blind = scene.engine([rule], { routing, backend: { ...scene.backend, acknowledgements } });
    const blindLogs = await play(blind, NOON + 12 * MINUTE, NOON + 22 * MINUTE);
    expect(scene.channel.got).toHaveLength(3);
    expect(blindLogs[0]?.storeProblems).toEqual(['the acknowledgements could not be read: down']);
  });
});

describe('the desk', () => {
  test.each([
    [
      'nothing that fires',
      { matchers: [{ label: 'alertname', op: '=', value: 'other' }] } as const,
      anna,
      /no matching alert fires/,
    ],
    ['an ID that is none', { id: 'ffffffff' }, anna, /no matching alert fires/],
    ['no author', all, { ...anna, by: ' ' }, /needs an author/],
    ['no comment', all, { ...anna, comment: '' }, /needs a comment/],
    ['a long comment', all, { ...anna, comment: 'x'.repeat(2_001) }, /at most 2000 characters/],
  ])('refuses %s, with the next step', async (_name, which, who, message) => {
    const scene = world();
    counted(scene, 0, 5, 1);
    await play(scene.engine([rule], { routing }), NOON, NOON + 3 * MINUTE);
    const answer = await deskOf(scene, NOON + 3 * MINUTE).acknowledge(which, who);
    expect(answer).toEqual({ kind: 'invalid', message: expect.stringMatching(message), hint: expect.stringMatching(/./) });
    expect(await scene.backend.acknowledgements.list(0)).toEqual({ ok: true, value: [] });
  });

  it('acknowledges one alert by the beginning of its ID, and takes back only what was acknowledged', async () => {
    const scene = world();
    counted(scene, 0, 5, 1);
    counted(scene, 0, 5, 1, 'b');
    await play(scene.engine([rule], { routing }), NOON, NOON + 3 * MINUTE);
    const desk = deskOf(scene, NOON + 3 * MINUTE);
    const both = await desk.acknowledge(all, anna);
    const [first, second] = both.kind === 'done' ? both.alerts : [];
    expect(await desk.expire({ id: first?.id.slice(0, 12) ?? '' })).toMatchObject({ kind: 'done', alerts: [{ id: first?.id }] });
    expect(await desk.expire(all)).toMatchObject({ kind: 'done', alerts: [{ id: second?.id }] });
    expect(await desk.expire(all)).toMatchObject({ kind: 'invalid', message: 'no matching alert is acknowledged' });
  });
});
