import { describe, expect, it } from 'vitest';
import type { StoreAnswer } from '../../../src/core/stored.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { ALERT_GROUP } from '../../../src/state/alert-group-versions.ts';
import { RULE } from '../../../src/state/rule-document.ts';
import { alertGroupDocument, ruleDocument } from '../../contract/support/stored-documents.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const NAMES = ['ash', 'beech', 'cedar', 'elm', 'fir'];
const RULES = NAMES.map((name) => testRule({ name, window: MINUTE }));
const notified = NAMES.map((name) => `12:01 team [FIRING] ${name}`);

function fired() {
  const scene = world();
  scene.add('logs-app', { '@timestamp': new Date(NOON + 30_000).toISOString(), message: 'boom' });
  return scene;
}

/** A load that names a document that nobody can read whenever it is asked for. */
function spoilt<D>(load: (ids: readonly string[]) => Promise<StoreAnswer<D>>, id: string): typeof load {
  const message = `${id} was written by a newer Tocsin`;
  return async (ids) => (ids.includes(id) ? { ok: false, message, unreadable: new Map([[id, message]]) } : load(ids));
}

it('a store that fails now and then is the store’s problem, and no document is blamed for it', async () => {
  const { engine, channel } = fired();
  const ports = engine(RULES);
  const { alertGroups } = ports;
  let asked = 0;
  const load: TurnPorts['alertGroups']['load'] = async (ids) =>
    ++asked % 2 === 0 ? alertGroups.load(ids) : { ok: false, message: 'no answer within 30000 ms' };
  // What failed before is not looked for, nor what is invalid: that asks once, and again in the next turn.
  ports.session.again.clear();
  ports.session.lookedAhead = NOON + MINUTE;
  ports.session.lookedInvalid = { at: NOON + MINUTE, upTo: '' };
  const { storeProblems } = await turnAt({ ...ports, alertGroups: { ...alertGroups, load } }, NOON + MINUTE);
  expect(storeProblems).toEqual([]);
  expect([...heard(channel)].sort()).toEqual(notified);

  const away = { ...alertGroups, load: async () => ({ ok: false as const, message: 'no answer within 30000 ms' }) };
  const later = fired();
  const report = await turnAt({ ...later.engine(RULES), alertGroups: away }, NOON + MINUTE);
  expect(report.storeProblems).toContain('no answer within 30000 ms');
  expect(heard(later.channel)).toEqual([]);
});

it('an alert group that cannot be read keeps no other from hearing, and is a problem of its own until it can be, and none of the store', async () => {
  const { engine, channel } = fired();
  const ports = engine(RULES, { meta: 'meta' });
  const broken = alertGroupId('default', { destination: 'team/test/0', route: '{}', group_labels: { alertname: 'cedar' } });
  const { alertGroups } = ports;
  const spoiltPorts: TurnPorts = { ...ports, alertGroups: { ...alertGroups, load: spoilt(alertGroups.load, broken) } };

  const { storeProblems } = await turnAt(spoiltPorts, NOON + MINUTE);
  expect(storeProblems).toEqual([]);
  expect(
    heard(channel)
      .filter((line) => !line.includes('Tocsin'))
      .sort(),
  ).toEqual(notified.filter((line) => !line.includes('cedar')));
  const health = `[FIRING] Tocsin: alert group ${broken} is blocked`;
  expect(heard(channel)).toContain(`12:01 meta ${health}`);

  await turnAt(spoiltPorts, NOON + MINUTE + 5_000);
  expect(heard(channel).filter((line) => line.includes(broken) && line.includes('meta'))).toHaveLength(1);

  await turnAt(ports, NOON + MINUTE + 10_000);
  expect(heard(channel)).toContain('12:01 team [FIRING] cedar');
  await turnAt(ports, NOON + 10 * MINUTE);
  expect(heard(channel)).toContain(`12:10 meta ${health.replace('FIRING', 'RESOLVED')}`);
});

it('a rule document that cannot be read keeps nothing of what others owe from being found', async () => {
  const { engine, channel } = fired();
  const dying = engine(RULES);
  const dead = { ...dying.alertGroups, load: async () => ({ ok: false as const, message: 'dead' }) };
  await turnAt({ ...dying, alertGroups: dead }, NOON + MINUTE);
  expect(heard(channel)).toEqual([]);

  const sweeper = engine([]);
  const { states } = sweeper;
  const load: typeof states.load = (ids, have) => spoilt((some) => states.load(some, have), 'cedar')(ids);
  await turnAt({ ...sweeper, states: { ...states, load } }, NOON + MINUTE + 10_000);
  expect(channel.got.map(({ message }) => titleText(message.title)).sort()).toEqual(
    NAMES.filter((name) => name !== 'cedar').map((name) => `[FIRING] ${name}`),
  );
});

describe('more documents of a newer Tocsin than one sweep looks at', () => {
  const MANY = 1_200;
  const ids = Array.from({ length: MANY }, (_, index) => `newer-${index}`);

  it('do not keep the outbox of a replica that died from being passed on', async () => {
    const { engine, channel, backend } = fired();
    const newer = (id: string) => ({ ...ruleDocument(id, {}), v: RULE.version + 1, hasOutbox: true }) as never;
    await backend.ruleStates.save(ids.map((id) => ({ id, document: newer(id), version: undefined })));
    const dying = engine(RULES);
    const dead = { ...dying.alertGroups, load: async () => ({ ok: false as const, message: 'dead' }) };
    await turnAt({ ...dying, alertGroups: dead }, NOON + MINUTE);
    const sweeper = engine([]);
    for (let sweep = 1; sweep <= 3; sweep++) await turnAt(sweeper, NOON + MINUTE + sweep * 5_000);
    expect([...heard(channel)].sort()).toEqual(notified);
  });

  it('do not keep what it had queued from being sent', async () => {
    const { engine, channel, backend } = fired();
    const routing = plainRouting({ groupWait: 5_000 });
    const whole = engine([], { routing });
    // What is enqueued is cleared from the rules with their next write: only the alert groups know of it.
    const sweeper = { ...whole, states: { ...whole.states, outboxes: async () => ({ ok: true as const, value: [] }) } };
    await turnAt(sweeper, NOON);
    const newer = { ...alertGroupDocument({}), v: ALERT_GROUP.version + 1, due: NOON } as never;
    await backend.alertGroups.save(ids.map((id) => ({ id, document: newer, version: undefined })));
    await turnAt(engine(RULES, { routing }), NOON + MINUTE);
    const ofRules = () => [...heard(channel)].filter((line) => !line.includes('Tocsin')).sort();
    expect(ofRules()).toEqual([]);
    for (let sweep = 1; sweep <= 3; sweep++) await turnAt(sweeper, NOON + MINUTE + sweep * 10_000);
    expect(ofRules()).toEqual(notified);
  });
});
