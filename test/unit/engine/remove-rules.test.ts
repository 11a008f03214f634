import { describe, expect, it } from 'vitest';
import { removeRules } from '../../../src/engine/retention/remove-rules.ts';
import { whySent } from '../../../src/messages/wording.ts';
import type { Query } from '../../../src/search/query.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { catchUpAt, heard, MINUTE, NOON, play, turnAt, world } from '../../support/engine/world.ts';

const BUSY = searchProblem('overloaded', 'too busy');

const boom = () => testRule({ name: 'boom', groupBy: ['host.name'], window: MINUTE });
const other = () => testRule({ name: 'other', condition: 'count >= 99' });

/** An engine that has fired for one host and was then reloaded without the rule. */
async function orphaned() {
  const scene = world();
  for (let minute = 0; minute < 60; minute++) {
    scene.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), 'host.name': 'node-1', message: 'x' });
  }
  await play(scene.engine([boom(), other()]), NOON, NOON + 3 * MINUTE);
  return { scene, ports: scene.engine([other()]) };
}

describe('a rule that is gone', () => {
  it('ends its alerts once nobody has evaluated it for ten of its intervals and ten minutes, and tells who was notified', async () => {
    const { scene, ports } = await orphaned();
    expect(await removeRules(NOON + 11 * MINUTE, ports)).toEqual({ ok: true, value: [] });
    expect(await removeRules(NOON + 20 * MINUTE, ports)).toEqual({ ok: true, value: ['boom'] });
    await turnAt(ports, NOON + 20 * MINUTE);
    expect(heard(scene.channel)).toEqual(['12:01 team [FIRING] boom: node-1', '12:20 team [RULE REMOVED] boom: node-1']);
    const message = scene.channel.got[1]?.message;
    expect(message?.alerts[0]).toMatchObject({
      status: 'rule_removed',
      ending: 'the rule was removed; not known to have recovered',
    });
    expect(message?.alerts[0]?.details?.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'count: 1 (in the last message)',
      'last recorded window: until 2026-01-01 12:01:00 UTC',
      'fired at: 2026-01-01 12:01:00 UTC',
      'reason: rule removed',
      'lasted: 19m',
    ]);
    expect(message && whySent(message)).toBe('Ended after 19m: the rule was removed; not known to have recovered');
  });

  it('is not gone while another replica has it and only fails to evaluate it, however long', async () => {
    const { scene, ports } = await orphaned();
    const cost = { took: 0, shards: 0, merged: 1 };
    const failing = {
      ask: async (queries: readonly Query[]) => queries.map(() => ({ kind: 'failed', problem: BUSY, cost }) as const),
    };
    const another = scene.engine([boom(), other()], { backend: { ...scene.backend, search: failing } });
    for (let minute = 4; minute <= 40; minute++) {
      await turnAt(another, NOON + minute * MINUTE);
      expect(await removeRules(NOON + minute * MINUTE + 30_000, ports), `at minute ${minute}`).toEqual({ ok: true, value: [] });
    }
    expect(await removeRules(NOON + 60 * MINUTE, ports), 'nobody has it any more').toEqual({ ok: true, value: ['boom'] });
  });

  it('keeps its number and its incarnation, and is written once', async () => {
    const { scene, ports } = await orphaned();
    const before = await scene.backend.ruleStates.load(['boom'], new Map());
    await removeRules(NOON + 20 * MINUTE, ports);
    const after = await scene.backend.ruleStates.load(['boom'], new Map());
    const [was, is] = [before, after].map((loaded) => (loaded.ok ? loaded.value.get('boom')?.document : undefined));
    expect(is).toMatchObject({
      incarnation: was?.incarnation,
      n: (was?.n ?? 0) + 1,
      alerts: {},
      memory: null,
      removed: true,
      hasOutbox: true,
    });
    expect(is?.outbox.at(-1)).toMatchObject({ kind: 'resolved', reason: 'rule_removed', level: 'warning' });
    expect(await removeRules(NOON + 40 * MINUTE, ports)).toEqual({ ok: true, value: [] });
  });

  it('is not gone while it is loaded, even when it is paused', async () => {
    const { scene } = await orphaned();
    const paused = scene.engine([{ ...boom(), enabled: false }, other()]);
    expect(await removeRules(NOON + 60 * MINUTE, paused)).toEqual({ ok: true, value: [] });
  });

  it('fires again when it comes back', async () => {
    const { scene, ports } = await orphaned();
    await removeRules(NOON + 20 * MINUTE, ports);
    await turnAt(ports, NOON + 20 * MINUTE);
    await catchUpAt(scene.engine([boom(), other()]), NOON + 30 * MINUTE);
    expect(heard(scene.channel).at(-1)).toBe('12:30 team [FIRING] boom: node-1');
  });

  it('never is the rule of health', async () => {
    const scene = world();
    const ports = scene.engine([other()], { failures: [{ file: 'a.yaml', message: 'no' }] });
    await turnAt(ports, NOON);
    expect(await removeRules(NOON + 600 * MINUTE, scene.engine([testRule({ name: 'another' })]))).toEqual({
      ok: true,
      value: ['other'],
    });
  });

  it('waits when the store does not answer', async () => {
    const { scene, ports } = await orphaned();
    const states = { ...scene.backend.ruleStates, list: async () => ({ ok: false, message: 'away' }) as const };
    expect(await removeRules(NOON + 60 * MINUTE, { ...ports, states })).toEqual({ ok: false, message: 'away' });
  });
});
