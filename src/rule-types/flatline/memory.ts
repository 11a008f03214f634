import type { Duration, Instant } from '../../core/time.ts';
import { groupOfKey } from '../../search/group-key.ts';
import type { Group } from '../../search/query.ts';
import { partCheck } from '../../state/read-stored.ts';
import { dictionary, instant, members, nullable } from '../../state/shapes.ts';

/**
 * Groups a flatline rule has seen, by `groupKey`: the tick at which a silent one last had documents, null while it has some.
 * Presence, not each tick, is what is stored, so that a rule whose groups all go on reporting is not rewritten.
 */
export type FlatlineMemory = { readonly last: { readonly [key: string]: Instant | null } };

/** What is wrong with a stored memory; undefined: nothing. */
export const flatlineMemoryProblem = partCheck(members({ last: dictionary(nullable(instant)) }));

/** What one tick says of a group. */
export type Heard = 'heard' | 'silent' | 'unknown';

/** A tick and the one before it. */
export interface TicksSeen {
  readonly at: Instant;
  readonly previous: Instant | undefined;
  /** How much of the time between them no evaluation covered, ms; it does not count as silence. None by default. */
  readonly uncovered?: Duration;
}

/** The remembered groups that still fit the rule's `group_by`. */
export function rememberedGroups(memory: FlatlineMemory | undefined, groupBy: readonly string[]): readonly Group[] {
  return Object.keys(memory?.last ?? {})
    .map((key) => groupOfKey(groupBy, key))
    .filter((group) => group !== undefined);
}

/** When a group last had documents, given this tick and what was remembered; null while it has some. */
export function lastHeard(heard: Heard, before: Instant | null | undefined, ticks: TicksSeen): Instant | null {
  const { at, previous, uncovered = 0 } = ticks;
  if (heard === 'heard') return null;
  if (heard === 'unknown' && before === null) return null;
  const last = before ?? previous;
  return last === undefined ? at : last + uncovered;
}

/** Whether a group whose last documents are of `last` has been silent for long enough to be forgotten. */
export function isForgotten(last: Instant | null, at: Instant, forgetAfter: Duration): boolean {
  return last !== null && at - last >= forgetAfter;
}

/**
 * At most `limit` groups: those silent for longest go first, so that churning names (pods) cannot grow the memory without end.
 */
export function bounded(last: ReadonlyMap<string, Instant | null>, limit: number): FlatlineMemory {
  const kept =
    last.size <= limit
      ? [...last]
      : [...last].sort(([, a], [, b]) => (b ?? Number.MAX_VALUE) - (a ?? Number.MAX_VALUE)).slice(0, limit);
  return { last: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
