import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import {
  expectPromises,
  expectPromisesAtRandom,
  playRandomly,
  playScenario,
  stories,
} from '../../support/engine/crash-scenario.ts';
import type { Fault } from '../../support/engine/faults.ts';

const stores = async () => embeddedBackend({ freeze: true });

describe('an engine over a store that outlives it', async () => {
  const baseline = await playScenario(stores, undefined);

  it('tells three episodes to both receivers when nothing fails', () => {
    expect([...stories(baseline.got).values()]).toEqual(Array.from({ length: 6 }, () => ['firing', 'resolved']));
    expect(new Set(baseline.operations)).toEqual(
      new Set(['load rules', 'save rules', 'load conversations', 'save conversations', 'send', 'find owing', 'find due']),
    );
  });

  /** Every write and send, the operations around them, and a share of the idle reads. */
  const struck = [...baseline.operations.keys()].filter(
    (index) => [-1, 0, 1].some((near) => /^(save|send)/.test(baseline.operations[index + near] ?? '')) || index % 7 === 0,
  );

  const kinds: readonly Omit<Fault, 'operation'>[] = [
    { kind: 'crash', when: 'before' },
    { kind: 'crash', when: 'after' },
    { kind: 'lost answer', when: 'before' },
    { kind: 'lost answer', when: 'after' },
  ];
  it.each(kinds)('loses and disorders nothing with a $kind $when any of its operations', async (kind) => {
    for (const operation of struck) {
      const played = await playScenario(stores, { ...kind, operation });
      try {
        expectPromises(played, baseline);
      } catch (cause) {
        throw new Error(`at operation ${operation}, ${baseline.operations[operation]}: ${(cause as Error).message}`, { cause });
      }
    }
  });

  it.each([
    ['crash', { crash: 0.012, lostWrite: 0, lostSend: 0 }],
    ['lose the answers of writes', { crash: 0, lostWrite: 0.1, lostSend: 0 }],
    ['lose the answers of sends', { crash: 0, lostWrite: 0, lostSend: 0.2 }],
    ['suffer all of it', { crash: 0.01, lostWrite: 0.05, lostSend: 0.1 }],
  ])('loses and disorders nothing with two engines side by side that %s at random, again and again', async (_name, chances) => {
    for (let seed = 1; seed <= 10; seed++) {
      const played = await playRandomly(stores, seed, chances);
      try {
        expectPromisesAtRandom(played, baseline);
      } catch (cause) {
        throw new Error(`with seed ${seed}: ${(cause as Error).message}`, { cause });
      }
    }
  });
});
