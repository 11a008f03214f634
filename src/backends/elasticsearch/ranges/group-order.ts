import { isObject } from '../../../core/json.ts';
import { groupKey } from '../../../search/group-key.ts';
import type { GroupsQuery } from '../../../search/query.ts';
import { queryOf, searchBody } from '../questions/body.ts';
import { bucketValue } from '../questions/rows.ts';
import type { Found, SearchRequest } from '../questions/step.ts';

/** Groups by `groupKey`, in the order of their values. */
export type GroupOrder = ReadonlyMap<string, number>;

/** More groups than these are not put in order. */
const MOST_GROUPS = 10_000;

/** Asks for the groups of a window in the order of their values: only Elasticsearch knows how values of a field compare. */
export function orderSearch(query: GroupsQuery): SearchRequest | undefined {
  const { source, groupBy } = query;
  const [field, ...others] = groupBy;
  if (field === undefined || others.length > 0) return undefined;
  const order = { terms: { field, size: MOST_GROUPS, order: { _key: 'asc' } } };
  return { kind: 'search', source, body: searchBody(source, queryOf(query), { aggs: { order } }) };
}

/** The order that came; undefined for none and for one that is not whole. */
export function readOrder({ groupBy }: GroupsQuery, found: Found): GroupOrder | undefined {
  const [field] = groupBy;
  const { order } = found.aggregations;
  if (field === undefined || !isObject(order) || order['sum_other_doc_count'] !== 0) return undefined;
  const { buckets } = order;
  if (!Array.isArray(buckets)) return undefined;
  const ranks = new Map<string, number>();
  for (const bucket of buckets as readonly unknown[]) {
    const value = isObject(bucket) ? bucketValue(bucket['key'], bucket['key_as_string']) : undefined;
    if (value === undefined) return undefined;
    ranks.set(groupKey(groupBy, { [field]: value }), ranks.size);
  }
  return ranks;
}
