import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { expectPromises, playScenario, stories } from '../../support/engine/crash-scenario.ts';
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
});
