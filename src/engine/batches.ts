import { chunked } from '../core/chunked.ts';
import { groupedBy } from '../core/grouped-by.ts';
import type { Rule } from '../rules/rule.ts';

/**
 * Most rules of one batch: one read of states and one bulk a round. How many searches travel together, and how many at once, is the search
 * port's to bound; plain counts among them share a search.
 */
export const BATCH_RULES = 200;

const keys = new WeakMap<readonly string[], string>();

/** The same for the same indices; the rules of a process are divided at every tick. */
function keyOf(indices: readonly string[]): string {
  const known = keys.get(indices);
  if (known !== undefined) return known;
  const key = [...indices].sort().join(',');
  keys.set(indices, key);
  return key;
}

/** Divides due rules into batches that share requests; rules over other indices are in other batches, so that a slow index delays only its own. */
export function batches(due: readonly Rule[], size = BATCH_RULES): readonly (readonly Rule[])[] {
  const bySource = groupedBy(due, ({ source }) => keyOf(source.indices));
  return [...bySource.values()].flatMap((rules) => chunked(rules, size));
}
