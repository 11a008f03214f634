import { own } from '../../core/record.ts';
import { inNameOrder } from '../../core/text-order.ts';
import type { Duration, Instant, TimeRange } from '../../core/time.ts';
import { partCheck } from '../../state/read-stored.ts';
import { dictionary, instant, members, name } from '../../state/shapes.ts';

/**
 * Terms a new_term rule has seen, by `groupKey`: a time at which each was there, rounded down. `fresh` has those that were new of
 * late: until a window begins at or after that time, it may still hold the term's first document.
 */
export type NewTermMemory = {
  readonly subject: string;
  readonly seen: { readonly [key: string]: Instant };
  readonly fresh: { readonly [key: string]: Instant };
};

/** What is wrong with a stored memory; undefined: nothing. */
export const termMemoryProblem = partCheck(members({ subject: name, seen: dictionary(instant), fresh: dictionary(instant) }));

/** What one evaluation found out about the terms it saw. */
export interface Sightings {
  /** When terms of the past were last seen. */
  readonly learned: ReadonlyMap<string, Instant>;
  /** Terms of the window that were there before it. */
  readonly old: ReadonlySet<string>;
  /** Terms of the window that were not. */
  readonly fresh: ReadonlySet<string>;
}

/** Times in memory are multiples of this part of the lookback, so that a quiet rule is not rewritten each minute. */
const PARTS = 24;

/** A memory of nothing. */
export function emptyMemory(subject: string): NewTermMemory {
  return { subject, seen: {}, fresh: {} };
}

/** Whether the memory alone proves that a term was there in the lookback before the window. */
export function isRemembered(memory: NewTermMemory, key: string, window: TimeRange, lookback: Duration): boolean {
  const seen = own(memory.seen, key);
  const fresh = own(memory.fresh, key);
  return seen !== undefined && seen >= window.from - lookback && (fresh === undefined || fresh <= window.from);
}

/** The memory after a window: terms not seen for a lookback are dropped, and beyond `limit` those not seen for longest. */
export function afterWindow(
  memory: NewTermMemory,
  sightings: Sightings,
  window: TimeRange,
  bounds: { readonly lookback: Duration; readonly limit: number },
): NewTermMemory {
  const step = Math.max(1, Math.floor(bounds.lookback / PARTS));
  const seen = new Map(Object.entries(memory.seen));
  const note = (key: string, time: Instant) => {
    const rounded = Math.floor(time / step) * step;
    if (rounded > (seen.get(key) ?? Number.NEGATIVE_INFINITY)) seen.set(key, rounded);
  };
  for (const [key, time] of sightings.learned) note(key, time);
  // Somewhere in the window: no later than is certain, so that what memory is unsure of is asked.
  for (const key of [...sightings.old, ...sightings.fresh]) note(key, window.from);
  const fresh = new Map(Object.entries(memory.fresh).filter(([key]) => !sightings.old.has(key)));
  for (const key of sightings.fresh) fresh.set(key, fresh.get(key) ?? window.to);

  const living = [...seen].filter(([, time]) => time >= window.from - bounds.lookback);
  const kept = living.length <= bounds.limit ? living : living.sort(([, a], [, b]) => b - a).slice(0, bounds.limit);
  const stillFresh = [...fresh].filter(([key, until]) => until > window.from && seen.has(key));
  const names = new Set(kept.map(([key]) => key));
  return { subject: memory.subject, seen: inNameOrder(kept), fresh: inNameOrder(stillFresh.filter(([key]) => names.has(key))) };
}
