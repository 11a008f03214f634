import { describe, expect, it } from 'vitest';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import type { Saved } from '../../../src/core/stored.ts';
import { manualClock } from '../../../src/core/time.ts';
import type { Leases } from '../../../src/engine/leases.ts';
import { keepLeases } from '../../../src/service/sharding/lease-keeper.ts';
import { NOON } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const UNCLEAR: Saved = { kind: 'unclear', message: 'no answer' };

/** Replicas over one memory and one clock; each may lose answers. */
function stage() {
  const clock = manualClock(NOON);
  const { leases } = createMemory({ freeze: true }).stores('test');
  /** Processes that are over, as the machine would say. */
  const over = new Set<string>();
  const replica = (token: string) => {
    const faults = { load: false, save: 'none' as 'none' | 'lost' | 'not applied' };
    const saves: number[] = [];
    const port: Leases = {
      load: async () => (faults.load ? { ok: false, message: 'away' } : leases.load()),
      save: async (writes) => {
        saves.push(writes.length);
        if (faults.save === 'not applied') return writes.map(() => UNCLEAR);
        const saved = await leases.save(writes);
        return faults.save === 'lost' ? writes.map(() => UNCLEAR) : saved;
      },
    };
    const { log, lines } = capturedLog();
    const keeper = keepLeases({
      leases: port,
      me: { holder: 'host', token, process: token },
      clock,
      log,
      isOver: (one) => over.has(one),
    });
    return { keeper, faults, lines, saves, held: () => keeper.share().held };
  };
  type Replica = ReturnType<typeof replica>;
  const run = async (seconds: number, ...replicas: readonly Replica[]) => {
    for (let second = 0; second < seconds; second++) {
      clock.set(clock.now() + SECOND);
      for (const { keeper } of replicas) await keeper.poll();
    }
  };
  return { clock, leases, replica, run, over };
}

describe('a keeper of leases', () => {
  it('evaluates all rules after its first round when it is alone, and nothing before', async () => {
    const { replica } = stage();
    const a = replica('a');
    expect(a.keeper.evaluates('boom')).toBe(false);
    await a.keeper.poll();
    expect(a.keeper.evaluates('boom')).toBe(true);
    expect(a.keeper.share()).toEqual({ held: 32, of: 32, replicas: 1 });
    expect(a.lines()).toEqual(['info: the shards evaluated by this replica have changed']);
  });

  it('waits for the leases of one that is gone, unless its process is known to be over', async () => {
    const { replica, run, over } = stage();
    const [a, b, c] = [replica('a'), replica('b'), replica('c')];
    await run(6, a);
    await run(1, b);
    expect(b.held()).toBe(0);
    over.add('a');
    await run(1, c);
    expect(c.held()).toBe(16);
    await run(5, b, c);
    expect([b.held(), c.held()]).toEqual([16, 16]);
  });

  it('writes once in 5 s, all in one request', async () => {
    const { replica, run } = stage();
    const a = replica('a');
    await run(20, a);
    expect(a.saves).toEqual([33, 33, 33, 33]);
  });

  it('shares evenly with a newcomer within a minute, and never evaluates with it what the other evaluates', async () => {
    const { replica, run } = stage();
    const [a, b] = [replica('a'), replica('b')];
    await run(6, a);
    for (let second = 0; second < 60; second++) {
      await run(1, a, b);
      expect(a.held() + b.held()).toBeLessThanOrEqual(32);
    }
    expect([a.held(), b.held()]).toEqual([16, 16]);
  });

  it('leaves everything to another at once when it is released', async () => {
    const { replica, run } = stage();
    const [a, b] = [replica('a'), replica('b')];
    await run(60, a, b);
    await a.keeper.release();
    expect(a.keeper.evaluates('boom')).toBe(false);
    expect(a.held()).toBe(0);
    await run(5, a, b);
    expect(b.keeper.share()).toEqual({ held: 32, of: 32, replicas: 1 });
  });

  it('does not hold what it took when the answer was lost, until it has read it back', async () => {
    const { replica, run } = stage();
    const a = replica('a');
    a.faults.save = 'lost';
    await run(1, a);
    expect(a.held()).toBe(0);
    a.faults.save = 'none';
    await run(5, a);
    expect(a.held()).toBe(32);
  });

  it.each(['lost', 'not applied'] as const)('stops before its lease ends when renewals are %s', async (fault) => {
    const { replica, run } = stage();
    const a = replica('a');
    await run(1, a);
    a.faults.save = fault;
    await run(14, a);
    expect(a.held()).toBe(32);
    await run(1, a);
    expect(a.held()).toBe(0);
  });

  it('stops before another begins when it does not reach the store, and the other has it all within 30 s', async () => {
    const { replica, run } = stage();
    const [a, b] = [replica('a'), replica('b')];
    await run(60, a, b);
    a.faults.load = true;
    for (let second = 0; second < 25; second++) {
      await run(1, a, b);
      expect(a.held() + b.held()).toBeLessThanOrEqual(32);
    }
    expect([a.held(), b.held()]).toEqual([0, 32]);
  });

  it('evaluates nothing it held when it wakes from a long sleep, until it has asked', async () => {
    const { clock, replica, run } = stage();
    const a = replica('a');
    await run(1, a);
    clock.set(clock.now() + 600 * SECOND);
    expect(a.held()).toBe(0);
    await a.keeper.poll();
    expect(a.held()).toBe(32);
  });

  it('evaluates every rule when leases cannot be kept for long: they only save work', async () => {
    const { replica, run } = stage();
    const a = replica('a');
    a.faults.load = true;
    await run(30, a);
    expect(a.keeper.evaluates('boom')).toBe(false);
    await run(1, a);
    expect(a.keeper.evaluates('boom')).toBe(true);
    expect(a.lines().filter((line) => line.startsWith('warn'))).toHaveLength(2);
    a.faults.load = false;
    await run(5, a);
    expect(a.lines()).toContain('info: leases can be renewed again');
    expect(a.held()).toBe(32);
  });

  it('starts over when someone deleted the leases', async () => {
    const clock = manualClock(NOON);
    let { leases } = createMemory().stores('test');
    const port: Leases = { load: () => leases.load(), save: (writes) => leases.save(writes) };
    const keeper = keepLeases({
      leases: port,
      me: { holder: 'host', token: 'a' },
      clock,
      log: capturedLog().log,
      isOver: () => false,
    });
    await keeper.poll();
    ({ leases } = createMemory().stores('test'));
    clock.set(NOON + 5 * SECOND);
    await keeper.poll();
    expect(keeper.share().held).toBe(32);
  });
});
