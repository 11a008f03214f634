import { isObject } from '../../../core/json.ts';
import type { Duration, TimeRange } from '../../../core/time.ts';
import type { GroupRow } from '../../../search/answer.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { lackingAny, queryOf, searchBody } from '../questions/body.ts';
import { countOf } from '../questions/counts.ts';
import { metricAggregations } from '../questions/metrics.ts';
import { bucketsOf, bucketValue, docsOf, rowOf, withSubs } from '../questions/rows.ts';
import type { Finished, Found } from '../questions/step.ts';
import { fitsTerms, termsAnswer } from '../questions/terms.ts';
import { emptyAnswer } from '../underway.ts';
import { histogramOf, spanOf, type WindowsSearch } from './windows.ts';

/** Groups that may be met over all slices for each that one slice is expected to have: where they come and go faster, slices first are cheaper. */
const GROUPS_FOR_ONE = 4;
const LEAST_GROUPS = 32;

/** Groups that are asked for over all slices. */
export function groupsOverSlices({ maxGroups }: GroupsQuery, groups: number): number {
  return Math.min(maxGroups, Math.max(LEAST_GROUPS, groups * GROUPS_FOR_ONE));
}

/** Says whether a question over slices may be asked group by group. */
export function isGroupedBySlices(query: GroupsQuery): boolean {
  return fitsTerms(query);
}

/**
 * The search for a question over slices by one field, group by group: a histogram in each group in place of groups in each slice, which takes
 * Elasticsearch a sixth of the time. Its answer is read as undefined where there are more than `most` groups over all slices.
 */
export function groupedSlicesSearch(
  query: GroupsQuery,
  windows: readonly TimeRange[],
  slice: Duration,
  most: number,
): WindowsSearch {
  const { source, groupBy, metrics, missing } = query;
  const [field = ''] = groupBy;
  const span = spanOf(windows);
  const subs = metricAggregations(metrics, source.timeField);
  const histogram = { date_histogram: histogramOf(source.timeField, span.from, slice) };
  const without = withSubs({ filter: lackingAny([field]) }, missing === 'include' ? subs : {});
  const body = searchBody(source, queryOf({ source, window: span, filter: query.filter }), {
    aggs: {
      total: { filter: { match_all: {} } },
      windows: { ...histogram, aggs: { without } },
      // In the order of their values, as equally large groups of one slice are.
      groups: { terms: { field, size: most, order: { _key: 'asc' } }, aggs: { windows: withSubs(histogram, subs) } },
    },
  });
  return { search: { kind: 'search', source, body }, read: (found) => readGrouped(query, windows, found) };
}

interface Slice {
  readonly matched: number;
  readonly without: unknown;
  readonly rows: GroupRow[];
  counted: number;
}

function readGrouped(
  query: GroupsQuery,
  windows: readonly TimeRange[],
  found: Found,
): readonly (Finished | undefined)[] | undefined {
  const slices = slicesIn(found, windows);
  const { groups } = found.aggregations;
  const buckets = bucketsOf(found, 'groups');
  if (slices === undefined || buckets === undefined || !isObject(groups)) return undefined;
  if (groups['sum_other_doc_count'] !== 0 || groups['doc_count_error_upper_bound'] !== 0) return undefined;
  for (const bucket of buckets) if (!placeRows(query, bucket, slices)) return undefined;
  return windows.map(({ from, to }) => {
    const one = slices.get(from);
    return one === undefined ? emptyAnswer(query) : answerOf({ ...query, window: { from, to } }, one);
  });
}

/** A document with several times lies in several slices, or in one that was not asked for: sums of slices would be wrong. */
function slicesIn(found: Found, windows: readonly TimeRange[]): ReadonlyMap<number, Slice> | undefined {
  const begins = new Set(windows.map(({ from }) => from));
  const slices = new Map<number, Slice>();
  let docs = 0;
  for (const { key, doc_count: count, without } of bucketsOf(found, 'windows') ?? []) {
    const matched = countOf(count);
    if (typeof key !== 'number' || !begins.has(key) || matched === undefined) return undefined;
    slices.set(key, { matched, without, rows: [], counted: 0 });
    docs += matched;
  }
  return docs === docsOf(found, 'total') ? slices : undefined;
}

/** Puts what a group has in each slice there; false if the answer has another shape. */
function placeRows(query: GroupsQuery, bucket: Readonly<Record<string, unknown>>, slices: ReadonlyMap<number, Slice>): boolean {
  const value = bucketValue(bucket['key'], bucket['key_as_string']);
  const windows = bucket['windows'];
  const inSlices: unknown = isObject(windows) ? windows['buckets'] : undefined;
  if (value === undefined || !Array.isArray(inSlices)) return false;
  const group = { [query.groupBy[0] ?? '']: value };
  for (const one of inSlices) {
    const slice = isObject(one) ? slices.get(Number(one['key'])) : undefined;
    const row = rowOf(query, group, one);
    if (slice === undefined || row === undefined) return false;
    slice.rows.push(row);
    slice.counted += row.docs;
  }
  return true;
}

function answerOf(query: GroupsQuery, { matched, without, rows, counted }: Slice): Finished | undefined {
  const lacking = isObject(without) ? countOf(without['doc_count']) : undefined;
  // Documents that are lost make a problem of this slice; asked alone, it says which.
  if (lacking === undefined || counted < matched - lacking) return undefined;
  const isNull = query.missing === 'include' && lacking > 0;
  const nulls = isNull ? rowOf(query, { [query.groupBy[0] ?? '']: null }, without) : undefined;
  if (isNull && nulls === undefined) return undefined;
  return termsAnswer(query, { matched, without: lacking, rows: nulls === undefined ? rows : [...rows, nulls] });
}
