import type { Instant } from '../../core/time.ts';
import { groupOfKey } from '../../search/group-key.ts';
import type { Group, Value } from '../../search/query.ts';
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

/** The remembered groups that still fit the rule's `group_by`. */
export function groupsOfChanges(memory: ChangeMemory | undefined, groupBy: readonly string[]): readonly Group[] {
  return Object.keys(memory?.last ?? {})
    .map((key) => groupOfKey(groupBy, key))
    .filter((group) => group !== undefined);
}

/** The memory of at most `limit` groups; those silent for longest go first. */
export function boundedMemory(subject: string, last: ReadonlyMap<string, Remembered>, limit: number): ChangeMemory {
  const age = ({ heard }: Remembered) => heard ?? Number.MAX_VALUE;
  const kept = last.size <= limit ? [...last] : [...last].sort(([, a], [, b]) => age(b) - age(a)).slice(0, limit);
  return { subject, last: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
