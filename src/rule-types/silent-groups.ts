import { inNameOrder } from '../core/text-order.ts';
import { DAY, type Duration, type Instant } from '../core/time.ts';
import { groupOfKey } from '../search/group-key.ts';
import type { Group } from '../search/query.ts';
import type { ReadTools } from './rule-type.ts';

/** What one tick says of a group. */
export type Heard = 'heard' | 'silent' | 'unknown';

/** A tick and the one before it. */
interface TicksSeen {
  readonly at: Instant;
  readonly previous: Instant | undefined;
  /** How much of the time between them no evaluation covered, ms; it does not count as silence. None by default. */
  readonly uncovered?: Duration;
}

/** What a memory holds by `groupKey`. */
type ByGroup<V> = { readonly [key: string]: V };

/** The remembered groups that still fit the rule's `group_by`. */
export function rememberedGroups(last: ByGroup<unknown> | undefined, groupBy: readonly string[]): readonly Group[] {
  return Object.keys(last ?? {})
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
 * At most `limit` groups: those silent for longest go first, so that churning names (pods) cannot grow the memory without end. `heardAt`: when
 * one was last heard; null while it is heard.
 */
export function withinLimit<V>(
  last: ReadonlyMap<string, V>,
  limit: number,
  heardAt: (remembered: V) => Instant | null,
): ByGroup<V> {
  if (last.size <= limit) return inNameOrder([...last]);
  const newest = (remembered: V) => heardAt(remembered) ?? Number.MAX_VALUE;
  return inNameOrder([...last].sort(([, a], [, b]) => newest(b) - newest(a)).slice(0, limit));
}

/** Reads `forget_after`, seven days by default; one shorter than the window is reported. */
export function readForgetAfter(text: unknown, tools: ReadTools): Duration {
  if (typeof text !== 'string') return 7 * DAY;
  const forgetAfter = tools.duration(text, 'forget_after');
  if (forgetAfter > 0 && forgetAfter < tools.window)
    tools.problem('forget_after', 'groups would be forgotten before the window has ended', 'use at least the window');
  return forgetAfter;
}
