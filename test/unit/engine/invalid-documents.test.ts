import { describe, expect, it } from 'vitest';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import { newSession } from '../../../src/engine/session.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { ruleDocument } from '../../contract/support/stored-documents.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const NAMES = ['ash', 'beech', 'cedar'];
const RULES = NAMES.map((name) => testRule({ name, window: MINUTE }));

/** A world in which every rule fires at 12:01, and stays so. */
function fired() {
  const scene = world();
  for (let minute = 0; minute < 30; minute++)
    scene.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), message: 'boom' });
  return scene;
}

const BROKEN_RULES: readonly (readonly [string, object])[] = [
  ['outstanding: [null]', { outbox: [null], hasOutbox: true }],
  ['evaluated_through: 1e308', { evaluated_through: 1e308 }],
  ['alerts of nothing', { alerts: { a: null } }],
  ['no health', { health: null }],
  ['a past that is none', { past: { a: 7 } }],
];

describe.each(BROKEN_RULES)('a rule document with %s', (_name, members) => {
  it('puts that rule aside by name, and all others are evaluated and notified on time; corrected, it goes on', async () => {
    const { engine, channel, backend } = fired();
    const ports = engine(RULES, { meta: 'meta' });
    const rules = backend.ruleStates;
    await rules.save([{ id: 'cedar', document: { v: 1, rule: 'cedar', ...members } as never, version: undefined }]);
    const report = await turnAt(ports, NOON + MINUTE);
    expect(report.storeProblems).toEqual([]);
    expect(report.errors).toEqual([]);
    expect(report.invalid).toEqual([{ kind: 'rule', id: 'cedar', problem: expect.stringContaining('document cedar') }]);
    expect(heard(channel)).toEqual(
      expect.arrayContaining([
        '12:01 team [FIRING] ash',
        '12:01 team [FIRING] beech',
        '12:01 meta [FIRING] Tocsin: rule cedar is not fully evaluated',
      ]),
    );
    expect(heard(channel)).not.toContain('12:01 team [FIRING] cedar');

    const read = await rules.load(['cedar'], new Map());
    const version = read.ok ? undefined : read.replaceable?.get('cedar');
    if (version === undefined) throw new Error('the document should be replaceable');
    await rules.remove([{ id: 'cedar', version }]);
    await turnAt(ports, NOON + 2 * MINUTE);
    expect(heard(channel)).toContain('12:02 team [FIRING] cedar');
    await turnAt(ports, NOON + 8 * MINUTE);
    expect(heard(channel)).toContain('12:08 meta [RESOLVED] Tocsin: rule cedar is not fully evaluated');
  });
});

describe('a silence that is invalid', () => {
  it.each([
    ['without matchers', { matchers: [] }],
    ['with null for matchers', { matchers: null }],
    ['with a matcher that is none', { matchers: [null] }],
    ['that would match everything', { matchers: [{ label: 'alertname', op: '=~', value: '.*' }] }],
  ])('%s holds nothing back, is a health alert by its name, and valid ones still hold', async (_name, members) => {
    const { engine, channel, backend } = fired();
    const silence = {
      v: 1,
      id: 'good',
      matchers: [{ label: 'alertname', op: '=', value: 'ash' }],
      starts_at: NOON,
      ends_at: NOON + 20 * MINUTE,
      created_by: 'team',
      comment: '',
    } as const;
    await backend.silences.put(silence);
    await backend.silences.put({ ...silence, id: 'bad', ...members } as never);
    const ports = engine(RULES, { meta: 'meta' });
    const report = await turnAt(ports, NOON + MINUTE);
    expect(report.storeProblems).toEqual([]);
    expect(report.invalid).toEqual([{ kind: 'silence', id: 'bad', problem: expect.stringContaining('invalid') }]);
    expect(
      heard(channel)
        .filter((line) => !line.includes('Tocsin'))
        .sort(),
    ).toEqual(['12:01 team [FIRING] beech', '12:01 team [FIRING] cedar']);
    expect(heard(channel)).toContain('12:01 meta [FIRING] Tocsin: silence bad is invalid and suppresses nothing');

    await backend.silences.put({ ...silence, id: 'bad', matchers: [{ label: 'alertname', op: '=', value: 'nothing' }] });
    await turnAt(ports, NOON + 8 * MINUTE);
    expect(heard(channel)).toContain('12:08 meta [RESOLVED] Tocsin: silence bad is invalid and suppresses nothing');
  });
});

describe('a memory that its rule type did not write', () => {
  it.each([
    ['flatline', 'count < 1', { last: { '["a"]': 1e308 } }],
    ['flatline', 'count < 1', { last: null }],
    ['match', 'events >= 1', { subject: 's', floor: 'long ago', seen: {}, keys: {} }],
    ['match', 'events >= 1', { subject: 's', floor: 1, seen: { a: {} }, keys: {} }],
  ])('of %s, with %s, puts its rule aside by name: %j', async (type, condition, memory) => {
    const { engine, channel, backend } = fired();
    const rule = testRule({ name: 'odd', type, condition, window: MINUTE });
    const document = { ...ruleDocument('odd', { memory }), evaluated_through: NOON, shape: rule.shape };
    await backend.ruleStates.save([{ id: 'odd', document, version: undefined }]);
    const report = await turnAt(engine([...RULES, rule], { meta: 'meta' }), NOON + MINUTE);
    expect(report.invalid).toEqual([{ kind: 'rule', id: 'odd', problem: expect.stringContaining('memory') }]);
    expect([report.errors, report.storeProblems]).toEqual([[], []]);
    expect(heard(channel)).toEqual(
      expect.arrayContaining([
        ...NAMES.map((name) => `12:01 team [FIRING] ${name}`),
        '12:01 meta [FIRING] Tocsin: rule odd is not fully evaluated',
      ]),
    );
  });
});

it('an alert group that is invalid is named, is replaced, and keeps no other from being sent', async () => {
  const { engine, channel, backend } = fired();
  const id = alertGroupId('default', { destination: 'team/test/0', route: '{}', group_labels: { alertname: 'cedar' } });
  const broken = {
    v: 1,
    receiver: 'team',
    destination: 'team/test/0',
    route: '{}',
    group_labels: {},
    queued: [null],
    due: NOON,
  } as never;
  await backend.alertGroups.save([{ id, document: broken, version: undefined }]);
  const report = await turnAt(engine(RULES, { meta: 'meta' }), NOON + MINUTE);
  expect(report.storeProblems).toEqual([]);
  expect(report.invalid).toMatchObject([{ kind: 'alert_group', id }]);
  expect(heard(channel)).toEqual(
    expect.arrayContaining([
      '12:01 team [FIRING] ash',
      '12:01 team [FIRING] beech',
      '12:01 team [FIRING] cedar',
      '12:01 meta [FIRING] Tocsin: stored state of receiver team was invalid and was replaced',
    ]),
  );
});

it('the document of health itself is replaced when it is invalid, and says so', async () => {
  const { engine, channel, backend } = fired();
  const broken = { v: 1, rule: HEALTH_RULE_ID, outbox: [null] } as never;
  await backend.ruleStates.save([{ id: HEALTH_RULE_ID, document: broken, version: undefined }]);
  const failures = [{ file: 'bad.yaml', message: 'a key is unknown' }];
  const ports = engine(RULES, { meta: 'meta', failures });
  const report = await turnAt(ports, NOON + MINUTE);
  expect(report.storeProblems).toEqual([]);
  const notified = () =>
    channel.got
      .filter(({ destination }) => destination.startsWith('meta/'))
      .flatMap(({ message }) => message.alerts.map(({ status, title }) => `${status} ${title}`));
  expect(notified().sort()).toEqual([
    'firing Tocsin: file bad.yaml cannot be loaded',
    `firing Tocsin: stored state of ${HEALTH_RULE_ID} is invalid`,
  ]);
  await turnAt(ports, NOON + 8 * MINUTE);
  expect(notified()).toContain(`resolved Tocsin: stored state of ${HEALTH_RULE_ID} is invalid`);
});

it('an invalid document of a rule that is not loaded is named too, and keeps no other rule from being ended', async () => {
  const { engine, channel, backend } = fired();
  const old = engine(NAMES.map((name) => testRule({ name, window: MINUTE })));
  await turnAt(old, NOON + MINUTE);
  const read = await backend.ruleStates.load(['cedar'], new Map());
  const version = read.ok ? read.value.get('cedar')?.version : undefined;
  await backend.ruleStates.save([{ id: 'cedar', document: { v: 1, rule: 'cedar', hasOutbox: false } as never, version }]);
  const ports = engine([testRule({ name: 'elm', window: MINUTE })], { meta: 'meta', session: newSession() });
  const ended = await removeRules(NOON + 25 * MINUTE, ports);
  expect(ended.ok && [...ended.value].sort()).toEqual(['ash', 'beech']);
  ports.session.putAside = { unreadable: ended.unreadable ?? new Map(), evaluates: () => true };
  const { invalid } = await turnAt(ports, NOON + 25 * MINUTE);
  expect(heard(channel)).toContain('12:25 meta [FIRING] Tocsin: stored state of cedar is invalid');
  expect(invalid, 'for the log and the metric').toEqual([
    { kind: 'rule', id: 'cedar', problem: expect.stringContaining('invalid') },
  ]);
});

it('health alerts of a newer Tocsin are not replaced: this process says so, and raises what it saw once it can read them', async () => {
  const { engine, channel, backend } = fired();
  const states = backend.ruleStates;
  const [saved] = await states.save([
    { id: HEALTH_RULE_ID, document: { v: 2, rule: HEALTH_RULE_ID } as never, version: undefined },
  ]);
  const ports = engine(RULES, { meta: 'meta', failures: [{ file: 'bad.yaml', message: 'no good' }] });
  const { invalid, storeProblems } = await turnAt(ports, NOON + MINUTE);
  expect(invalid).toEqual([{ kind: 'health', id: HEALTH_RULE_ID, problem: expect.stringContaining('newer Tocsin') }]);
  expect([ports.session.healthProblem, storeProblems]).toEqual([expect.stringContaining('newer Tocsin'), []]);
  expect(heard(channel).filter((line) => line.includes('meta'))).toEqual([]);
  if (saved?.kind !== 'saved') throw new Error('the document of a newer Tocsin should be saved');
  await states.remove([{ id: HEALTH_RULE_ID, version: saved.version }]);
  await turnAt(ports, NOON + 2 * MINUTE);
  expect(ports.session.healthProblem).toBeUndefined();
  expect(heard(channel)).toContain('12:02 meta [FIRING] Tocsin: file bad.yaml cannot be loaded');
});
