import { isObject, type JsonObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { Duration, Instant, TimeRange } from '../../../core/time.ts';
import type { GroupsQuery, QueryDsl } from '../../../search/query.ts';
import { queryOf, rangeOf, searchBody } from '../questions/body.ts';
import { countOf } from '../questions/counts.ts';
import { isComposite } from '../questions/groups.ts';
import { bucketsOfMetrics } from '../questions/metrics.ts';
import { docsOf } from '../questions/rows.ts';
import type { Finished, Found, SearchRequest, Step } from '../questions/step.ts';
import { emptyAnswer } from '../underway.ts';

/** One search over many windows, and how its answer is read. */
export interface WindowsSearch {
  readonly search: SearchRequest;
  /** An answer for each window; undefined: ask for it alone. Undefined as a whole: not one of them can be believed. */
  read(found: Found): readonly (Finished | undefined)[] | undefined;
}

/** Metrics that keep a sketch of the values in memory, and how many buckets one of them counts for. */
const SKETCHES: ReadonlySet<string> = new Set(['percentile', 'cardinality']);
const BUCKETS_OF_A_SKETCH = 10;

/** How many buckets a window takes, the sketches of its metrics counted as several. */
export function bucketsAWindow({ groupBy, metrics }: GroupsQuery, groups: number): number {
  const sketches = Object.values(metrics).filter(({ of }) => SKETCHES.has(of)).length * BUCKETS_OF_A_SKETCH;
  const each = 1 + bucketsOfMetrics(metrics) + sketches;
  return groupBy.length === 0 ? 1 + each : 2 + (1 + groups) * (each + groupBy.length - 1);
}

/** A question about many windows. */
export interface WindowsQuestion {
  readonly query: GroupsQuery;
  /** How it is asked about one window. */
  readonly asking: Asking;
  /** As in the range query. */
  readonly anyOrder: boolean;
}

/**
 * The search for a question over many windows. Slices that follow each other are a date histogram, all others ranges of their own. Elasticsearch
 * puts the buckets of ranges together in the order of the shards, as it does for one window, and those of a histogram in any order.
 */
export function windowsSearch({ query, asking, anyOrder }: WindowsQuestion, windows: readonly TimeRange[]): WindowsSearch {
  const { aggs, read } = asking;
  const { source } = query;
  const slice = anyOrder ? sliceLength(windows) : undefined;
  const span = spanOf(windows);
  const subs = Object.keys(aggs).length === 0 ? {} : { aggs };
  const inWindows =
    slice === undefined
      ? { date_range: { field: source.timeField, format: 'epoch_millis', keyed: true, ranges: rangesOf(windows) }, ...subs }
      : { date_histogram: histogramOf(source.timeField, span.from, slice), ...subs };
  const body = searchBody(source, queryOf({ source, window: span, filter: query.filter }, ...partsOf(query, windows)), {
    aggs: { total: { filter: { match_all: {} } }, windows: inWindows },
  });
  return {
    search: { kind: 'search', source, body },
    read: (found) => {
      const buckets = slice === undefined ? rangeBuckets(found, windows) : sliceBuckets(found, windows);
      if (buckets === undefined) return undefined;
      return windows.map((window, place) => answerOf({ ...query, window }, buckets[place], found, read));
    },
  };
}

/** How a question is asked within a bucket of its documents: the bucket itself stands for all of them. */
export interface Asking {
  readonly aggs: JsonObject;
  read(found: Found): Step;
}

/** The aggregations of a question about one window, taken out of its search; undefined where they are not asked in one bucket. */
export function askingOf(step: Step): Asking | undefined {
  const aggs = step.kind === 'ask' ? step.search.body['aggs'] : undefined;
  if (step.kind !== 'ask' || !isObject(aggs)) return undefined;
  const { all, groups, ...rest } = aggs as JsonObject;
  if (!isObject(all)) return undefined;
  const inner = all['aggs'];
  const lean = isObject(groups) ? { groups: withoutBounds(groups as JsonObject) } : {};
  return { aggs: { ...rest, ...lean, ...(isObject(inner) ? (inner as JsonObject) : {}) }, read: step.read };
}

/** A bound of error in each of half a million groups is most of an answer; that of all of them together says whether there is any. */
function withoutBounds(groups: JsonObject): JsonObject {
  const { terms, ...rest } = groups;
  if (!isObject(terms)) return groups;
  const { show_term_doc_count_error: _shown, ...lean } = terms as JsonObject;
  return { terms: lean, ...rest };
}

/** The groups with the bounds of error that were left out; undefined if one of them is not 0. */
function withBounds(groups: unknown): unknown {
  if (!isObject(groups) || !Array.isArray(groups['buckets']) || groups['doc_count_error_upper_bound'] !== 0) return undefined;
  const buckets: readonly unknown[] = groups['buckets'];
  return { ...groups, buckets: buckets.map((one) => (isObject(one) ? { doc_count_error_upper_bound: 0, ...one } : one)) };
}

type Bucket = Readonly<Record<string, unknown>>;

function answerOf(
  query: GroupsQuery,
  bucket: Bucket | undefined,
  { took, shards }: Found,
  read: Asking['read'],
): Finished | undefined {
  if (bucket === undefined) return emptyAnswer(query);
  const groups = isComposite(query) || query.groupBy.length === 0 ? {} : { groups: withBounds(bucket['groups']) };
  const step = read({ took, shards, aggregations: { ...bucket, all: bucket, ...groups }, hits: [], body: {} });
  const [answer] = step.kind === 'done' ? step.answers : [];
  return answer?.kind === 'failed' ? undefined : answer;
}

/** The length of slices without a gap, all alike; undefined: the windows are not of that form. */
export function sliceLength(windows: readonly TimeRange[]): Duration | undefined {
  const [first] = windows;
  if (first === undefined) return undefined;
  const length = first.to - first.from;
  const follow = windows.every(({ from, to }, place) => from === first.from + place * length && to === from + length);
  return follow ? length : undefined;
}

/** From the first begin of windows to their last end. */
export function spanOf(windows: readonly TimeRange[]): TimeRange {
  return windows.reduce((span, { from, to }) => ({ from: Math.min(span.from, from), to: Math.max(span.to, to) }), {
    from: Number.POSITIVE_INFINITY,
    to: Number.NEGATIVE_INFINITY,
  });
}

function rangesOf(windows: readonly TimeRange[]): readonly JsonObject[] {
  return windows.map(({ from, to }, place) => ({ key: String(place), from, to }));
}

/** A histogram of slices from `from` on. Times are written beside their keys as short as may be: they are not read. */
export function histogramOf(field: string, from: Instant, length: Duration): JsonObject {
  const offset = ((from % length) + length) % length;
  return { field, fixed_interval: `${length}ms`, offset: `${offset}ms`, min_doc_count: 1, format: 'epoch_millis' };
}

/** What lies between windows that are apart is not read. */
function partsOf({ source }: GroupsQuery, windows: readonly TimeRange[]): readonly QueryDsl[] {
  const parts = withoutOverlap(windows);
  if (parts.length < 2) return [];
  return [{ bool: { should: parts.map((part) => rangeOf(source.timeField, part)), minimum_should_match: 1 } }];
}

/** The time that windows cover, oldest first: those that overlap or touch as one. */
function withoutOverlap(windows: readonly TimeRange[]): readonly TimeRange[] {
  const parts: TimeRange[] = [];
  for (const { from, to } of windows) {
    const last = parts.at(-1);
    if (last === undefined || from > last.to) parts.push({ from, to });
    else parts[parts.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return parts;
}

function rangeBuckets(found: Found, windows: readonly TimeRange[]): readonly (Bucket | undefined)[] | undefined {
  const { windows: aggregation } = found.aggregations;
  const buckets = isObject(aggregation) ? aggregation['buckets'] : undefined;
  if (!isObject(buckets)) return undefined;
  const placed = windows.map((_, place) => own(buckets, String(place)));
  return placed.every(isObject) ? placed : undefined;
}

/** A document with several times lies in several slices, or in one that was not asked for: sums of slices would be wrong. */
function sliceBuckets(found: Found, windows: readonly TimeRange[]): readonly (Bucket | undefined)[] | undefined {
  const { windows: aggregation } = found.aggregations;
  const buckets: unknown = isObject(aggregation) ? aggregation['buckets'] : undefined;
  if (!Array.isArray(buckets) || !buckets.every(isObject)) return undefined;
  const places = new Map(windows.map(({ from }, place) => [from, place]));
  const placed = new Array<Bucket | undefined>(windows.length).fill(undefined);
  let docs = 0;
  for (const bucket of buckets) {
    const place = typeof bucket['key'] === 'number' ? places.get(bucket['key']) : undefined;
    const count = countOf(bucket['doc_count']);
    if (place === undefined || count === undefined) return undefined;
    placed[place] = bucket;
    docs += count;
  }
  return docs === docsOf(found, 'total') ? placed : undefined;
}
