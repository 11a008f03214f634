import type { Instant } from '../../core/time.ts';
import type { Value } from '../../search/query.ts';
import { partCheck } from '../../state/read-stored.ts';
import { dictionary, instant, members, name, nullable, scalar } from '../../state/shapes.ts';

/** The last value of a group, and the tick at which a silent one last had documents; null while it has some. */
export type Remembered = { readonly value: Value | null; readonly heard: Instant | null };

/** The groups a change rule has seen, by `groupKey`, and the subject they were seen of. */
export type ChangeMemory = { readonly subject: string; readonly last: { readonly [key: string]: Remembered } };

/** What is wrong with a stored memory; undefined: nothing. */
export const changeMemoryProblem = partCheck(
  members({ subject: name, last: dictionary(members({ value: nullable(scalar), heard: nullable(instant) })) }),
);
