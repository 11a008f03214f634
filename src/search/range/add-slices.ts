import { own } from '../../core/record.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Arrived, Cost, GroupRow } from '../answer.ts';
import { mayBeTime, timeMetrics } from '../dated-metrics.ts';
import { groupKey } from '../group-key.ts';
import type { Group, GroupsQuery } from '../query.ts';
import type { RangeAnswer } from './range-query.ts';
import { addParts, type MetricPart, partsOf, valuesOf } from './slice-parts.ts';
import { sliding } from './sliding.ts';

interface RowSum {
  readonly group: Group;
  readonly docs: number;
  readonly parts: readonly MetricPart[];
}

/** What neighbouring slices hold together. */
interface Sum {
  readonly rows: ReadonlyMap<string, RowSum>;
  readonly matched: number;
  readonly ungrouped: number;
  /** A slice of it was not answered whole. */
  readonly open: boolean;
  readonly dates: ReadonlySet<string>;
  readonly named: readonly Group[] | undefined;
  readonly cost: Cost | undefined;
  readonly sent: Arrived['sent'];
}

const OPEN: Sum = {
  rows: new Map(),
  matched: 0,
  ungrouped: 0,
  open: true,
  dates: new Set(),
  named: undefined,
  cost: undefined,
  sent: null,
};

/**
 * The answers of windows by adding up the slices that they are made of (`slicesOf`); `answer` is that of the slices, to `partQuery(query)`. A
 * window stays open (undefined) where a slice does, where its groups are more than `maxGroups` so that some would be cut off, and where a sum may
 * have been rounded.
 */
export function addSlices(
  query: GroupsQuery,
  windows: readonly TimeRange[],
  slices: readonly TimeRange[],
  { answers, order }: RangeAnswer,
): readonly (Arrived | undefined)[] {
  const kinds = Object.values(query.metrics).map(({ of }) => of);
  const queue = sliding<Sum>((older, newer) => addSums(kinds, older, newer));
  const keyOf = keysOf(query.groupBy);
  let [oldest, next] = [0, 0];
  return windows.map((window) => {
    for (; (slices[next]?.to ?? Number.POSITIVE_INFINITY) <= window.to; next++) queue.push(sumOf(query, keyOf, answers[next]));
    for (; startOf(slices, oldest) < window.from; oldest++) queue.shift();
    const sum = queue.sum();
    return sum === undefined || sum.open ? undefined : arrived(query, sum, order);
  });
}

/** `groupKey` of groups that come again and again. */
function keysOf(groupBy: readonly string[]): (group: Group) => string {
  const [field] = groupBy;
  if (field === undefined || groupBy.length > 1) return (group) => groupKey(groupBy, group);
  const known = new Map<string | null, string>();
  return (group) => {
    const value = own(group, field) ?? null;
    const before = known.get(value);
    if (before !== undefined) return before;
    const key = groupKey(groupBy, group);
    known.set(value, key);
    return key;
  };
}

function startOf(slices: readonly TimeRange[], index: number): Instant {
  return slices[index]?.from ?? Number.POSITIVE_INFINITY;
}

function sumOf(query: GroupsQuery, keyOf: (group: Group) => string, slice: Arrived | undefined): Sum {
  if (slice === undefined || slice.kind === 'truncated') return OPEN;
  const rows = new Map<string, RowSum>();
  for (const row of slice.groups) {
    rows.set(keyOf(row.group), { group: row.group, docs: row.docs, parts: partsOf(query.metrics, row) });
  }
  return {
    rows,
    matched: slice.matched,
    ungrouped: slice.ungrouped,
    open: false,
    dates: new Set(slice.dates),
    named: slice.named,
    cost: slice.cost,
    sent: slice.sent,
  };
}

function addSums(kinds: readonly GroupsQuery['metrics'][string]['of'][], older: Sum, newer: Sum): Sum {
  if (older.open || newer.open) return OPEN;
  const rows = new Map(older.rows);
  for (const [key, row] of newer.rows) {
    const before = rows.get(key);
    rows.set(key, before === undefined ? row : addRows(kinds, before, row));
  }
  return {
    rows,
    matched: older.matched + newer.matched,
    ungrouped: older.ungrouped + newer.ungrouped,
    open: false,
    dates: newer.dates.size === 0 ? older.dates : new Set([...older.dates, ...newer.dates]),
    named: newer.named ?? older.named,
    cost: newer.cost,
    sent: newer.sent,
  };
}

function addRows(kinds: readonly GroupsQuery['metrics'][string]['of'][], older: RowSum, newer: RowSum): RowSum {
  const parts = kinds.map((of, position) => {
    const [a, b] = [older.parts[position], newer.parts[position]];
    return a === undefined || b === undefined ? NO_PART : addParts(of, a, b);
  });
  return { group: older.group, docs: older.docs + newer.docs, parts };
}

const NO_PART: MetricPart = { n: 0, value: null, most: 0 };

function arrived(query: GroupsQuery, sum: Sum, order: RangeAnswer['order']): Arrived | undefined {
  if (query.groupBy.length > 0 && sum.rows.size > query.maxGroups) return undefined;
  const sorted = inOrder(query, [...sum.rows], order);
  const groups = sorted?.map(({ group, docs, parts }): GroupRow | undefined => {
    const values = valuesOf(query.metrics, parts);
    return values === undefined ? undefined : { group, docs, values };
  });
  if (!groups?.every((row) => row !== undefined) || sum.cost === undefined) return undefined;
  const dates = timeMetrics(query.metrics).flatMap(([name]) => (sum.dates.has(name) && mayBeTime(groups, name) ? [name] : []));
  return {
    kind: 'complete',
    groups,
    hits: [],
    table: [],
    matched: sum.matched,
    ungrouped: sum.ungrouped,
    atLeast: groups.length,
    ...(sum.named !== undefined && { named: sum.named }),
    ...(dates.length > 0 && { dates }),
    sent: sum.sent,
    cost: sum.cost,
  };
}

/** As answers have them: by one field the largest groups first, by several in the order of their values. Undefined where that is not known. */
function inOrder(
  { groupBy }: GroupsQuery,
  rows: readonly (readonly [string, RowSum])[],
  order: RangeAnswer['order'],
): readonly RowSum[] | undefined {
  if (rows.length < 2) return rows.map(([, row]) => row);
  const byDocs = groupBy.length === 1;
  const ranked = rows.map(([key, row]) => ({ row, rank: order?.get(key) ?? (byDocs && isNull(row) ? LAST : Number.NaN) }));
  if (ranked.some(({ rank }) => Number.isNaN(rank))) return undefined;
  return ranked.sort((a, b) => (byDocs ? b.row.docs - a.row.docs : 0) || a.rank - b.rank).map(({ row }) => row);
}

const LAST = Number.MAX_SAFE_INTEGER;

function isNull({ group }: RowSum): boolean {
  return Object.values(group).includes(null);
}
