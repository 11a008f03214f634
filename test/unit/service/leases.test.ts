import { describe, expect, it } from 'vitest';
import type { Versioned } from '../../../src/core/stored.ts';
import type { Lease } from '../../../src/engine/leases.ts';
import { hasEnded, LEASE, planLeases, releaseAll, SHARDS, shardOf } from '../../../src/service/sharding/leases.ts';
import { NOON } from '../../support/engine/world.ts';

const SECOND = 1_000;
const me = { holder: 'here', token: 'me' };
const ALIVE = NOON + 12 * SECOND;
const version = { seqNo: 1, primaryTerm: 1 };

type Stored = readonly [string, Versioned<Lease>];

const stored = (id: string, token: string, until: number, shard = Number(id)): Stored => [
  id,
  { document: { v: 1, shard, holder: `host of ${token}`, token, until }, version },
];
const replicaEntry = (number: number, token: string, until = ALIVE): Stored => stored(`replica-${number}`, token, until, -1);
/** The shards from one number up to another, held by a token. */
const shards = (from: number, to: number, token: string, until = ALIVE): readonly Stored[] =>
  Array.from({ length: to - from }, (_, index) => stored(String(from + index), token, until));

/** How many shards are renewed, taken and given up. */
function moves(documents: readonly Stored[], now = NOON) {
  const before = new Map(documents);
  const plan = planLeases(before, me, now);
  const kept = plan.keep.filter(({ document }) => document.shard >= 0);
  const renewed = kept.filter(({ id }) => before.get(id)?.document.token === 'me' && before.get(id)?.document.until !== 0).length;
  return { renewed, taken: kept.length - renewed, given: plan.giveUp.length };
}

describe('a replica that looks at the leases', () => {
  it.each<[string, readonly Stored[], ReturnType<typeof moves>]>([
    ['takes all shards when it is the first ever', [], { renewed: 0, taken: 32, given: 0 }],
    ['renews what it holds while it is alone', [...shards(0, 32, 'me')], { renewed: 32, taken: 0, given: 0 }],
    ['takes nothing that others hold', [...shards(0, 32, 'a')], { renewed: 0, taken: 0, given: 0 }],
    ['takes all that was released', [...shards(0, 32, 'a', 0), replicaEntry(0, 'a', 0)], { renewed: 0, taken: 32, given: 0 }],
    [
      'takes all of one that is gone',
      [...shards(0, 32, 'a', NOON), replicaEntry(0, 'a', NOON)],
      { renewed: 0, taken: 32, given: 0 },
    ],
    [
      'takes of one that is gone only its part when another lives',
      [...shards(0, 32, 'a', NOON), replicaEntry(0, 'b')],
      { renewed: 0, taken: 16, given: 0 },
    ],
    [
      'gives up two shards for a newcomer that holds none',
      [...shards(0, 32, 'me'), replicaEntry(0, 'a')],
      { renewed: 30, taken: 0, given: 2 },
    ],
    [
      'gives up one shard when it is one above its part',
      [...shards(0, 17, 'me'), ...shards(17, 32, 'a')],
      { renewed: 16, taken: 0, given: 1 },
    ],
    [
      'moves nothing while shares are even',
      [...shards(0, 11, 'me'), ...shards(11, 22, 'a'), ...shards(22, 32, 'b')],
      { renewed: 11, taken: 0, given: 0 },
    ],
    [
      'gives up a shard that is only rounded up when another lacks it',
      [...shards(0, 7, 'me'), ...shards(7, 14, 'a'), ...shards(14, 21, 'b'), ...shards(21, 28, 'c'), ...shards(28, 32, 'd')],
      { renewed: 6, taken: 0, given: 1 },
    ],
    [
      'leaves what is free to one that lacks it',
      [...shards(0, 10, 'me'), ...shards(10, 21, 'a'), ...shards(21, 28, 'b')],
      { renewed: 10, taken: 0, given: 0 },
    ],
    ['keeps what ran out and nobody took', [...shards(0, 32, 'me', NOON - 60 * SECOND)], { renewed: 32, taken: 0, given: 0 }],
    [
      'takes what a wrong clock leased for years, so that no rule is lost to it',
      [...shards(0, 32, 'a', NOON + 1_000 * 86_400 * SECOND)],
      { renewed: 0, taken: 32, given: 0 },
    ],
  ])('%s', (_name, documents, expected) => {
    expect(moves(documents)).toEqual(expected);
  });

  it('fences each write by the version that it read, and creates what is not there', () => {
    const { keep } = planLeases(new Map([stored('3', 'a', NOON)]), me, NOON);
    expect(keep.find(({ id }) => id === '3')).toEqual({
      id: '3',
      document: { v: 1, shard: 3, holder: 'here', token: 'me', until: NOON + LEASE },
      version,
    });
    expect(keep.find(({ id }) => id === '4')?.version).toBeUndefined();
  });

  it.each<[string, readonly Stored[], string]>([
    ['makes the first replica entry', [], 'replica-0'],
    ['keeps its replica entry', [replicaEntry(0, 'a'), replicaEntry(1, 'me')], 'replica-1'],
    ['makes another when all are taken', [replicaEntry(0, 'a'), replicaEntry(1, 'b')], 'replica-2'],
    [
      'takes the replica entry of one that is gone, so that replica entries do not pile up',
      [replicaEntry(0, 'a'), replicaEntry(1, 'b', NOON)],
      'replica-1',
    ],
  ])('%s', (_name, documents, expected) => {
    const replicaEntries = planLeases(new Map(documents), me, NOON).keep.filter(({ document }) => document.shard < 0);
    expect(replicaEntries.map(({ id }) => id)).toEqual([expected]);
  });

  it('counts the living, itself included', () => {
    const documents = new Map([...shards(0, 4, 'a'), replicaEntry(0, 'a'), replicaEntry(1, 'b'), replicaEntry(2, 'gone', NOON)]);
    expect(planLeases(documents, me, NOON).holders).toBe(3);
  });

  it('releases all that is its own and nothing else', () => {
    const released = releaseAll(new Map([...shards(0, 2, 'me'), ...shards(2, 4, 'a'), replicaEntry(0, 'me')]), me);
    expect(released.map(({ id, document }) => `${id} ${document.until}`)).toEqual(['0 0', '1 0', 'replica-0 0']);
  });
});

describe('a lease', () => {
  it.each([
    ['lives before its end', NOON + 1, false],
    ['is over at its end', NOON, true],
    ['is over when it was released', 0, true],
    ['lives when its writer is some seconds ahead', NOON + LEASE + 9 * SECOND, false],
    ['is not believed when it ends far in the future', NOON + LEASE + 11 * SECOND, true],
  ])('%s', (_name, until, ended) => {
    expect(hasEnded({ until }, NOON)).toBe(ended);
  });
});

describe('the shard of a rule', () => {
  it('is always the same, and all shards are used', () => {
    const used = new Set(Array.from({ length: 1_000 }, (_, index) => shardOf(`rule-${index}`)));
    expect(used.size).toBe(SHARDS);
    expect(shardOf('boom')).toBe(shardOf('boom'));
  });
});
