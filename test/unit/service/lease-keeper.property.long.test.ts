import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import { type ManualClock, manualClock } from '../../../src/core/time.ts';
import { keepLeases, type LeaseKeeper } from '../../../src/service/sharding/lease-keeper.ts';
import { SHARDS, shardOf } from '../../../src/service/sharding/leases.ts';
import { NOON } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';
import { runs } from '../../support/thorough.ts';

const SECOND = 1_000;

/** Seconds after which every rule is evaluated again, whatever happened last. */
const TAKEN_OVER = 30;

/** One rule of each shard. */
const RULES = Array.from({ length: SHARDS }, (_, shard) => {
  let number = 0;
  while (shardOf(`rule-${number}`) !== shard) number++;
  return `rule-${number}`;
});

interface Replica {
  readonly keeper: LeaseKeeper;
  readonly wall: ManualClock;
  readonly skew: number;
  frozenUntil: number;
}

type Step = { readonly after: number } & (
  | { readonly kind: 'join'; readonly skew: number }
  | { readonly kind: 'die' | 'stop'; readonly which: number }
  | { readonly kind: 'freeze'; readonly which: number; readonly seconds: number }
);

const after = fc.nat(40);
const which = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), after, skew: fc.integer({ min: -2, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('die' as const, 'stop' as const), after, which }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('freeze' as const), after, which, seconds: fc.integer({ min: 1, max: 60 }) }),
  },
);

/** Replicas over one store, second by second; clocks differ by up to four seconds. */
function cluster() {
  const { leases } = createMemory().stores('test');
  const { log } = capturedLog();
  const replicas: Replica[] = [];
  let second = 0;
  let made = 0;
  let evaluatedAt = new Map<string, number>();
  const awake = () => replicas.filter(({ frozenUntil }) => frozenUntil <= second);
  const evaluating = (rule: string) => awake().filter(({ keeper }) => keeper.evaluates(rule));

  const pass = async (seconds: number): Promise<void> => {
    for (const end = second + seconds; second < end; ) {
      second++;
      for (const { wall, skew } of replicas) wall.set(NOON + (second + skew) * SECOND);
      for (const { keeper } of awake()) await keeper.poll();
      for (const rule of RULES) {
        const count = evaluating(rule).length;
        if (count === 1 || awake().length === 0) evaluatedAt.set(rule, second);
        const waited = second - (evaluatedAt.get(rule) ?? 0);
        if (count > 1 || waited > TAKEN_OVER) throw new Error(`${rule} is evaluated by ${count} replicas and waited ${waited} s`);
      }
    }
  };
  const take = async (done: Step): Promise<void> => {
    evaluatedAt = new Map(RULES.map((rule) => [rule, second]));
    if (done.kind === 'join') {
      const wall = manualClock(NOON + (second + done.skew) * SECOND);
      const me = { holder: 'host', token: `replica-${made++}` };
      replicas.push({
        keeper: keepLeases({ leases, me, clock: wall, log, isOver: () => false }),
        wall,
        skew: done.skew,
        frozenUntil: 0,
      });
      return;
    }
    const found = replicas[done.which % Math.max(1, replicas.length)];
    if (found === undefined) return;
    if (done.kind === 'freeze') found.frozenUntil = second + done.seconds;
    else replicas.splice(replicas.indexOf(found), 1);
    if (done.kind === 'stop') await found.keeper.release();
  };
  return { pass, take, evaluating, awake };
}

it('whatever joins, dies, stops or freezes: no rule waits longer than 30 s or is evaluated twice, and shares become even and stay', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
      const { pass, take, evaluating, awake } = cluster();
      await take({ kind: 'join', after: 0, skew: 0 });
      for (const done of steps) {
        await pass(done.after);
        await take(done);
      }
      await take({ kind: 'join', after: 0, skew: 1 });
      // Until who was frozen is back and shares have moved in their small steps.
      await pass(60 + 60);
      expect(RULES.filter((rule) => evaluating(rule).length !== 1)).toEqual([]);
      const held = awake().map(({ keeper }) => keeper.share().held);
      expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
      const before = RULES.map((rule) => evaluating(rule)[0]);
      await pass(60);
      expect(RULES.map((rule) => evaluating(rule)[0])).toEqual(before);
    }),
    { numRuns: runs(150) },
  );
});
