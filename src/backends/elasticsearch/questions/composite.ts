import { isObject, type Json, type JsonObject } from '../../../core/json.ts';
import type { GroupRow } from '../../../search/answer.ts';
import type { Group, GroupsQuery } from '../../../search/query.ts';
import { searchProblem } from '../../../search/search-problem.ts';
import { lackingAny, queryOf, searchBody } from './body.ts';
import { askDates, mayBeDate } from './date-groups.ts';
import { bucketsOfMetrics, metricAggregations } from './metrics.ts';
import { groupKey, ofGroups, portions } from './only.ts';
import { bucketsOf, docsOf, groupValue, lacking, rowOf, withSubs } from './rows.ts';
import { done, type Found, failed, NOTHING, type Step } from './step.ts';

const PAGE = 1_000;
/** Groups and buckets of one answer that fit into memory and into the turn's time. */
const MAX_ROWS = 100_000;
const TIME = 'time';

/** What earlier pages told. */
interface Read {
  readonly rows: readonly GroupRow[];
  readonly groups: ReadonlySet<string>;
  readonly matched: number;
  readonly ungrouped: number;
  /** Fields whose values may be dates. */
  readonly dates: ReadonlySet<string>;
}

const START: Read = { rows: [], groups: new Set(), matched: 0, ungrouped: 0, dates: new Set() };

/** The groups of any number of fields, and the buckets of the window, in exact counts, page by page up to one group more than asked for. */
export function askComposite(query: GroupsQuery): Step {
  return askPortion(query, portions(query), START);
}

function askPortion(query: GroupsQuery, [portion, ...rest]: readonly (readonly Group[] | undefined)[], read: Read): Step {
  const next = (after: Read) => (rest.length === 0 ? finish(query, after, false) : askPortion(query, rest, after));
  if (portion === undefined && query.only !== undefined) return finish(query, read, false);
  return askPage({ query, portion, after: undefined, next }, read);
}

interface Page {
  readonly query: GroupsQuery;
  readonly portion: readonly Group[] | undefined;
  readonly after: JsonObject | undefined;
  readonly next: (read: Read) => Step;
}

function askPage(page: Page, read: Read): Step {
  const { query, portion, after } = page;
  const only = portion === undefined ? [] : [ofGroups(query.groupBy, portion)];
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
  const length = Math.max(1, Math.round(query.bucket));
  const offset = ((query.window.from % length) + length) % length;
  const histogram = { field: query.source.timeField, fixed_interval: `${length}ms`, offset: `${offset}ms` };
  return [...fields, { [TIME]: { date_histogram: histogram } }];
}

function pageSize(query: GroupsQuery): number {
  const wanted = query.bucket === undefined && query.only === undefined ? query.maxGroups + 1 : PAGE;
  return Math.max(1, Math.min(PAGE, wanted, Math.floor(20_000 / (1 + bucketsOfMetrics(query.metrics)))));
}

function readPage(page: Page, before: Read, found: Found): Step {
  const { query, portion } = page;
  const buckets = bucketsOf(found, 'groups');
  const rows = buckets?.map((bucket) => compositeRow(query, bucket));
  if (rows === undefined || !rows.every((row) => row !== undefined)) return lacking('groups');

  const dates = new Set([...before.dates, ...datesOf(query, buckets ?? [])]);
  const read = withRows({ ...before, dates }, query, portion, rows, page.after === undefined ? found : undefined);
  if (read.groups.size > query.maxGroups && query.only === undefined && query.groupBy.length > 0)
    return finish(query, read, true);
  if (read.rows.length > MAX_ROWS) return failed(searchProblem('too_large', `more than ${MAX_ROWS} rows of groups and buckets`));
  const after = afterOf(found);
  return after === undefined || rows.length === 0 ? page.next(read) : askPage({ ...page, after }, read);
}

function withRows(
  before: Read,
  query: GroupsQuery,
  portion: readonly Group[] | undefined,
  rows: readonly GroupRow[],
  first: Found | undefined,
): Read {
  const wanted = portion && new Set(portion.map((group) => groupKey(query.groupBy, group)));
  // A document with several values is in the groups of all of them, also in those that were not asked for.
  const kept = rows.filter((row) => wanted?.has(groupKey(query.groupBy, row.group)) ?? true);
  return {
    ...before,
    rows: [...before.rows, ...kept],
    groups: new Set([...before.groups, ...kept.map((row) => groupKey(query.groupBy, row.group))]),
    matched: before.matched + (first === undefined ? 0 : (docsOf(first, 'all') ?? 0)),
    ungrouped: before.ungrouped + (first === undefined ? 0 : (docsOf(first, 'without') ?? 0)),
  };
}

function compositeRow(query: GroupsQuery, bucket: Readonly<Record<string, unknown>>): GroupRow | undefined {
  const { key } = bucket;
  if (!isObject(key)) return undefined;
  const group = Object.fromEntries(query.groupBy.map((field, i) => [field, groupValue(key[`g${i}`])]));
  const row = rowOf(query, group, bucket);
  if (row === undefined || query.bucket === undefined) return row;
  const start = key[TIME];
  return typeof start === 'number' ? { ...row, bucket: start } : undefined;
}

function afterOf(found: Found): JsonObject | undefined {
  const groups = found.aggregations['groups'];
  const after = isObject(groups) ? groups['after_key'] : undefined;
  return isObject(after) ? (after as JsonObject) : undefined;
}

function datesOf(query: GroupsQuery, buckets: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return query.groupBy.filter((_field, i) => buckets.some(({ key }) => isObject(key) && mayBeDate(key[`g${i}`])));
}

function finish(query: GroupsQuery, read: Read, truncated: boolean): Step {
  const kept = truncated ? new Set([...read.groups].slice(0, query.maxGroups)) : read.groups;
  const rows = read.rows.filter((row) => kept.has(groupKey(query.groupBy, row.group)));
  return askDates(query, [...read.dates], rows, (groups) =>
    done({
      ...NOTHING,
      kind: truncated ? 'truncated' : 'complete',
      groups,
      matched: read.matched,
      ungrouped: read.ungrouped,
      atLeast: read.groups.size,
    }),
  );
}
