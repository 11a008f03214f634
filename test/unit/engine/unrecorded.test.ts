import { describe, expect, it } from 'vitest';
import type { Saved } from '../../../src/core/stored.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import type { AlertGroups } from '../../../src/notify/alert-groups.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';

const TOO_LARGE: Saved = { kind: 'refused', message: 'a document of 40.0 MiB is too large' };
const BLOCKED: Saved = { kind: 'refused', message: 'tocsin-alert-groups is blocked', of: 'index' };
const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: 5 * MINUTE });

/** Two groups that fire at noon, each an alert group; the record of what became of the first one's message meets a fate. */
function scene() {
  const first = world();
  const { alertGroups } = first.backend;
  const fate: { now: Saved | undefined } = { now: undefined };
  const target = { destination: 'team/test/0', route: '{}', group_labels: { 'service.name': 'one' } };
  const id = alertGroupId('default', target);
  const save: AlertGroups['save'] = async (writes) =>
    Promise.all(
      writes.map(async (write) => {
        const isRecord = write.id === id && write.document.inflight === null && write.document.notified_at !== null;
        return (isRecord ? fate.now : undefined) ?? (await alertGroups.save([write]))[0] ?? BLOCKED;
      }),
    );
  const { engine, channel } = world({ ...first.backend, alertGroups: { ...alertGroups, save } });
  for (const service of ['one', 'two'])
    first.add('logs-app', { '@timestamp': new Date(NOON - 1_000).toISOString(), 'service.name': service });
  let monotonic = 0;
  const ports = engine([RULE], {
    meta: 'meta',
    routing: plainRouting({ groupBy: ['service.name'] }),
    clock: {
      monotonic: () => monotonic,
      sleep: async (ms) => {
        monotonic += ms;
      },
    },
  });
  const problems = async () => {
    const loaded = await ports.states.load([HEALTH_RULE_ID], new Map());
    if (!loaded.ok) throw new Error(loaded.message);
    const { alerts = {} } = loaded.value.get(HEALTH_RULE_ID)?.document ?? {};
    return Object.values(alerts).map(({ group }) => `${group['kind']} ${group['subject']}`);
  };
  const notified = () =>
    heard(channel)
      .filter((line) => line.includes('team [FIRING] boom'))
      .map((line) => line.slice(6));
  return { ports, fate, id, problems, notified, channel };
}

describe('what became of a message and cannot be recorded', () => {
  it('lets the turn end, is a health alert of its alert group, and is recorded later without a second message', async () => {
    const { ports, fate, id, problems, notified, channel } = scene();
    fate.now = TOO_LARGE;
    await turnAt(ports, NOON);
    expect(notified().sort()).toEqual(['team [FIRING] boom: one', 'team [FIRING] boom: two']);
    await turnAt(ports, NOON + 2 * MINUTE);
    expect(await problems()).toEqual([`alert_group ${id}`]);
    expect(heard(channel)).toContainEqual(expect.stringContaining(`meta [FIRING] Tocsin: alert group ${id} is blocked`));
    await turnAt(ports, NOON + 10 * MINUTE);
    fate.now = undefined;
    await turnAt(ports, NOON + 11 * MINUTE);
    await turnAt(ports, NOON + 12 * MINUTE);
    expect(await problems()).toEqual([]);
    expect(notified()).toHaveLength(2);
    const loaded = await ports.alertGroups.load([id]);
    expect(loaded.ok && loaded.value.get(id)?.document.inflight).toBeNull();
  });

  it('is a problem of the store where its whole index takes no writes', async () => {
    const { ports, fate, problems, notified } = scene();
    fate.now = BLOCKED;
    await turnAt(ports, NOON);
    const report = await turnAt(ports, NOON + 2 * MINUTE);
    expect(report.storeProblems).toContain('tocsin-alert-groups is blocked');
    expect(await problems()).toEqual([]);
    expect(notified()).toHaveLength(2);
  });
});
