import { isObject, type JsonObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { GroupRow } from '../../../search/answer.ts';
import type { Group, GroupsQuery } from '../../../search/query.ts';
import { searchProblem } from '../../../search/search-problem.ts';
import { readMetrics } from './metrics.ts';
import { type Found, failed, type Step } from './step.ts';

/** Reads a bucket of any aggregation as a row; undefined when it is none. */
export function rowOf(query: GroupsQuery, group: Group, bucket: unknown): GroupRow | undefined {
  if (!isObject(bucket) || typeof bucket['doc_count'] !== 'number') return undefined;
  const values = readMetrics(query.metrics, bucket);
  return values === undefined ? undefined : { group, docs: bucket['doc_count'], values };
}

/** A key of a bucket as a group's value: text, `true`, `500`, a date as the field's format writes it; null for a missing one. */
export function groupValue(key: unknown, keyAsString?: unknown): string | null {
  if (key === null || key === undefined) return null;
  return typeof keyAsString === 'string' ? keyAsString : String(key);
}

/** The documents of one single-bucket aggregation; undefined when it did not come. */
export function docsOf(found: Found, name: string): number | undefined {
  const bucket = own(found.aggregations, name);
  return isObject(bucket) && typeof bucket['doc_count'] === 'number' ? bucket['doc_count'] : undefined;
}

/** The buckets of one multi-bucket aggregation; undefined when it did not come. */
export function bucketsOf(found: Found, name: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  const aggregation = own(found.aggregations, name);
  const buckets = isObject(aggregation) ? aggregation['buckets'] : undefined;
  return Array.isArray(buckets) && buckets.every(isObject) ? buckets : undefined;
}

/** An aggregation with sub-aggregations, if there are any. */
export function withSubs(aggregation: JsonObject, subs: JsonObject): JsonObject {
  return Object.keys(subs).length === 0 ? aggregation : { ...aggregation, aggs: subs };
}

/** The answer lacks what was asked for: whoever sent it is no Elasticsearch, or changed it on the way. */
export function lacking(what: string): Step {
  return failed(searchProblem('bad_answer', `the answer has no ${what}`));
}
