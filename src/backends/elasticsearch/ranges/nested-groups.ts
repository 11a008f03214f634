import { isObject, type JsonObject } from '../../../core/json.ts';
import type { GroupRow } from '../../../search/answer.ts';
import { groupKey } from '../../../search/group-key.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { lackingAny, queryOf, searchBody } from '../questions/body.ts';
import { metricAggregations } from '../questions/metrics.ts';
import { bucketValue, docsOf, lacking, rowOf, ungroupable, withSubs } from '../questions/rows.ts';
import { done, type Found, failed, NO_PARTS, type SearchRequest, type Step } from '../questions/step.ts';
import type { Asking } from './windows.ts';

const LEVEL = 'groups';

/**
 * Groups of several fields, or of very many values, within the bucket of a window, where no `composite` may be: terms within terms, in the order
 * of their values, as a composite has them. Undefined where that would not be the same: groups of documents that lack a field.
 */
export function nestedAsking(query: GroupsQuery): Asking | undefined {
  if (query.groupBy.length === 0 || query.missing === 'include' || query.bucket !== undefined || query.only !== undefined)
    return undefined;
  const without = { filter: lackingAny(query.groupBy) };
  const subs = metricAggregations(query.metrics, query.source.timeField);
  return { aggs: { without, [LEVEL]: termsOfTerms(query.groupBy, query.maxGroups, subs) }, read: (found) => read(query, found) };
}

/** Terms of the first field, in each the terms of the next, and so on. */
function termsOfTerms([field, ...rest]: readonly string[], size: number, subs: JsonObject): JsonObject {
  const terms = { terms: { field: field ?? '', size, order: { _key: 'asc' } } };
  return withSubs(terms, rest.length === 0 ? subs : { [LEVEL]: termsOfTerms(rest, size, subs) });
}

/** The rows of terms within terms; undefined if some were cut off or have another shape. */
function rowsOfTerms(query: GroupsQuery, aggregation: unknown, above: readonly string[] = []): GroupRow[] | undefined {
  if (!isObject(aggregation) || aggregation['sum_other_doc_count'] !== 0 || !Array.isArray(aggregation['buckets']))
    return undefined;
  const rows: GroupRow[] = [];
  for (const bucket of aggregation['buckets'] as readonly unknown[]) {
    const value = isObject(bucket) ? bucketValue(bucket['key'], bucket['key_as_string']) : undefined;
    if (!isObject(bucket) || value === undefined) return undefined;
    const path = [...above, value];
    const found = path.length < query.groupBy.length ? rowsOfTerms(query, bucket[LEVEL], path) : [rowAt(query, path, bucket)];
    for (const row of found ?? [undefined]) {
      if (row === undefined) return undefined;
      rows.push(row);
    }
  }
  return rows;
}

function rowAt(query: GroupsQuery, path: readonly string[], bucket: unknown): GroupRow | undefined {
  return rowOf(query, Object.fromEntries(query.groupBy.map((field, at) => [field, path[at] ?? ''])), bucket);
}

function read(query: GroupsQuery, found: Found): Step {
  const [matched, without] = [docsOf(found, 'all'), docsOf(found, 'without')];
  const rows = rowsOfTerms(query, found.aggregations[LEVEL]);
  if (matched === undefined || without === undefined || rows === undefined || rows.length > query.maxGroups)
    return lacking('groups');
  const lost = matched - without - rows.reduce((sum, row) => sum + row.docs, 0);
  if (lost > 0) return failed(ungroupable(query.groupBy.join(' and '), lost));
  return done({ kind: 'complete', ...NO_PARTS, groups: rows, matched, ungrouped: without, atLeast: rows.length });
}

/** Groups by `groupKey`, in the order of their values. */
export type GroupOrder = ReadonlyMap<string, number>;

/** More groups than these are not put in order. */
const MOST_GROUPS = 10_000;

/** Asks for the groups of a window in the order of their values: only Elasticsearch knows how values of a field compare. */
export function orderSearch(query: GroupsQuery): SearchRequest {
  const { source, groupBy } = query;
  const order = termsOfTerms(groupBy, MOST_GROUPS, {});
  return { kind: 'search', source, body: searchBody(source, queryOf(query), { aggs: { order } }) };
}

/** The order received; undefined if it is incomplete. */
export function readOrder(query: GroupsQuery, found: Found): GroupOrder | undefined {
  const rows = rowsOfTerms({ ...query, metrics: {} }, found.aggregations['order']);
  return rows && new Map(rows.map(({ group }, rank) => [groupKey(query.groupBy, group), rank]));
}
