import { groupKey } from '../../../search/group-key.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { queryOf, searchBody } from '../questions/body.ts';
import type { Found, SearchRequest } from '../questions/step.ts';
import { rowsOfTerms, termsOfTerms } from './nested-groups.ts';

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
