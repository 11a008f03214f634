import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import {
  expectPromises,
  expectPromisesAtRandom,
  expectPromisesWithRetries,
  playRandomly,
  playScenario,
  stories,
  type Variant,
} from '../../support/engine/crash-scenario.ts';
import type { Fault } from '../../support/engine/faults.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';
import { runs, tried } from '../../support/thorough.ts';

const stores = async () => embeddedBackend({ freeze: true });

describe('an engine over a store that outlives it', async () => {
  const baseline = await playScenario(stores, undefined);

  it('tells three episodes to both receivers when nothing fails', () => {
    expect([...stories(baseline.got).values()]).toEqual(Array.from({ length: 6 }, () => ['firing', 'resolved']));
    expect(new Set(baseline.operations)).toEqual(
      new Set(['load rules', 'save rules', 'load alert groups', 'save alert groups', 'send', 'find pending', 'find due']),
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
  // For a change, the kinds strike every operation between them; at night each kind strikes them all.
  it.each(kinds)('loses and disorders nothing with a $kind $when any of its operations', async (kind) => {
    for (const operation of tried(struck, kinds.indexOf(kind))) {
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
    for (let seed = 1; seed <= runs(10); seed++) {
      const played = await playRandomly(stores, seed, chances);
      try {
        expectPromisesAtRandom(played, baseline);
      } catch (cause) {
        throw new Error(`with seed ${seed}: ${(cause as Error).message}`, { cause });
      }
    }
  });
});

/** A receiver that refuses for minutes, recipients that are refused for minutes, and a receiver that gets another name. */
const FAILURES: readonly (readonly [string, Variant, number])[] = [
  [
    'a receiver refuses everything for some minutes',
    {
      prepare: (channel) => {
        channel.answer = ({ receiver, at }) =>
          receiver === 'team' && at < NOON + 6 * MINUTE
            ? { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 403' } }
            : { kind: 'delivered', receipt: { thread: 't' } };
      },
    },
    1,
  ],
  [
    'one of two recipients is refused for some minutes',
    {
      recipients: ['ok@example.com', 'grey@example.com'],
      prepare: (channel) => {
        let greylisted = 12;
        channel.accepts = (recipient) => (recipient.startsWith('grey') && greylisted-- > 0 ? 'deferred' : 'accepted');
      },
    },
    2,
  ],
  ['a receiver is renamed while alerts fire', { renamedAt: NOON + 2.5 * MINUTE }, 1],
];

describe.each(FAILURES)('while %s', async (_name, variant, recipients) => {
  const calm = await playScenario(stores, undefined);
  const played = await playScenario(stores, undefined, variant);

  it('the whole story is notified, in order', () => {
    const perReceiver = [...stories(calm.got).values()].length;
    expect(stories(played.got).size).toBe(perReceiver * recipients);
    for (const story of stories(played.got).values()) expect([['firing', 'resolved'], ['ended']]).toContainEqual(story);
  });

  /** Every write and send of an alert group, before and after it. */
  const struck = [...played.operations.keys()].filter((index) => /^(save conv|send)/.test(played.operations[index] ?? ''));
  const kinds: readonly Omit<Fault, 'operation'>[] = [
    { kind: 'crash', when: 'before' },
    { kind: 'crash', when: 'after' },
    { kind: 'lost answer', when: 'after' },
  ];
  it.each(kinds)('nothing is lost or disordered by a $kind $when any write or send', async (kind) => {
    for (const operation of tried(struck, kinds.indexOf(kind))) {
      const again = await playScenario(stores, { ...kind, operation }, variant);
      try {
        expectPromisesWithRetries(again, played, recipients);
      } catch (cause) {
        throw new Error(`at operation ${operation}, ${played.operations[operation]}: ${(cause as Error).message}`, { cause });
      }
    }
  });
});
