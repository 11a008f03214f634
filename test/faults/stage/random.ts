import { randomOf } from '../../support/engine/random-faults.ts';

/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** A source of its own for each purpose of one play, so that what one of them draws changes nothing of the others. */
export function randomFor(seed: number, purpose: string): Random {
  let mixed = seed >>> 0;
  for (const char of purpose) mixed = (Math.imul(mixed ^ char.charCodeAt(0), 0x01000193) + 0x9e3779b9) >>> 0;
  return randomOf(mixed);
}

/** A whole number from `from` to `to`, both included. */
export function wholeNumber(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** One of a list that is not empty. */
export function oneOf<T>(random: Random, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}
