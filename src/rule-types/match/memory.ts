import { inNameOrder } from '../../core/text-order.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { partCheck } from '../../state/read-stored.ts';
import { count, dictionary, instant, members, name } from '../../state/shapes.ts';

/**
 * What a match rule remembers. `seen`: documents that were looked at, by a hash of index and id, with their times. `floor`: documents
 * before it are never looked at again, so that whatever is forgotten is not notified twice. `keys`: when a key was notified (tick), and how many
 * of its documents were held back since.
 */
export type MatchMemory = {
  readonly subject: string;
  readonly floor: Instant;
  readonly seen: { readonly [document: string]: Instant };
  readonly keys: { readonly [key: string]: { readonly at: Instant; readonly suppressed: number } };
};

/** What is wrong with a stored memory; undefined: nothing. */
export const matchMemoryProblem = partCheck(
  members({
    subject: name,
    floor: instant,
    seen: dictionary(instant),
    keys: dictionary(members({ at: instant, suppressed: count })),
  }),
);

/** Documents and keys remembered at most: the document of a rule must stay small. */
export const MOST_REMEMBERED = 5_000;

/**
 * The memory without the documents before `from`, which no question reaches any more, and without keys whose time is up: those with
 * something held back are kept for `patience` more, to report it with their next document. Beyond the bound the oldest go.
 */
export function pruned(memory: MatchMemory, from: Instant, at: Instant, throttle: Duration, patience: Duration): MatchMemory {
  const entries = Object.entries(memory.seen);
  const living = entries.filter(([, time]) => time >= from).sort(([, a], [, b]) => b - a);
  const kept = living.slice(0, MOST_REMEMBERED);
  const forgotten = living[MOST_REMEMBERED]?.[1];
  const floor = Math.max(
    memory.floor,
    living.length < entries.length ? from : memory.floor,
    forgotten === undefined ? memory.floor : forgotten + 1,
  );
  const keys = Object.entries(memory.keys)
    .filter(([, notified]) => at - notified.at < throttle + (notified.suppressed > 0 ? patience : 0))
    .sort(([, a], [, b]) => b.at - a.at)
    .slice(0, MOST_REMEMBERED);
  return { ...memory, floor, seen: inNameOrder(kept), keys: inNameOrder(keys) };
}
