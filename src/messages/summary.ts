import type { GroupCounts } from '../channels/message.ts';
import { groupValue } from '../core/printed.ts';
import { own } from '../core/record.ts';

/** Values that a line of the summary names; the others are counted. */
const NAMED = 8;
/** Lines of the summary. */
const FIELDS = 4;

/**
 * How alerts spread over the values of their group's fields, the most frequent first: what a reader of hundreds wants before any of them by
 * name. A field in which nearly every alert has a value of its own says nothing and is left out.
 */
export function summaryOf(groups: readonly Readonly<Record<string, string | null>>[]): readonly GroupCounts[] {
  const fields = [...new Set(groups.flatMap((group) => Object.keys(group)))];
  return fields.flatMap((field) => countsOf(field, groups) ?? []).slice(0, FIELDS);
}

function countsOf(field: string, groups: readonly Readonly<Record<string, string | null>>[]): GroupCounts | undefined {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const value = own(group, field);
    if (value !== undefined) counts.set(groupValue(value), (counts.get(groupValue(value)) ?? 0) + 1);
  }
  if (counts.size > groups.length / 2) return undefined;
  const sorted = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return {
    field,
    values: sorted.slice(0, NAMED).map(([value, count]) => ({ value, count })),
    others: Math.max(0, sorted.length - NAMED),
  };
}
