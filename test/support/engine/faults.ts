import type { Saved } from '../../../src/core/stored.ts';
import type { Backend } from '../../../src/engine/backend.ts';
import type { TestChannel } from './test-channel.ts';

/** Where a fault strikes: before an operation has an effect, or after it had one and before its answer arrives. */
type When = 'before' | 'after';

/** A fault: the engine dies, or a write's answer is lost and the engine lives on. */
export interface Fault {
  readonly operation: number;
  readonly when: When;
  readonly kind: 'crash' | 'lost answer';
}

/** Thrown by every operation of an engine that is dead. */
export class Crash extends Error {}

/** A backend and a channel whose operations are counted and may fail once. */
export interface Faulty {
  readonly backend: Backend;
  /** Names of the operations so far, in order. */
  readonly operations: readonly string[];
  readonly crashed: () => boolean;
}

/** Wraps a backend and a channel (in place, for this engine's life) so that one operation fails. A dead engine can do nothing more. */
export function faulty(
  backend: Backend,
  channel: TestChannel,
  fault: Fault | undefined,
): { readonly faulty: Faulty; readonly revive: () => void } {
  const operations: string[] = [];
  let dead = false;
  const strike = () => {
    dead = true;
    throw new Crash('the engine is dead');
  };
  const operation = async <T>(name: string, act: () => Promise<T>, lost?: () => T): Promise<T> => {
    if (dead) throw new Crash('the engine is dead');
    const hit = fault !== undefined && operations.length === fault.operation;
    operations.push(name);
    if (!hit) return act();
    if (fault.kind === 'crash' && fault.when === 'before') strike();
    if (fault.kind === 'lost answer' && fault.when === 'before') return lost === undefined ? act() : lost();
    const answer = await act();
    if (fault.kind === 'crash') strike();
    return lost === undefined ? answer : lost();
  };
  const unclear = (count: number): readonly Saved[] =>
    Array.from({ length: count }, () => ({ kind: 'unclear', message: 'no answer' }));

  const original = channel.channel;
  channel.channel = {
    ...original,
    send: (payload, options, io, signal, audience) =>
      operation(
        'send',
        () => original.send(payload, options, io, signal, audience),
        () => ({ kind: 'unknown', reason: { kind: 'timeout', text: 'no answer' } }),
      ),
  };
  const { ruleStates, alertGroups } = backend;
  return {
    revive: () => {
      channel.channel = original;
    },
    faulty: {
      operations,
      crashed: () => dead,
      backend: {
        ...backend,
        ruleStates: {
          ...ruleStates,
          load: (ids, have) => operation('load rules', () => ruleStates.load(ids, have)),
          list: (limit, after) => ruleStates.list(limit, after),
          outboxes: (limit) => operation('find pending', () => ruleStates.outboxes(limit)),
          save: (writes) =>
            operation(
              'save rules',
              () => ruleStates.save(writes),
              () => unclear(writes.length),
            ),
        },
        alertGroups: {
          ...alertGroups,
          load: (ids) => operation('load alert groups', () => alertGroups.load(ids)),
          due: (before, limit) => operation('find due', () => alertGroups.due(before, limit)),
          save: (writes) =>
            operation(
              'save alert groups',
              () => alertGroups.save(writes),
              () => unclear(writes.length),
            ),
        },
      },
    },
  };
}
