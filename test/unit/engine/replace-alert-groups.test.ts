import { describe, expect, it } from 'vitest';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { newSession } from '../../../src/engine/session.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { ALERT_GROUP } from '../../../src/state/alert-group-versions.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const CRITICAL = testRule({ name: 'ash', window: MINUTE, labels: { severity: 'critical' }, receivers: ['other'] });
const ID = alertGroupId('default', { destination: 'other/test/0', route: '{}', group_labels: { alertname: 'ash' } });
const PARTS = { meta: 'meta', routing: plainRouting({ repeatInterval: 4 * 60 * MINUTE }) };

/** A world in which the rule fires from 12:01 on, for as long as given. */
function fires(minutes = 60) {
  const scene = world();
  for (let minute = 0; minute < minutes; minute++)
    scene.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), message: 'boom' });
  return scene;
}

async function stored({ backend }: ReturnType<typeof fires>) {
  const read = await backend.alertGroups.load([ID]);
  const found = read.ok ? read.value.get(ID) : undefined;
  if (found === undefined) throw new Error('there should be a valid alert group');
  return found;
}

/** Damages the stored alert group, as an edit by hand does. */
async function damage(scene: ReturnType<typeof fires>, members: object) {
  const { document, version } = await stored(scene);
  const [saved] = await scene.backend.alertGroups.save([{ id: ID, document: { ...document, ...members } as never, version }]);
  expect(saved?.kind).toBe('saved');
}

const DAMAGES: readonly (readonly [string, object])[] = [
  ['due: 1e300', { due: 1e300 }],
  ['alerts: {x: null}', { alerts: { x: null }, queued: [{}], inflight: { token: 5 } }],
  ['no receiver', { receiver: null }],
  ['labels of another group', { group_labels: { alertname: 7 }, due: null }],
  ['no taken', { taken: null }],
  ['a version that is none', { v: 'one' }],
];

describe.each(DAMAGES)('an alert group with %s', (_name, members) => {
  it('is replaced within a sweep though nothing is due: its receiver is sent what fires, and why', async () => {
    const scene = fires();
    const ports = scene.engine([CRITICAL], PARTS);
    await turnAt(ports, NOON + MINUTE);
    expect(heard(scene.channel)).toEqual(['12:01 other [FIRING] ash']);
    await damage(scene, members);
    const { invalid, storeProblems } = await turnAt(ports, NOON + 2 * MINUTE);
    expect(invalid).toEqual([{ kind: 'alert_group', id: ID, problem: expect.stringContaining(`document ${ID}`) }]);
    expect(storeProblems).toEqual([]);
    const notified = heard(scene.channel).slice(1);
    expect([...notified].sort()).toEqual([
      '12:02 meta [FIRING] Tocsin: stored state of receiver other was invalid and was replaced',
      '12:02 other [FIRING] Tocsin: stored state of receiver other was invalid and was replaced',
      '12:02 other [FIRING] ash',
      '12:02 team [FIRING] Tocsin: stored state of receiver other was invalid and was replaced',
    ]);
    const health = scene.channel.got.filter(({ message }) => titleText(message.title).includes('Tocsin'));
    expect(health.map(({ message }) => message.severity)).toEqual(['critical', 'critical', 'critical']);
    expect(health[0]?.message.alerts[0]?.labels['severity']).toBe('critical');
    const { document } = await stored(scene);
    expect(document.set_aside).toMatchObject({ at: NOON + 2 * MINUTE, body: expect.stringContaining('"destination"') });
  });
});

it('goes on with the number of every rule: nothing is sent a third time, and the end arrives', async () => {
  const scene = fires(2);
  const ports = scene.engine([CRITICAL], { routing: plainRouting() });
  await turnAt(ports, NOON + MINUTE);
  await damage(scene, { due: 1e300 });
  await turnAt(ports, NOON + 2 * MINUTE);
  await turnAt(ports, NOON + 3 * MINUTE);
  await turnAt(ports, NOON + 10 * MINUTE);
  await turnAt(ports, NOON + 20 * MINUTE);
  const own = heard(scene.channel).filter((line) => line.endsWith('ash'));
  expect(own).toEqual(['12:01 other [FIRING] ash', '12:02 other [FIRING] ash', '12:10 other [RESOLVED] ash']);
  const health = heard(scene.channel).filter((line) => line.includes('other [RESOLVED] Tocsin'));
  expect(health).toHaveLength(1);
});

it('sends what begins to fire while its alert group is invalid, and what waited there for its interval', async () => {
  const scene = fires();
  const rule = testRule({ name: 'ash', window: MINUTE, groupBy: ['host'], receivers: ['other'] });
  const add = (minute: number, host: string) =>
    scene.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), message: 'boom', host });
  for (let minute = 0; minute < 9; minute++) add(minute, 'a');
  for (let minute = 1; minute < 9; minute++) add(minute, 'b');
  for (let minute = 2; minute < 9; minute++) add(minute, 'c');
  const ports = scene.engine([rule], { routing: plainRouting() });
  await turnAt(ports, NOON + MINUTE);
  // The second host waits for the group interval when the document is damaged, the third one fires afterwards.
  await turnAt(ports, NOON + 2 * MINUTE);
  await damage(scene, { alerts: { a: null } });
  await turnAt(ports, NOON + 3 * MINUTE);
  const groups = scene.channel.got.flatMap(({ destination, message }) =>
    destination.startsWith('other') && titleText(message.title).includes('ash')
      ? [message.alerts.map(({ group }) => group['host']).sort()]
      : [],
  );
  expect(groups).toEqual([['a'], ['a', 'b', 'c']]);
});

it('a receiver is sent the end of what it knew, though the rule has ended it meanwhile and its end was lost', async () => {
  const scene = fires(1);
  const ports = scene.engine([CRITICAL], { routing: plainRouting() });
  await turnAt(ports, NOON + MINUTE);
  // Resolved, and its end waits for the group interval.
  await turnAt(ports, NOON + 2 * MINUTE);
  await turnAt(ports, NOON + 3 * MINUTE);
  await damage(scene, { queued: [{}] });
  await turnAt(ports, NOON + 4 * MINUTE);
  await turnAt(ports, NOON + 10 * MINUTE);
  const ends = heard(scene.channel).filter((line) => line.includes('ash'));
  expect(ends).toEqual(['12:01 other [FIRING] ash', '12:04 other [RESOLVED] ash']);
  expect(Object.keys((await stored(scene)).document.alerts)).toEqual([]);
});

it('one of a newer Tocsin is not replaced', async () => {
  const scene = fires();
  const ports = scene.engine([CRITICAL], PARTS);
  await turnAt(ports, NOON + MINUTE);
  await damage(scene, { v: ALERT_GROUP.version + 1 });
  await turnAt(ports, NOON + 2 * MINUTE);
  const read = await scene.backend.alertGroups.load([ID]);
  expect(read.ok ? '' : read.message).toContain('newer Tocsin');
  expect(heard(scene.channel)).toContain(`12:02 meta [FIRING] Tocsin: alert group ${ID} is blocked`);
});

it('two replicas begin it once', async () => {
  const scene = fires();
  const ports = [scene.engine([CRITICAL], PARTS), scene.engine([CRITICAL], { ...PARTS, session: newSession() })] as const;
  await turnAt(ports[0], NOON + MINUTE);
  await damage(scene, { due: 1e300 });
  await Promise.all(ports.map((one) => turnAt(one, NOON + 2 * MINUTE)));
  expect(heard(scene.channel).filter((line) => line.startsWith('12:02 other [FIRING] ash'))).toHaveLength(1);
});

it('`tocsin alerts` names it although no alert is held by it', async () => {
  const scene = fires();
  await turnAt(scene.engine([CRITICAL], PARTS), NOON + MINUTE);
  const lost = 'f'.repeat(16);
  const document = { v: 1, due: NOON + 4 * 60 * MINUTE, alerts: { x: null } } as never;
  await scene.backend.alertGroups.save([{ id: lost, document, version: undefined }]);
  const report = await alertsReport(scene.backend, { namespace: 'default', all: false, now: NOON + 2 * MINUTE });
  expect(report.unreadable).toEqual([expect.stringContaining(lost)]);
});

it('health alerts about a rule with receivers of its own go to these and to the meta receiver', async () => {
  const scene = world();
  const rule = testRule({ name: 'ash', index: 'missing-*', receivers: ['other'], errorAfter: 1 });
  scene.add('logs-app', { '@timestamp': new Date(NOON).toISOString(), message: 'boom' });
  await turnAt(scene.engine([rule], PARTS), NOON + MINUTE);
  expect([...heard(scene.channel)].sort()).toEqual([
    '12:01 meta [FIRING] Tocsin: rule ash is not fully evaluated',
    '12:01 other [FIRING] Tocsin: rule ash is not fully evaluated',
  ]);
});
