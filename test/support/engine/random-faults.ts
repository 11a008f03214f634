import type { Saved } from '../../../src/core/stored.ts';
import type { Backend } from '../../../src/engine/backend.ts';
import { Crash } from './faults.ts';
import type { TestChannel } from './test-channel.ts';

/** Numbers in [0, 1) that are the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What may befall each operation: how probable it is, and what befell so far. */
export interface Failure {
  readonly random: () => number;
  crash: number;
  lostWrite: number;
  lostSend: number;
  crashes: number;
  unknownSends: number;
}

/** One engine's life: its ports fail at random, and after a crash for good. Operations of two lives interleave at random. */
export interface Life {
  readonly backend: Backend;
  readonly channel: TestChannel;
  readonly dead: () => boolean;
}

/** Wraps a backend and a channel for one life. */
export function beginLife(backend: Backend, channel: TestChannel, failure: Failure): Life {
  let dead = false;
  const strike = () => {
    if (dead || failure.random() >= failure.crash) return;
    dead = true;
    failure.crashes++;
  };
  const alive = () => {
    if (dead) throw new Crash('the engine is dead');
  };
  const operation = async <T>(act: () => Promise<T>, lost?: () => T, chance = failure.lostWrite): Promise<T> => {
    for (let steps = Math.floor(failure.random() * 4); steps > 0; steps--) await Promise.resolve();
    strike();
    alive();
    const loses = lost !== undefined && failure.random() < chance;
    if (loses && failure.random() < 0.5) return lost();
    const answer = await act();
    strike();
    alive();
    return loses ? lost() : answer;
  };
  const unclear = (count: number) => (): readonly Saved[] =>
    Array.from({ length: count }, () => ({ kind: 'unclear', message: 'no answer' }));
  const { ruleStates, alertGroups } = backend;
  const original = channel.channel;
  return {
    dead: () => dead,
    channel: {
      ...channel,
      channel: {
        ...original,
        send: (payload, options, io, signal, audience) =>
          operation(
            () => original.send(payload, options, io, signal, audience),
            () => {
              failure.unknownSends++;
              return { kind: 'unknown', reason: { kind: 'timeout', text: 'no answer' } };
            },
            failure.lostSend,
          ),
      },
    },
    backend: {
      ...backend,
      ruleStates: {
        ...ruleStates,
        load: (ids, have) => operation(() => ruleStates.load(ids, have)),
        list: (limit, after) => ruleStates.list(limit, after),
        outboxes: (limit) => operation(() => ruleStates.outboxes(limit)),
        save: (writes) => operation(() => ruleStates.save(writes), unclear(writes.length)),
      },
      alertGroups: {
        ...alertGroups,
        load: (ids) => operation(() => alertGroups.load(ids)),
        due: (before, limit) => operation(() => alertGroups.due(before, limit)),
        save: (writes) => operation(() => alertGroups.save(writes), unclear(writes.length)),
      },
    },
  };
}
