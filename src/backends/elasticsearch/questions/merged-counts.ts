import { canonicalJson, isObject, type Json, type JsonObject } from '../../../core/json.ts';
import { put } from '../../../core/record.ts';
import type { Duration } from '../../../core/time.ts';
import type { GroupsQuery, Query, QueryDsl } from '../../../search/query.ts';
import { isMatchAll, queryOf, searchBody } from './body.ts';
import { countOf } from './counts.ts';
import { lacking } from './rows.ts';
import { asSent, type Finished, NO_PARTS, type SearchRequest, type Step } from './step.ts';

/** A groups query without groups or buckets whose metrics are counts. */
export type CountQuery = GroupsQuery;

/** Merging is cheaper in short windows only: over an hour it was measured to be up to 15 times more expensive. */
const LONGEST_MERGED: Duration = 15 * 60_000;

/** Says whether a query is a plain count that others can be merged with. */
export function isPlainCount(query: Query): query is CountQuery {
  return (
    query.kind === 'groups' &&
    query.groupBy.length === 0 &&
    query.bucket === undefined &&
    query.only === undefined &&
    query.window.to - query.window.from <= LONGEST_MERGED &&
    Object.values(query.metrics).every((metric) => metric.of === 'count')
  );
}

/** Queries with equal keys look at the same documents and may be one search. */
export function mergeKey({ source, window }: CountQuery): string {
  return `${window.from} ${window.to} ${canonicalJson(source)}`;
}

/** How many filters a query takes in a merged search: one for itself and one for each metric of its own. */
export function filtersOf(query: CountQuery): number {
  return 1 + Object.values(query.metrics).filter((metric) => metric.where !== undefined).length;
}

/** Many plain counts over the same documents as one `filters` aggregation. */
export function askMerged(first: CountQuery, queries: readonly CountQuery[]): Step {
  const search = mergedSearch(first, Object.fromEntries(queries.flatMap(filters)));
  return {
    kind: 'ask',
    search,
    read: (found) => {
      const aggregation = found.aggregations['counts'];
      const buckets = isObject(aggregation) && isObject(aggregation['buckets']) ? aggregation['buckets'] : undefined;
      const answers = queries.map((query, i) => buckets && readCounts(query, i, buckets));
      if (!answers.every((answer) => answer !== undefined)) return lacking('counts');
      return { kind: 'done', answers };
    },
  };
}

/** What of a merged search concerns one of its queries. */
export function sentOfMerged(query: CountQuery, { kind, source, body }: SearchRequest): Json {
  return asSent({ kind, source, body: { ...body, aggs: countsOf(Object.fromEntries(filters(query, 0))) } });
}

function mergedSearch({ source, window }: CountQuery, counts: Readonly<Record<string, QueryDsl>>): SearchRequest {
  const everything = queryOf({ source, window, filter: { match_all: {} } });
  return { kind: 'search', source, body: searchBody(source, everything, { aggs: countsOf(counts) }) };
}

function countsOf(counts: Readonly<Record<string, QueryDsl>>): JsonObject {
  return { counts: { filters: { filters: counts } } };
}

/** The filters of one query by their names. */
function filters(query: CountQuery, position: number): readonly (readonly [string, QueryDsl])[] {
  const all: [string, QueryDsl][] = [[`q${position}`, query.filter]];
  for (const [i, { where }] of Object.values(query.metrics).entries()) {
    if (where !== undefined) all.push([`q${position}m${i}`, both(query.filter, where)]);
  }
  return all;
}

function both(filter: QueryDsl, where: QueryDsl): QueryDsl {
  return isMatchAll(filter) ? where : { bool: { filter: [filter, where] } };
}

function readCounts(query: CountQuery, position: number, buckets: Readonly<Record<string, unknown>>): Finished | undefined {
  const docs = docsOf(buckets[`q${position}`]);
  if (docs === undefined) return undefined;
  const values: Record<string, number> = {};
  for (const [i, [name, metric]] of Object.entries(query.metrics).entries()) {
    const count = metric.where === undefined ? docs : docsOf(buckets[`q${position}m${i}`]);
    if (count === undefined) return undefined;
    put(values, name, count);
  }
  const groups = [{ group: {}, docs, values }];
  return { kind: 'complete', ...NO_PARTS, groups, matched: docs, ungrouped: 0, atLeast: 1 };
}

function docsOf(bucket: unknown): number | undefined {
  return isObject(bucket) ? countOf(bucket['doc_count']) : undefined;
}
