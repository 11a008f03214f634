import { expect, it } from 'vitest';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import { manualClock } from '../../../src/core/time.ts';
import { keepLeases } from '../../../src/service/sharding/lease-keeper.ts';
import { SHARD_IDS, shardOf } from '../../../src/service/sharding/leases.ts';
import { loadedRules } from '../../../src/service/sharding/loaded-rules.ts';
import { LEASE_KIND } from '../../../src/state/lease.ts';
import { NOON } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const NEWER = LEASE_KIND.version + 1;

/** Half of the shards and a replica entry are of a replica of the next version, which renews them; the keeper is of this one. */
async function stage() {
  const clock = manualClock(NOON);
  const { leases } = createMemory({ freeze: true }).stores('test');
  const theirs = ['replica-0', ...SHARD_IDS.slice(0, 16)];
  const newer = theirs.map((id) => ({
    v: NEWER,
    shard: id === 'replica-0' ? -1 : Number(id),
    owner: 'new',
    until: NOON + 90 * SECOND,
  }));
  const saved = await leases.save(theirs.map((id, index) => ({ id, document: newer[index] as never, version: undefined })));
  const { log, lines } = capturedLog();
  const keeper = keepLeases({
    ...{ leases, clock, log },
    me: { holder: 'old', token: 'old' },
    isOver: () => false,
    loaded: () => loadedRules(['boom']),
  });
  const run = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.set(clock.now() + SECOND);
      await keeper.poll();
    }
  };
  return { leases, keeper, lines, run, theirs, saved };
}

it('a keeper among replicas of a newer Tocsin keeps its own shards, takes none of theirs, and ends no rule for want of a replica', async () => {
  const { leases, keeper, lines, run, theirs, saved } = await stage();
  await run(120);
  expect(keeper.share().held).toBe(16);
  const own = ['boom', 'ash', 'beech', 'cedar', 'elm', 'fir'].map((rule) => [shardOf(rule) >= 16, keeper.evaluates(rule)]);
  for (const [mine, evaluates] of own) expect(evaluates).toBe(mine);
  expect(keeper.problem(), 'it is not as if the leases could not be kept').toBeUndefined();
  expect(keeper.whereLoaded('gone'), 'the newer replica may have it').toBe('unknown');
  const read = await leases.load();
  expect([...(read.unreadable?.keys() ?? [])].sort()).toEqual([...theirs].sort());
  const removals = theirs.map((id, index) => ({
    id,
    version: saved[index]?.kind === 'saved' ? saved[index].version : undefined,
  }));
  const [changed] = await leases.save(removals.slice(0, 1).map((one) => ({ ...one, document: { v: NEWER } as never })));
  expect(changed?.kind, 'nothing was written over theirs').toBe('saved');
  expect(lines().filter((line) => line.includes('a lease cannot be read'))).toHaveLength(theirs.length);
});

it('a keeper gives up its shards in a form that a newer Tocsin reads', async () => {
  const { leases, keeper, run } = await stage();
  await run(10);
  await keeper.release();
  const read = await leases.load();
  const mine = read.ok ? [...read.value.values()].map(({ document }) => document) : [];
  expect(mine).toHaveLength(17);
  expect(mine.every(({ v, until }) => v === LEASE_KIND.version && until === 0)).toBe(true);
});
