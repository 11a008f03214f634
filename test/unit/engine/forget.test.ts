import { describe, expect, it } from 'vitest';
import type { RuleDocument } from '../../../src/cycle/rule-states.ts';
import { FORGET_AFTER, forget, isForgettableConversation, isForgettableRule } from '../../../src/engine/forget.ts';
import { removeRules } from '../../../src/engine/remove-rules.ts';
import { clearUnjudged } from '../../../src/engine/sweep.ts';
import type { ConversationDocument } from '../../../src/notifications/conversation.ts';
import { ruleDocument } from '../../contract/support/stored-documents.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { conversation, heldEntry, sendingOf, toldAs } from '../../support/engine/told.ts';
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
  // Long enough that a checkpoint has cleared what was handed on.
  await play(ports, NOON, NOON + 15 * MINUTE);
  const conversations = async () => {
    const quiet = await scene.backend.conversations.quiet(100);
    return quiet.ok ? quiet.value : [];
  };
  return { scene, ports, conversations };
}

describe('what nobody can need any more is forgotten', () => {
  it('conversations about groups that are gone, once they were quiet for long enough', async () => {
    const { ports, conversations } = await gonePods();
    expect(await conversations()).toHaveLength(3);
    expect(await forget(NOON + FORGET_AFTER, ports, mine)).toEqual({
      ok: true,
      value: { rules: 0, conversations: 0, shrunk: 0 },
    });
    expect(await forget(LATER, ports, mine)).toEqual({ ok: true, value: { rules: 0, conversations: 3, shrunk: 0 } });
    expect(await conversations()).toEqual([]);
  });

  it('and one that cannot be read keeps no other from it', async () => {
    const { ports, conversations } = await gonePods();
    const [broken = ''] = await conversations();
    const load: typeof ports.conversations.load = async (ids) =>
      ids.includes(broken)
        ? { ok: false, message: 'has no body', unreadable: new Map([[broken, 'has no body']]) }
        : ports.conversations.load(ids);
    const forgotten = await forget(LATER, { ...ports, conversations: { ...ports.conversations, load } }, mine);
    expect(forgotten).toEqual({ ok: true, value: { rules: 0, conversations: 2, shrunk: 0 } });
    expect(await conversations()).toEqual([broken]);
  });

  it('and a group that comes back is told as a first one, its end included', async () => {
    const { scene, ports } = await gonePods();
    await forget(LATER, ports, mine);
    const tick = Math.ceil(LATER / DAY) * DAY;
    scene.add('logs-app', { '@timestamp': new Date(tick).toISOString(), pod: 'b' });
    const told = heard(scene.channel).length;
    await play(scene.engine([pods(), other()], { routing }), tick, tick + 5 * MINUTE);
    const news = heard(scene.channel)
      .slice(told)
      .filter((line) => line.includes('pods'));
    expect(news).toEqual(['00:01 team [FIRING] pods: b', '00:02 team [RESOLVED] pods: b']);
  });

  it('but no conversation that a rule still names: what it has taken must not be told again', async () => {
    const { scene, ports, conversations } = await gonePods();
    // The rule was judged last when it owed, as a rare one is; the entries stand in its document until its next write.
    const loaded = await scene.backend.ruleStates.load(['pods'], new Map());
    const stored = loaded.ok ? loaded.value.get('pods') : undefined;
    if (stored === undefined) throw new Error('no document');
    const target = { receiver: 'team', destination: 'team/test/0', channel: 'test', route: '{}', group_labels: { pod: 'a' } };
    const { handed_at: _at, source: _source, rule: _rule, ...entry } = heldEntry(1);
    const document = { ...stored.document, owed: [{ ...entry, to: [target] }], owes: true };
    await scene.backend.ruleStates.save([{ id: 'pods', document, version: stored.version }]);
    expect(await forget(LATER, ports, mine)).toMatchObject({ value: { conversations: 2 } });
    expect(await conversations()).toHaveLength(1);
    const told = heard(scene.channel).length;
    await turnAt(scene.engine([pods(), other()], { routing }), LATER);
    expect(
      heard(scene.channel)
        .slice(told)
        .filter((line) => line.includes('pods: a')),
    ).toEqual([]);
  });

  it('documents of rules that were removed long ago, where their shard is held', async () => {
    const { scene } = await gonePods();
    const ports = scene.engine([other()], { routing });
    await removeRules(NOON + 30 * MINUTE, ports);
    await turnAt(ports, NOON + 30 * MINUTE);
    await clearUnjudged(ports);
    const left = async () => {
      const listed = await scene.backend.ruleStates.list(10);
      return listed.ok ? listed.value : [];
    };
    await forget(NOON + DAY, ports, mine);
    await forget(LATER, ports, () => false);
    expect(await left()).toEqual(['other', 'pods']);
    expect(await forget(LATER, ports, mine)).toMatchObject({ value: { rules: 1 } });
    expect(await left()).toEqual(['other']);
  });

  it('a removed rule that is loaded again is not gone', async () => {
    const { scene } = await gonePods();
    await removeRules(NOON + 30 * MINUTE, scene.engine([other()], { routing }));
    expect(await forget(LATER, scene.engine([pods()], { routing }), mine)).toMatchObject({ value: { rules: 0 } });
  });

  it('of rules that are gone, the numbers that a busy conversation keeps of them', async () => {
    const { scene, ports } = await gonePods();
    const now = NOON + FORGET_AFTER + DAY;
    const living = Object.entries((await stored(scene))?.taken ?? {});
    const old = Array.from({ length: 150 }, (_, i): [string, number] => [`rule ${i}#${NOON}`, 3]);
    const document = conversation({ taken: Object.fromEntries([...living, ...old]), told_at: now });
    await scene.backend.conversations.save([{ id: 'busy', document, version: undefined }]);
    expect(await forget(now, ports, mine)).toMatchObject({ value: { shrunk: 1 } });
    const after = await scene.backend.conversations.load(['busy']);
    expect(after.ok && Object.entries(after.value.get('busy')?.document.taken ?? {})).toEqual(living);
  });

  it('nothing while the store does not answer', async () => {
    const { ports } = await gonePods();
    const states = { ...ports.states, owing: async () => ({ ok: false, message: 'away' }) as const };
    expect(await forget(LATER, { ...ports, states }, mine)).toEqual({ ok: false, message: 'away' });
  });
});

async function stored(scene: Awaited<ReturnType<typeof gonePods>>['scene']): Promise<ConversationDocument | undefined> {
  const quiet = await scene.backend.conversations.quiet(1);
  const loaded = await scene.backend.conversations.load(quiet.ok ? quiet.value : []);
  return loaded.ok ? [...loaded.value.values()][0]?.document : undefined;
}

describe('a removed rule', () => {
  const document = ruleDocument('gone', { removed: true, judged_through: NOON });
  const { handed_at: _at, source: _source, rule: _rule, ...entry } = heldEntry(1);
  it.each<[string, Partial<RuleDocument>, boolean]>([
    ['that owes nothing', {}, true],
    ['that came back', { removed: false }, false],
    ['with an end that was not handed on yet', { owed: [{ ...entry, to: [] }] }, false],
    ['with an alert that is told as flapping', { past: { a: { begins: [NOON] } } }, false],
    ['that was judged this month', { judged_through: LATER - FORGET_AFTER }, false],
  ])('%s: %o', (_name, given, forgettable) => {
    expect(isForgettableRule({ ...document, ...given }, LATER)).toBe(forgettable);
  });
});

describe('a conversation', () => {
  const entry = heldEntry(1);
  it.each<[string, Partial<ConversationDocument>, boolean]>([
    ['quiet since it told something', { told_at: NOON }, true],
    ['quiet since a message died', { dead: { count: 1, last_at: NOON, reason: 'no' } }, true],
    ['with what was refused and never joined another message', { told_at: NOON, refused: [entry] }, true],
    ['quiet since it dropped what was silenced', { suppressed: { count: 1, last_at: NOON, why: 's' } }, true],
    ['that told something today', { told_at: LATER - DAY }, false],
    ['in which a message died today', { told_at: NOON, dead: { count: 1, last_at: LATER - DAY, reason: 'no' } }, false],
    ['of which nobody knows since when', {}, false],
    ['in which something fires', { told_at: NOON, alerts: { a: toldAs(entry) } }, false],
    ['with something untold', { told_at: NOON, untold: [entry] }, false],
    ['with a message under way', { told_at: NOON, sending: sendingOf([entry]) }, false],
    ['in which something is due', { told_at: NOON, due: NOON }, false],
  ])('%s: %o', (_name, given, forgettable) => {
    expect(isForgettableConversation(conversation(given), LATER)).toBe(forgettable);
  });
});
