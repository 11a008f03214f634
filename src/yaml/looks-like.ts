import { isObject } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';

/** To look for what was meant by each of a thousand keys takes time. */
const MANY = 100;

/**
 * How many keys of a mapping are among the known ones, or nearly so; 0 where most are not, and for other values than mappings. A file of another kind
 * may hold one of them by chance, and be full of secrets.
 */
export function knownKeysOf(value: unknown, known: ReadonlySet<string>): number {
  if (!isObject(value)) return 0;
  const keys = Object.keys(value);
  const isKnown = (key: string) => known.has(key) || (keys.length <= MANY && nearest(key, known) !== undefined);
  const count = keys.filter(isKnown).length;
  return count * 2 >= keys.length ? count : 0;
}
