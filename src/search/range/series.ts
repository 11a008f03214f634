import { own } from '../../core/record.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Arrived } from '../answer.ts';
import { groupKey } from '../group-key.ts';
import type { Group, GroupsQuery, Value } from '../query.ts';

/** The values of one group over time, as a chart draws them. */
export interface Series {
  readonly group: Group;
  /** The end of each window, oldest first. */
  readonly times: readonly Instant[];
  /** One for each time: null where nothing was measured, and where it is not known. */
  readonly values: readonly (Value | null)[];
  /** The values beyond which it is bad, as far as there are such. */
  readonly thresholds: readonly number[];
}

/** What of the answers a series shows: a metric by its name, or without one the number of documents. */
export interface Shown {
  readonly metric?: string;
  readonly thresholds?: readonly number[];
}

/**
 * The series of each group in the answers to a range query, in the order of their first appearance. A group that is missing from a whole answer
 * has no documents there; of an answer that was truncated or is open (undefined) that is not known.
 */
export function seriesOf(
  query: GroupsQuery,
  windows: readonly TimeRange[],
  answers: readonly (Arrived | undefined)[],
  { metric, thresholds = [] }: Shown = {},
): readonly Series[] {
  const times = windows.map(({ to }) => to);
  const counts = metric === undefined || own(query.metrics, metric)?.of === 'count';
  const blank = answers.map((answer) => (answer?.kind === 'complete' && counts ? 0 : null));
  const all = new Map<string, { readonly group: Group; readonly values: (Value | null)[] }>();
  for (const [place, answer] of answers.entries()) {
    for (const row of answer?.groups ?? []) {
      const key = groupKey(query.groupBy, row.group);
      const known = all.get(key) ?? { group: row.group, values: [...blank] };
      all.set(key, known);
      known.values[place] = metric === undefined ? row.docs : (own(row.values, metric) ?? null);
    }
  }
  return [...all.values()].map(({ group, values }) => ({ group, times, values, thresholds }));
}
