import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/messages/message.ts';
import { firstLine, leadSentence } from '../../../src/messages/sentence.ts';
import { written } from '../../../src/messages/when.ts';
import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { acknowledgeDesk } from '../../../src/service/acknowledge-desk.ts';
import {
  addDocuments as counted,
  groupAt as groupOf,
  escalatingRouting as routing,
  destinationOf as to,
} from '../../support/engine/escalating.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, play, turnAt, type World, world } from '../../support/engine/world.ts';

const levels = [
  { severity: 'critical', condition: 'count >= 10' },
  { severity: 'warning', condition: 'count >= 1' },
];
const rule = testRule({ name: 'errors', window: MINUTE, levels });
const at = (minute: number) => NOON + minute * MINUTE;
/** What people read first of a message: its first line, and the last part of the sentence below. */
const readBy = (message: Message) => [firstLine(message), written(leadSentence(message), message).split(' · ').at(-1)];
const ack = (scene: World, minute: number) =>
  acknowledgeDesk({ stores: scene.backend, namespace: 'default', rules: [rule], clock: { now: () => at(minute) } }).acknowledge(
    { matchers: [] },
    { by: 'anna', comment: 'on it' },
  );

describe('an alert that no one acknowledges', () => {
  it('is notified to each step in its time, once, and all of them are notified of its end', async () => {
    const scene = world();
    counted(scene, 0, 40);
    await play(scene.engine([rule], { routing }), NOON, at(60));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      '12:31 boss [FIRING, escalated] errors',
      '12:41 team [RESOLVED] errors',
      '12:41 lead [RESOLVED] errors',
      '12:41 boss [RESOLVED] errors',
    ]);
    const [, lead, boss] = scene.channel.got;
    expect([lead, boss].map((one) => one?.message.escalated)).toEqual([
      [{ from: 'team', ago: 15 * MINUTE, before: [], alerts: 1 }],
      [{ from: 'team', ago: 30 * MINUTE, before: ['lead'], alerts: 1 }],
    ]);
    expect([lead, boss].flatMap((one) => (one === undefined ? [] : readBy(one.message)))).toEqual([
      'Warning, escalated after 15m: errors',
      'escalated: team was notified 15m ago, and no one has acknowledged it',
      'Warning, escalated after 30m: errors',
      'escalated: team was notified 30m ago, then lead, and no one has acknowledged it',
    ]);
    for (const receiver of ['team', 'lead', 'boss'])
      expect(await groupOf(scene, receiver)).toMatchObject({ alerts: {}, queued: [], due: null });
    expect(await groupOf(scene, 'team')).toMatchObject({ leaving: { entries: [] } });
    expect((await groupOf(scene, 'team'))?.escalations).toBeUndefined();
    expect((await groupOf(scene, 'lead'))?.followed).toBeUndefined();
  });

  it('and ends before its time does not escalate', async () => {
    const scene = world();
    counted(scene, 0, 14);
    await play(scene.engine([rule], { routing }), NOON, at(60));
    expect(heard(scene.channel)).toEqual(['12:01 team [FIRING] errors', '12:15 team [RESOLVED] errors']);
  });

  it('escalates as its rule says, which may be not at all', async () => {
    const scene = world();
    counted(scene, 0, 40);
    const rules = [
      { ...rule, escalate: [{ after: 5 * MINUTE, receiver: 'boss' }] },
      testRule({ name: 'quiet', window: MINUTE, escalate: [] }),
    ];
    await play(scene.engine(rules, { routing }), NOON, at(35));
    expect(heard(scene.channel).filter((text) => !text.includes('team'))).toEqual(['12:06 boss [FIRING, escalated] errors']);
  });

  it('is told to those who are notified in addition when it gets worse', async () => {
    const scene = world();
    counted(scene, 0, 20);
    counted(scene, 20, 25, 10);
    await play(scene.engine([rule], { routing }), NOON, at(28));
    expect(scene.channel.got.map(({ destination, message }) => `${destination.split('/')[0]} ${message.reason}`)).toEqual([
      'team first',
      'lead first',
      'team worse',
      'lead worse',
      'team resolved',
      'lead resolved',
    ]);
  });

  it('escalates once where its receiver has several destinations', async () => {
    const scene = world();
    counted(scene, 0, 20);
    counted(scene, 20, 40, 10);
    const both = { ...routing, destinations: { ...routing.destinations, team: [to('team'), to('team', 1)] } };
    await play(scene.engine([rule], { routing: both }), NOON, at(45));
    expect(heard(scene.channel).filter((text) => text.includes('lead'))).toEqual([
      '12:16 lead [FIRING, escalated] errors',
      '12:21 lead [FIRING] errors',
      '12:41 lead [RESOLVED] errors',
    ]);
  });

  it('escalates although its receiver cannot be reached', async () => {
    const scene = world();
    counted(scene, 0, 40);
    scene.channel.answer = ({ receiver }) =>
      receiver === 'team' ? { kind: 'rejected', reason: { kind: 'config', text: '403' } } : { kind: 'delivered' };
    await play(scene.engine([rule], { routing }), NOON, at(20));
    // So does the health alert about it.
    const lead = heard(scene.channel).filter((text) => text.includes('lead'));
    expect(lead).toEqual([
      '12:16 lead [FIRING, escalated] errors',
      '12:16 lead [FIRING, escalated] Tocsin: notifications to team/test/0 are not delivered',
    ]);
  });

  it('does not escalate to who is notified anyway', async () => {
    const scene = world();
    counted(scene, 0, 40);
    const own = { ...rule, receivers: ['team', 'lead'] };
    await play(scene.engine([own], { routing }), NOON, at(20));
    expect(heard(scene.channel)).toEqual(['12:01 team [FIRING] errors', '12:01 lead [FIRING] errors']);
  });
});

describe('an acknowledged alert', () => {
  it('that got worse is not acknowledged for those either to whom it escalates then: they are reminded', async () => {
    const scene = world();
    counted(scene, 0, 20, 10);
    counted(scene, 20, 30);
    counted(scene, 30, 80, 10);
    const often = { ...routing, root: { ...routing.root, repeatInterval: 20 * MINUTE } };
    await play(scene.engine([rule], { routing: often }), NOON, at(5));
    expect(await ack(scene, 5)).toMatchObject({ kind: 'done' });
    await play(scene.engine([rule], { routing: often }), at(5), at(70));
    const lead = scene.channel.got.filter(({ destination }) => destination.startsWith('lead'));
    expect(
      lead.map(({ at: time, message }) => [(time - NOON) / MINUTE, message.reason, message.alerts[0]?.acknowledged?.worse]),
    ).toEqual([
      [46, 'first', true],
      [66, 'reminder', true],
    ]);
  });

  it('does not escalate until it gets worse, and then has its time again', async () => {
    const scene = world();
    counted(scene, 0, 40);
    counted(scene, 40, 70, 10);
    await play(scene.engine([rule], { routing }), NOON, at(5));
    expect(await ack(scene, 5)).toMatchObject({ kind: 'done' });
    await play(scene.engine([rule], { routing }), at(5), at(65));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:41 team [FIRING] errors',
      '12:56 lead [FIRING, escalated] errors',
    ]);
  });

  it('that is taken back is reminded of at once, also for those to whom it escalated', async () => {
    const scene = world();
    counted(scene, 0, 120);
    const often = { ...routing, root: { ...routing.root, repeatInterval: 20 * MINUTE } };
    const ports = scene.engine([rule], { routing: often });
    await play(ports, NOON, at(20));
    await ack(scene, 20);
    await play(ports, at(20), at(63));
    const before = scene.channel.got.length;
    const desk = acknowledgeDesk({ stores: scene.backend, namespace: 'default', rules: [rule], clock: { now: () => at(63) } });
    expect(await desk.expire({ matchers: [] })).toMatchObject({ kind: 'done' });
    await play(ports, at(63), at(65));
    const since = scene.channel.got.slice(before).map(({ destination, message }) => `${destination} ${message.reason}`);
    expect(since.sort()).toEqual(['boss/test/0 first', 'lead/test/0 reminder', 'team/test/0 reminder']);
  });

  it('goes no further once it has escalated, and its end is sent to all who know it', async () => {
    const scene = world();
    counted(scene, 0, 60);
    await play(scene.engine([rule], { routing }), NOON, at(20));
    await ack(scene, 20);
    await play(scene.engine([rule], { routing }), at(20), at(70));
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:16 lead [FIRING, escalated] errors',
      '13:01 team [RESOLVED] errors',
      '13:01 lead [RESOLVED] errors',
    ]);
  });
});

describe('what is held back', () => {
  it('does not escalate under a silence, and does once it is over', async () => {
    const scene = world();
    counted(scene, 0, 60);
    const silence = {
      v: 1,
      id: 's',
      matchers: [{ label: 'alertname', op: '=', value: 'errors' }],
      created_by: 'a',
      comment: 'b',
    } as const;
    await play(scene.engine([rule], { routing }), NOON, at(5));
    await scene.backend.silences.put({ ...silence, starts_at: at(5), ends_at: at(25) });
    await play(scene.engine([rule], { routing }), at(5), at(28));
    // Those who know of it hear that the silence is over.
    expect(heard(scene.channel)).toEqual([
      '12:01 team [FIRING] errors',
      '12:25 team [FIRING, still] errors',
      '12:25 lead [FIRING, escalated] errors',
    ]);
    // The time that has passed, not the one that is configured.
    expect(scene.channel.got.at(-1)?.message.escalated).toMatchObject([{ from: 'team', ago: 24 * MINUTE }]);
  });
});

describe('documents that are damaged or lost', () => {
  const damage = async (scene: World, receiver: string) => {
    const id = alertGroupId('default', { destination: `${receiver}/test/0`, route: '{}', group_labels: { alertname: 'errors' } });
    const loaded = await scene.backend.alertGroups.load([id]);
    const found = loaded.ok ? loaded.value.get(id) : undefined;
    if (found === undefined) throw new Error('there is no such alert group');
    const document = { ...found.document, notified_at: 'x' as never, due: NOON };
    await scene.backend.alertGroups.save([{ id, document, version: found.version }]);
  };

  it.each(['team', 'lead'])('the end arrives although the alert group of %s was damaged', async (receiver) => {
    const scene = world();
    counted(scene, 0, 40);
    await play(scene.engine([rule], { routing }), NOON, at(20));
    await damage(scene, receiver);
    await play(scene.engine([rule], { routing }), at(20), at(60));
    const ends = heard(scene.channel).filter(
      (text) => text.includes('lead [') && text.endsWith('errors') && !text.includes('[FIRING'),
    );
    expect(ends).toEqual(['12:41 lead [RESOLVED] errors']);
  });

  it('an escalated alert whose end was lost on its way ends with the next reminder', async () => {
    const scene = world();
    counted(scene, 0, 18);
    const often = { ...routing, root: { ...routing.root, repeatInterval: 20 * MINUTE } };
    await play(scene.engine([rule], { routing: often }), NOON, at(17));
    const id = alertGroupId('default', { destination: 'team/test/0', route: '{}', group_labels: { alertname: 'errors' } });
    const loaded = await scene.backend.alertGroups.load([id]);
    const found = loaded.ok ? loaded.value.get(id) : undefined;
    const { escalations: _lost, ...document } = found?.document ?? ({} as AlertGroupDocument);
    await scene.backend.alertGroups.save([{ id, document, version: found?.version }]);
    await play(scene.engine([{ ...rule, escalate: [] }], { routing: often }), at(17), at(50));
    expect(heard(scene.channel).filter((text) => text.includes('lead'))).toEqual([
      '12:16 lead [FIRING, escalated] errors',
      '12:36 lead [STATE LOST] errors',
    ]);
  });
});

describe('an alert group that cannot take over what escalates to it', () => {
  it('costs no more than a few entries however often the alert changes, says so, and has everything once it can', async () => {
    const scene = world();
    for (let minute = 0; minute < 150; minute += 3) counted(scene, minute, minute + 3, minute % 2 === 0 ? 1 : 10);
    const soon = { ...routing, root: { ...routing.root, escalate: [{ after: MINUTE, receiver: 'lead' }] } };
    const { alertGroups } = scene.backend;
    const lead = alertGroupId('default', { destination: 'lead/test/0', route: '{}', group_labels: { alertname: 'errors' } });
    let isClosed = true;
    const save: typeof alertGroups.save = async (writes) => {
      const [refused, others] = [writes.filter(({ id }) => id === lead), writes.filter(({ id }) => id !== lead)];
      if (!isClosed || refused.length === 0) return alertGroups.save(writes);
      const saved = await alertGroups.save(others);
      let place = 0;
      return writes.map(({ id }) => (id === lead ? { kind: 'refused', message: 'blocked' } : saved[place++])) as typeof saved;
    };
    const ports = scene.engine([rule], {
      routing: soon,
      backend: { ...scene.backend, alertGroups: { ...alertGroups, save } },
    });
    const logs = await play(ports, NOON, at(140));
    const waiting = (await groupOf(scene, 'team'))?.leaving?.entries ?? [];
    expect(waiting.length).toBeGreaterThan(1);
    expect(waiting.length).toBeLessThan(20);
    expect(logs.at(-1)?.storeProblems.join()).toContain('blocked');
    isClosed = false;
    await play(ports, at(140), at(160));
    const got = scene.channel.got
      .filter(({ destination }) => destination.startsWith('lead'))
      .map(({ message }) => message.status);
    expect([got[0], got.at(-1)]).toEqual(['firing', 'resolved']);
    expect((await groupOf(scene, 'team'))?.leaving?.entries).toEqual([]);
  });
});

describe('a crash at any step', () => {
  it('loses neither the escalation nor its end, and sends neither twice', async () => {
    const soon = { ...routing, root: { ...routing.root, escalate: [{ after: 3 * MINUTE, receiver: 'lead' }] } };
    for (let stop = 1; stop < 26; stop++) {
      const scene = world();
      counted(scene, 0, 6);
      let writes = 0;
      const { alertGroups, ruleStates } = scene.backend;
      const crashing = async <T>(work: () => Promise<T>): Promise<T> => {
        if (++writes === stop) throw new Error('stopped');
        return work();
      };
      const backend = {
        ...scene.backend,
        alertGroups: {
          ...alertGroups,
          save: (all: Parameters<typeof alertGroups.save>[0]) => crashing(() => alertGroups.save(all)),
        },
        ruleStates: { ...ruleStates, save: (all: Parameters<typeof ruleStates.save>[0]) => crashing(() => ruleStates.save(all)) },
      };
      for (let minute = 1; minute <= 10; minute++) {
        const failing =
          writes < stop ? scene.engine([rule], { routing: soon, backend }) : scene.engine([rule], { routing: soon });
        await turnAt(failing, at(minute)).catch(() => undefined);
        // A new process after each turn: nothing is remembered.
        await turnAt(scene.engine([rule], { routing: soon, ...(writes < stop && { backend }) }), at(minute) + 20_000).catch(
          () => undefined,
        );
      }
      const lead = scene.channel.got
        .filter(({ destination }) => destination.startsWith('lead'))
        .map(({ message }) => message.status);
      expect([stop, lead]).toEqual([stop, ['firing', 'resolved']]);
    }
  });
});
