import type { Instant } from '../../core/time.ts';
import { partCheck } from '../../state/read-stored.ts';
import { dictionary, instant, members, nullable } from '../../state/shapes.ts';

/**
 * Groups a flatline rule has seen, by `groupKey`: the tick at which a silent one last had documents, null while it has some.
 * Presence, not each tick, is what is stored, so that a rule whose groups all go on reporting is not rewritten.
 */
export type FlatlineMemory = { readonly last: { readonly [key: string]: Instant | null } };

/** What is wrong with a stored memory; undefined: nothing. */
export const flatlineMemoryProblem = partCheck(members({ last: dictionary(nullable(instant)) }));
