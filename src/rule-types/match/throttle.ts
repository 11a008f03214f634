import { hashId } from '../../core/ids.ts';
import { own } from '../../core/record.ts';
import type { Instant } from '../../core/time.ts';
import type { HitRow } from '../../search/answer.ts';
import type { MatchMemory } from './memory.ts';
import type { MatchOptions } from './read-options.ts';

/** A document to notify, and how many of its key were held back since the last notified one. */
export interface NotifiedHit {
  readonly hit: HitRow;
  readonly suppressed: number;
}

/** Which of the new documents are notified, newest first, and the keys afterwards. Without a key each document is. */
export function throttled(
  fresh: readonly HitRow[],
  keys: MatchMemory['keys'],
  at: Instant,
  { key, throttle }: Pick<MatchOptions, 'key' | 'throttle'>,
): { readonly notified: readonly NotifiedHit[]; readonly keys: MatchMemory['keys'] } {
  if (key.length === 0) return { notified: fresh.map((hit) => ({ hit, suppressed: 0 })), keys: {} };
  const after = new Map(Object.entries(keys));
  const notified = new Map<string, HitRow>();
  for (const hit of fresh.toReversed()) {
    const name = hashId(key.map((field) => own(hit.fields, field) ?? [])).slice(0, 16);
    const before = after.get(name);
    const isOpen = before === undefined || (at - before.at >= throttle && !notified.has(name));
    if (isOpen) notified.set(name, hit);
    after.set(name, isOpen ? { at, suppressed: before?.suppressed ?? 0 } : { ...before, suppressed: before.suppressed + 1 });
  }
  // What came with the one that is notified, or was held back before it, is said with it and counted again from here.
  const withCounts = [...notified].map(([name, hit]) => ({ hit, suppressed: after.get(name)?.suppressed ?? 0 }));
  for (const name of notified.keys()) after.set(name, { at, suppressed: 0 });
  return { notified: withCounts.reverse(), keys: Object.fromEntries(after) };
}
