import { canonicalJson, isObject, type Json, type JsonObject, jsonText } from '../../../core/json.ts';
import type { Duration } from '../../../core/time.ts';
import type { GroupRow } from '../../../search/answer.ts';
import { groupKey } from '../../../search/group-key.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { searchProblem } from '../../../search/search-problem.ts';
import { lackingAny, queryOf, searchBody } from './body.ts';
import { askDates, mayBeDate } from './date-groups.ts';
import { bucketsOfMetrics, metricAggregations } from './metrics.ts';
import { ofGroups, type Portion, portions } from './only.ts';
import { bucketsOf, bucketValue, docsOf, isTime, lacking, rowOf, ungroupable, withSubs } from './rows.ts';
import { done, type Found, failed, NO_PARTS, type Step } from './step.ts';

const PAGE = 1_000;
/** Groups and buckets of one answer that fit into memory and into the turn's time. */
const MAX_ROWS = 100_000;
const TIME = 'time';

/** What the portions before brought: rows that are final, and counts. */
interface Brought {
  readonly rows: readonly GroupRow[];
  readonly matched: number;
  readonly ungrouped: number;
}

/** What the pages of one portion brought so far. */
interface Read extends Brought {
  readonly groups: ReadonlySet<string>;
  /** Fields whose values may be dates. */
  readonly dates: ReadonlySet<string>;
}

const NOTHING: Brought = { rows: [], matched: 0, ungrouped: 0 };
const NOTHING_READ: Read = { ...NOTHING, groups: new Set(), dates: new Set() };

/**
 * The groups of any number of fields, and the buckets of the window, in exact counts, page by page up to one group more than
 * asked for.
 */
export function askComposite(query: GroupsQuery): Step {
  const [first, ...rest] = portions(query);
  return first === undefined ? finish(query, NOTHING, false) : askPortion(query, first, rest, NOTHING);
}

function askPortion(query: GroupsQuery, portion: Portion, rest: readonly Portion[], before: Brought): Step {
  const close = (read: Read, truncated: boolean): Step => {
    const lost = read.matched - read.ungrouped - read.rows.reduce((sum, row) => sum + row.docs, 0);
    if (lost > 0 && !truncated && query.groupBy.length > 0) return failed(ungroupable(query.groupBy.join(' and '), lost));
    return askDates(query, [...read.dates], cut(query, read, truncated), (rows) => {
      const brought = {
        rows: [...before.rows, ...ofPortion(query, portion, rows)],
        matched: before.matched + read.matched,
        ungrouped: before.ungrouped + read.ungrouped,
      };
      const [next, ...others] = rest;
      return next === undefined ? finish(query, brought, truncated) : askPortion(query, next, others, brought);
    });
  };
  return askPage({ query, portion, after: undefined, close }, NOTHING_READ);
}

/** The rows of as many groups as were asked for. */
function cut(query: GroupsQuery, { rows, groups }: Read, truncated: boolean): readonly GroupRow[] {
  if (!truncated) return rows;
  const kept = new Set([...groups].slice(0, query.maxGroups));
  return rows.filter((row) => kept.has(groupKey(query.groupBy, row.group)));
}

/** A document with several values is in the groups of all of them, also in those that were not asked for. */
function ofPortion({ groupBy }: GroupsQuery, portion: Portion, rows: readonly GroupRow[]): readonly GroupRow[] {
  if (portion === 'all') return rows;
  const wanted = new Set(portion.map((group) => groupKey(groupBy, group)));
  return rows.filter((row) => wanted.has(groupKey(groupBy, row.group)));
}

interface Page {
  readonly query: GroupsQuery;
  readonly portion: Portion;
  readonly after: JsonObject | undefined;
  readonly close: (read: Read, truncated: boolean) => Step;
}

function askPage(page: Page, read: Read): Step {
  const { query, portion, after } = page;
  const only = portion === 'all' ? [] : [ofGroups(query.groupBy, portion)];
  const composite = { size: pageSize(query), sources: sourcesOf(query), ...(after !== undefined && { after }) };
  const groups = withSubs({ composite }, metricAggregations(query.metrics, query.source.timeField));
  const aggs = after === undefined ? { ...countsOf(query), groups } : { groups };
  return {
    kind: 'ask',
    search: { kind: 'search', source: query.source, body: searchBody(query.source, queryOf(query, ...only), { aggs }) },
    read: (found) => readPage(page, read, found),
  };
}

function countsOf(query: GroupsQuery): JsonObject {
  const all = { filter: { match_all: {} } };
  if (query.missing === 'include' || query.groupBy.length === 0) return { all };
  return { all, without: { filter: lackingAny(query.groupBy) } };
}

function sourcesOf(query: GroupsQuery): Json {
  const missing = query.missing === 'include' ? { missing_bucket: true } : {};
  const fields = query.groupBy.map((field, i) => ({ [`g${i}`]: { terms: { field, ...missing } } }));
  if (query.bucket === undefined) return fields;
  const length = bucketLength(query.bucket);
  const offset = ((query.window.from % length) + length) % length;
  const histogram = { field: query.source.timeField, fixed_interval: `${length}ms`, offset: `${offset}ms` };
  return [...fields, { [TIME]: { date_histogram: histogram } }];
}

function bucketLength(bucket: Duration): Duration {
  return Math.max(1, Math.round(bucket));
}

function pageSize(query: GroupsQuery): number {
  const wanted = query.bucket === undefined && query.only === undefined ? query.maxGroups + 1 : PAGE;
  return Math.max(1, Math.min(PAGE, wanted, Math.floor(20_000 / (1 + bucketsOfMetrics(query.metrics)))));
}

function readPage(page: Page, before: Read, found: Found): Step {
  const { query } = page;
  const buckets = bucketsOf(found, 'groups');
  const rows = buckets?.map((bucket) => compositeRow(query, bucket));
  if (buckets === undefined || !rows?.every((row) => row !== undefined)) return lacking('groups');

  const counts = page.after === undefined ? countsIn(query, found) : before;
  const after = afterOf(found);
  if (counts === undefined) return lacking('counts');
  // What is not the last group of a full page would leave out groups, or bring some twice.
  const isFull = buckets.length >= pageSize(query);
  if (isFull && canonicalJson(after) !== canonicalJson(buckets.at(-1)?.['key'])) return lacking('place of the next groups');

  const read: Read = {
    rows: [...before.rows, ...rows],
    groups: new Set([...before.groups, ...rows.map((row) => groupKey(query.groupBy, row.group))]),
    dates: new Set([...before.dates, ...datesOf(query, buckets)]),
    matched: counts.matched,
    ungrouped: counts.ungrouped,
  };
  if (read.groups.size > query.maxGroups && query.only === undefined && query.groupBy.length > 0) return page.close(read, true);
  if (read.rows.length > MAX_ROWS) return failed(searchProblem('too_large', `more than ${MAX_ROWS} rows of groups and buckets`));
  if (after !== undefined && page.after !== undefined && canonicalJson(after) === canonicalJson(page.after)) {
    return failed(searchProblem('bad_answer', `the groups after ${jsonText(after)} begin with the same again`));
  }
  return after === undefined || rows.length === 0 ? page.close(read, false) : askPage({ ...page, after }, read);
}

function compositeRow(query: GroupsQuery, bucket: Readonly<Record<string, unknown>>): GroupRow | undefined {
  const { key } = bucket;
  if (!isObject(key)) return undefined;
  const values = query.groupBy.map((field, i) => [field, keyValue(query, key[`g${i}`])] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  const row = rowOf(query, Object.fromEntries(values.map(([field, value]) => [field, value ?? null])), bucket);
  if (row === undefined || query.bucket === undefined) return row;
  const start = key[TIME];
  return isTime(start) && (start - query.window.from) % bucketLength(query.bucket) === 0 ? { ...row, bucket: start } : undefined;
}

function keyValue({ missing }: GroupsQuery, key: unknown): string | null | undefined {
  return key === null && missing === 'include' ? null : bucketValue(key);
}

/** The counts returned with the first page; undefined when one of them did not come. */
function countsIn(query: GroupsQuery, found: Found): Pick<Brought, 'matched' | 'ungrouped'> | undefined {
  const matched = docsOf(found, 'all');
  const ungrouped = countsOf(query)['without'] === undefined ? 0 : docsOf(found, 'without');
  return matched === undefined || ungrouped === undefined ? undefined : { matched, ungrouped };
}

function afterOf(found: Found): JsonObject | undefined {
  const groups = found.aggregations['groups'];
  const after = isObject(groups) ? groups['after_key'] : undefined;
  return isObject(after) ? (after as JsonObject) : undefined;
}

function datesOf(query: GroupsQuery, buckets: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return query.groupBy.filter((field, i) => buckets.some(({ key }) => isObject(key) && mayBeDate(query, field, key[`g${i}`])));
}

function finish(query: GroupsQuery, { rows, matched, ungrouped }: Brought, truncated: boolean): Step {
  const groups = new Set(rows.map((row) => groupKey(query.groupBy, row.group))).size;
  return done({
    ...NO_PARTS,
    kind: truncated ? 'truncated' : 'complete',
    groups: rows,
    matched,
    ungrouped,
    atLeast: query.groupBy.length === 0 ? 1 : groups + (truncated ? 1 : 0),
  });
}
