import { describe, expect, it } from 'vitest';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import { applyRetention, FORGET_AFTER, isDeletableAlertGroup, isDeletableRule } from '../../../src/engine/retention/retention.ts';
import { clearUnevaluated } from '../../../src/engine/sweep.ts';
import type { RuleDocument } from '../../../src/evaluation/rule-states.ts';
import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import { ruleDocument } from '../../contract/support/stored-documents.ts';
import { alertGroup, inflightOf, notifiedAs, queuedEntry } from '../../support/engine/notified.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, world } from '../../support/engine/world.ts';

const DAY = 24 * 60 * MINUTE;
const LATER = NOON + FORGET_AFTER + DAY;
const mine = () => true;
const routing = plainRouting({ groupBy: ['pod'], groupInterval: MINUTE });
const pods = () => testRule({ name: 'pods', groupBy: ['pod'], window: MINUTE });
const other = () => testRule({ name: 'other', condition: 'count >= 99' });

/** Three pods that came, fired, went and are heard of no more. */
async function gonePods() {
  const scene = world();
  for (const pod of ['a', 'b', 'c']) scene.add('logs-app', { '@timestamp': new Date(NOON).toISOString(), pod });
  const ports = scene.engine([pods(), other()], { routing });
  // Long enough that a checkpoint has cleared what was enqueued.
  await play(ports, NOON, NOON + 15 * MINUTE);
  const alertGroups = async () => {
    const quiet = await scene.backend.alertGroups.quiet(100);
    return quiet.ok ? quiet.value : [];
  };
  return { scene, ports, alertGroups };
}

/** Leaves an entry for pod a in the document of the rule, as a rare rule does until its next write. */
async function leavePending({ backend }: ReturnType<typeof world>) {
  const loaded = await backend.ruleStates.load(['pods'], new Map());
  const stored = loaded.ok ? loaded.value.get('pods') : undefined;
  if (stored === undefined) throw new Error('no document');
  const target = { receiver: 'team', destination: 'team/test/0', channel: 'test', route: '{}', group_labels: { pod: 'a' } };
  const { queued_at: _at, source: _source, rule: _rule, ...entry } = queuedEntry(1);
  const document = { ...stored.document, outbox: [{ ...entry, to: [target] }], hasOutbox: true };
  await backend.ruleStates.save([{ id: 'pods', document, version: stored.version }]);
}

describe('what nobody can need any more is forgotten', () => {
  it('alert groups about groups that are gone, once they were quiet for long enough', async () => {
    const { ports, alertGroups } = await gonePods();
    expect(await alertGroups()).toHaveLength(3);
    expect(await applyRetention(NOON + FORGET_AFTER, ports, mine)).toEqual({
      ok: true,
      value: { rules: 0, alertGroups: 0, shrunk: 0 },
    });
    expect(await applyRetention(LATER, ports, mine)).toEqual({ ok: true, value: { rules: 0, alertGroups: 3, shrunk: 0 } });
    expect(await alertGroups()).toEqual([]);
  });

  it('and one that cannot be read keeps no other from it', async () => {
    const { ports, alertGroups } = await gonePods();
    const [broken = ''] = await alertGroups();
    const load: typeof ports.alertGroups.load = async (ids) =>
      ids.includes(broken)
        ? { ok: false, message: 'has no body', unreadable: new Map([[broken, 'has no body']]) }
        : ports.alertGroups.load(ids);
    const forgotten = await applyRetention(LATER, { ...ports, alertGroups: { ...ports.alertGroups, load } }, mine);
    expect(forgotten).toEqual({ ok: true, value: { rules: 0, alertGroups: 2, shrunk: 0 } });
    expect(await alertGroups()).toEqual([broken]);
  });

  it('and a group that comes back is notified as a first one, its end included', async () => {
    const { scene, ports } = await gonePods();
    await applyRetention(LATER, ports, mine);
    const tick = Math.ceil(LATER / DAY) * DAY;
    scene.add('logs-app', { '@timestamp': new Date(tick).toISOString(), pod: 'b' });
    const notified = heard(scene.channel).length;
    await play(scene.engine([pods(), other()], { routing }), tick, tick + 5 * MINUTE);
    const news = heard(scene.channel)
      .slice(notified)
      .filter((line) => line.includes('pods:'));
    expect(news).toEqual(['00:01 team [FIRING] pods: b', '00:02 team [RESOLVED] pods: b']);
  });

  it('but no alert group that a rule still names: what it has taken must not be notified again', async () => {
    const { scene, ports, alertGroups } = await gonePods();
    await leavePending(scene);
    expect(await applyRetention(LATER, ports, mine)).toMatchObject({ value: { alertGroups: 2 } });
    expect(await alertGroups()).toHaveLength(1);
    const notified = heard(scene.channel).length;
    await turnAt(scene.engine([pods(), other()], { routing }), LATER);
    expect(
      heard(scene.channel)
        .slice(notified)
        .filter((line) => line.includes('pods: a')),
    ).toEqual([]);
  });

  it('and none at all while a document with entries cannot be read: it may name any of them', async () => {
    const { scene, ports, alertGroups } = await gonePods();
    await leavePending(scene);
    const load: typeof ports.states.load = async (ids, known) =>
      ids.includes('pods')
        ? { ok: false, message: 'has no body', unreadable: new Map([['pods', 'has no body']]) }
        : ports.states.load(ids, known);
    const damaged = { ...ports, states: { ...ports.states, load } };
    expect(await applyRetention(LATER, damaged, mine)).toEqual({ ok: true, value: { rules: 0, alertGroups: 0, shrunk: 0 } });
    expect(await alertGroups()).toHaveLength(3);
    expect(await applyRetention(LATER, ports, mine)).toMatchObject({ value: { alertGroups: 2 } });
  });

  it('documents of rules that were removed long ago, where their shard is held', async () => {
    const { scene } = await gonePods();
    const ports = scene.engine([other()], { routing });
    await removeRules(NOON + 30 * MINUTE, ports);
    await turnAt(ports, NOON + 30 * MINUTE);
    await clearUnevaluated(ports);
    const left = async () => {
      const listed = await scene.backend.ruleStates.list(10);
      return listed.ok ? listed.value : [];
    };
    await applyRetention(NOON + DAY, ports, mine);
    await applyRetention(LATER, ports, () => false);
    expect(await left()).toEqual(['other', 'pods']);
    expect(await applyRetention(LATER, ports, mine)).toMatchObject({ value: { rules: 1 } });
    expect(await left()).toEqual(['other']);
  });

  it('a removed rule that is loaded again is not gone', async () => {
    const { scene } = await gonePods();
    await removeRules(NOON + 30 * MINUTE, scene.engine([other()], { routing }));
    expect(await applyRetention(LATER, scene.engine([pods()], { routing }), mine)).toMatchObject({ value: { rules: 0 } });
  });

  it('of rules that are gone, the numbers that a busy alert group keeps of them', async () => {
    const { scene, ports } = await gonePods();
    const now = NOON + FORGET_AFTER + DAY;
    const living = Object.entries((await stored(scene))?.taken ?? {});
    const old = Array.from({ length: 150 }, (_, i): [string, number] => [`rule ${i}#${NOON}`, 3]);
    const document = alertGroup({ taken: Object.fromEntries([...living, ...old]), notified_at: now });
    await scene.backend.alertGroups.save([{ id: 'busy', document, version: undefined }]);
    expect(await applyRetention(now, ports, mine)).toMatchObject({ value: { shrunk: 1 } });
    const after = await scene.backend.alertGroups.load(['busy']);
    expect(after.ok && Object.entries(after.value.get('busy')?.document.taken ?? {})).toEqual(living);
  });

  it('nothing while the store does not answer', async () => {
    const { ports } = await gonePods();
    const states = { ...ports.states, outboxes: async () => ({ ok: false, message: 'away' }) as const };
    expect(await applyRetention(LATER, { ...ports, states }, mine)).toEqual({ ok: false, message: 'away' });
  });
});

async function stored(scene: Awaited<ReturnType<typeof gonePods>>['scene']): Promise<AlertGroupDocument | undefined> {
  const quiet = await scene.backend.alertGroups.quiet(1);
  const loaded = await scene.backend.alertGroups.load(quiet.ok ? quiet.value : []);
  return loaded.ok ? [...loaded.value.values()][0]?.document : undefined;
}

describe('a removed rule', () => {
  const document = ruleDocument('gone', { removed: true, evaluated_through: NOON });
  const { queued_at: _at, source: _source, rule: _rule, ...entry } = queuedEntry(1);
  it.each<[string, Partial<RuleDocument>, boolean]>([
    ['that has nothing to send', {}, true],
    ['that came back', { removed: false }, false],
    ['with an end that was not enqueued yet', { outbox: [{ ...entry, to: [] }] }, false],
    ['with an alert that is notified as flapping', { past: { a: { begins: [NOON] } } }, false],
    ['that was evaluated this month', { evaluated_through: LATER - FORGET_AFTER }, false],
  ])('%s: %o', (_name, given, forgettable) => {
    expect(isDeletableRule({ ...document, ...given }, LATER)).toBe(forgettable);
  });
});

describe('an alert group', () => {
  const entry = queuedEntry(1);
  it.each<[string, Partial<AlertGroupDocument>, boolean]>([
    ['quiet since it notified something', { notified_at: NOON }, true],
    ['quiet since a message died', { dead: { count: 1, last_at: NOON, reason: 'no' } }, true],
    ['with what was refused and never joined another message', { notified_at: NOON, failed: [entry] }, true],
    ['quiet since it dropped what was silenced', { suppressed: { count: 1, last_at: NOON, why: 's' } }, true],
    ['that notified something today', { notified_at: LATER - DAY }, false],
    ['in which a message died today', { notified_at: NOON, dead: { count: 1, last_at: LATER - DAY, reason: 'no' } }, false],
    ['of which nobody knows since when', {}, false],
    ['in which something fires', { notified_at: NOON, alerts: { a: notifiedAs(entry) } }, false],
    ['with something queued', { notified_at: NOON, queued: [entry] }, false],
    ['with a message under way', { notified_at: NOON, inflight: inflightOf([entry]) }, false],
    ['in which something is due', { notified_at: NOON, due: NOON }, false],
  ])('%s: %o', (_name, given, forgettable) => {
    expect(isDeletableAlertGroup(alertGroup(given), LATER)).toBe(forgettable);
  });
});
