import { describe, expect, it } from 'vitest';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import { manualClock } from '../../../src/core/time.ts';
import type { Lease } from '../../../src/engine/leases.ts';
import { startHousekeeping } from '../../../src/service/housekeeping.ts';
import { keepLeases } from '../../../src/service/sharding/lease-keeper.ts';
import { LEASE, SHARDS, shardOf } from '../../../src/service/sharding/leases.ts';
import { loadedNow, loadedRules, whereLoaded } from '../../../src/service/sharding/loaded-rules.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, NOON, turnAt, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const version = { seqNo: 1, primaryTerm: 1 };

describe('what replicas say they have loaded', () => {
  const replicaEntry = (token: string, given: Partial<Lease> = {}) =>
    [
      `replica-${token}`,
      { document: { v: 1, shard: -1, holder: token, token, until: NOON + LEASE, ...given } as Lease, version },
    ] as const;
  const without = loadedRules(['other']);
  const having = loadedRules(['other', 'boom']);

  it.each([
    ['nobody else lives', [], 'nowhere'],
    ['all others have the same', [replicaEntry('b', { loaded: without }), replicaEntry('c', { loaded: without })], 'nowhere'],
    ['one still has it', [replicaEntry('b', { loaded: without }), replicaEntry('c', { loaded: having })], 'perhaps'],
    ['one that has it is gone', [replicaEntry('c', { loaded: having, until: NOON - 1 })], 'nowhere'],
    ['one does not say', [replicaEntry('b', { loaded: without }), replicaEntry('old')], 'unknown'],
    ['one says what cannot be read', [replicaEntry('b', { loaded: 'all of them' as never })], 'unknown'],
    ['one holds a share and has no replica entry', [['3', replicaEntry('b', { shard: 3 })[1]] as const], 'unknown'],
  ] as const)('%s', (_, documents, expected) => {
    const all = new Map([...documents, replicaEntry('me', { loaded: without })]);
    expect(whereLoaded('boom', without, 'me', all, NOON)).toBe(expected);
  });

  it('is of bounded size for ten thousand rules, the same in any order, and differs in the shard of the one that differs', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `rule-${index}`);
    const digests = loadedRules(many);
    expect(digests).toHaveLength(SHARDS);
    expect(JSON.stringify(digests).length).toBeLessThan(600);
    expect(loadedRules(many.toReversed())).toEqual(digests);
    const fewer = loadedRules(many.slice(1));
    expect(digests.flatMap((digest, shard) => (digest === fewer[shard] ? [] : [shard]))).toEqual([shardOf('rule-0')]);
  });
});

const ANY = testRule({ name: 'any' });

/** Replicas with rules of their own over one store and one clock. */
function stage() {
  const scene = world();
  const clock = manualClock(NOON);
  const { leases } = createMemory({ freeze: true }).stores('test');
  for (let minute = -10; minute < 60; minute++)
    scene.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString() });
  const replica = (token: string, names: readonly string[], says = true) => {
    const state: { names: readonly string[]; failing: boolean; inBrokenFiles?: ReadonlySet<string> } = { names, failing: false };
    const { log, lines } = capturedLog();
    const loaded = () => {
      const rules = new Map(state.names.map((name) => [name, ANY]));
      return says ? loadedNow()({ rules, failures: failures(), inBrokenFiles: state.inBrokenFiles }) : undefined;
    };
    const keeper = keepLeases({ leases, me: { holder: token, token }, clock, log, isOver: () => false, loaded });
    const removal = () => ({ whereLoaded: keeper.whereLoaded, after: 2 * MINUTE });
    const kept = { runs: 1_440 * MINUTE, history: 1_440 * MINUTE };
    const housekeeping = startHousekeeping({ clock, log, keep: () => kept, evaluates: keeper.evaluates, removal });
    const failures = () => (state.failing ? [{ file: 'a.yaml', message: 'no' }] : []);
    const ports = () => ({
      ...scene.engine(
        state.names.map((name) =>
          testRule({ name, schedule: HOURLY, condition: name === 'boom' ? 'count >= 1' : 'count >= 99' }),
        ),
      ),
      failures: failures(),
      inBrokenFiles: state.inBrokenFiles,
    });
    return { state, keeper, housekeeping, ports, lines };
  };
  type Replica = ReturnType<typeof replica>;
  const run = async (minutes: number, ...replicas: readonly Replica[]) => {
    for (let second = 0; second < minutes * 60; second += 5) {
      clock.set(clock.now() + 5 * SECOND);
      for (const { keeper, housekeeping, ports } of replicas) {
        await keeper.poll();
        const all = ports();
        if (clock.now() % MINUTE === 0) {
          const due = [...all.rules.values()].filter(({ id }) => keeper.evaluates(id));
          await turnAt({ ...all, rules: new Map(due.map((rule) => [rule.id, rule])) }, clock.now());
        }
        await housekeeping.poll(all, []);
      }
    }
  };
  const notified = () => heard(scene.channel).filter((line) => line.endsWith(' boom'));
  return { clock, replica, run, notified, scene };
}

const HOURLY = { kind: 'every', every: 60 * MINUTE } as const;
const FIRING = '12:00 team [FIRING] boom';

describe('a rule that is deleted while replicas run', () => {
  /** Two replicas share the rules, and `boom`, evaluated once an hour, fires. */
  async function firing(says: readonly [boolean, boolean] = [true, true]) {
    const scene = stage();
    const [a, b] = [scene.replica('a', ['boom', 'other'], says[0]), scene.replica('b', ['boom', 'other'], says[1])];
    await turnAt(scene.scene.engine([testRule({ name: 'boom', schedule: HOURLY })]), NOON);
    await scene.run(2, a, b);
    expect(scene.notified()).toEqual([FIRING]);
    return { ...scene, a, b };
  }

  it('ends its alerts within minutes once none of them has it, and not after ten hours', async () => {
    const { run, notified, a, b } = await firing();
    a.state.names = ['other'];
    b.state.names = ['other'];
    await run(2, a, b);
    expect(notified()).toEqual([FIRING]);
    await run(3, a, b);
    expect(notified()).toEqual([FIRING, expect.stringMatching(/^12:0[5-7] team \[RULE REMOVED\] boom$/)]);
  });

  it('neither ends nor repeats them while a deployment takes its time, whichever replica comes first', async () => {
    for (const first of ['a', 'b'] as const) {
      const { run, notified, a, b } = await firing();
      const { [first]: early, [first === 'a' ? 'b' : 'a']: late } = { a, b };
      early.state.names = ['other', 'another'];
      await run(30, a, b);
      expect(notified()).toEqual([FIRING]);
      late.state.names = ['other', 'another'];
      await run(6, a, b);
      expect(notified(), `${first} first`).toEqual([FIRING, expect.stringMatching(/RULE REMOVED/)]);
    }
  });

  it('counts again when it was loaded again in between', async () => {
    const { run, notified, a, b } = await firing();
    for (const names of [['other'], ['boom', 'other'], ['other']]) {
      a.state.names = names;
      b.state.names = names;
      await run(2, a, b);
    }
    expect(notified()).toEqual([FIRING]);
    await run(3, a, b);
    expect(notified()).toEqual([FIRING, expect.stringMatching(/RULE REMOVED/)]);
  });

  it('waits while a file of one of them does not load', async () => {
    const { run, notified, a, b } = await firing();
    a.state.names = ['other'];
    b.state.names = ['other'];
    b.state.failing = true;
    await run(8, a, b);
    expect(notified()).toEqual([FIRING]);
    b.state.failing = false;
    await run(6, a, b);
    expect(notified()).toHaveLength(2);
  });

  it('ends them while a file of theirs does not load whose rules they know, and not while one may have the rule', async () => {
    const { run, notified, a, b } = await firing();
    for (const { state } of [a, b]) {
      state.names = ['other'];
      state.failing = true;
      state.inBrokenFiles = new Set(['boom']);
    }
    await run(8, a, b);
    expect(notified(), 'it may have moved into the file that does not load').toEqual([FIRING]);
    a.state.inBrokenFiles = new Set();
    await run(8, a, b);
    expect(notified(), 'one of them still reads it there').toEqual([FIRING]);
    b.state.inBrokenFiles = new Set();
    await run(6, a, b);
    expect(notified()).toEqual([FIRING, expect.stringMatching(/RULE REMOVED/)]);
  });

  it('waits while one of them was started with a file that does not load', async () => {
    const { run, notified, replica, a, b } = await firing();
    await b.keeper.release();
    const c = replica('c', ['other']);
    a.state.names = ['other'];
    for (const { state } of [a, c]) state.failing = true;
    a.state.inBrokenFiles = new Set();
    await run(8, a, c);
    expect(notified()).toEqual([FIRING]);
    c.state.inBrokenFiles = new Set();
    await run(6, a, c);
    expect(notified()).toEqual([FIRING, expect.stringMatching(/RULE REMOVED/)]);
  });

  it('falls back to ten intervals while an older Tocsin including does not say what it has', async () => {
    const { run, notified, a, b } = await firing([true, false]);
    a.state.names = ['other'];
    b.state.names = ['other'];
    await run(20, a, b);
    expect(notified()).toEqual([FIRING]);
  });

  it('goes on counting after a restart', async () => {
    const { run, notified, replica, a, b } = await firing();
    a.state.names = ['other'];
    b.state.names = ['other'];
    await run(2, a, b);
    await a.keeper.release();
    await b.keeper.release();
    const c = replica('c', ['other']);
    await run(2, c);
    expect(notified()).toEqual([FIRING, expect.stringMatching(/RULE REMOVED/)]);
  });
});
