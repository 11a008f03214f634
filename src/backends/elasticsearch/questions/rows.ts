import { isObject, type JsonObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import { iso } from '../../../core/time.ts';
import type { GroupRow } from '../../../search/answer.ts';
import type { Group, GroupsQuery } from '../../../search/query.ts';
import { type SearchProblem, searchProblem } from '../../../search/search-problem.ts';
import { countOf } from './counts.ts';
import { readMetrics } from './metrics.ts';
import { type Found, failed, type Step } from './step.ts';

/** Reads a bucket of any aggregation as a row; undefined if it is invalid. */
export function rowOf(query: GroupsQuery, group: Group, bucket: unknown): GroupRow | undefined {
  const docs = isObject(bucket) ? countOf(bucket['doc_count']) : undefined;
  if (!isObject(bucket) || docs === undefined) return undefined;
  const values = readMetrics(query.metrics, bucket);
  return values === undefined ? undefined : { group, docs, values };
}

/** A key of a bucket as a group's value: text, `true`, `500`, a date in ISO 8601 whatever its field's format; undefined for other values. */
export function bucketValue(key: unknown, keyAsString?: unknown): string | undefined {
  if (!isScalar(key) || (typeof key === 'number' && !Number.isFinite(key))) return undefined;
  // Elasticsearch distinguishes 0 from -0, and two groups would have the same name.
  if (keyAsString === undefined) return Object.is(key, -0) ? '-0' : String(key);
  if (typeof keyAsString !== 'string') return undefined;
  // Of numeric keys only booleans and dates come with a text.
  const isDate = typeof key === 'number' && keyAsString !== 'true' && keyAsString !== 'false';
  return isDate && isTime(key) ? iso(key) : keyAsString;
}

/** Says whether a number is a time in ms that a date of JavaScript can have. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= LAST_DATE;
}

const LAST_DATE = 8.64e15;

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

/** The documents of one single-bucket aggregation; undefined when it did not come. */
export function docsOf(found: Found, name: string): number | undefined {
  const bucket = own(found.aggregations, name);
  return isObject(bucket) ? countOf(bucket['doc_count']) : undefined;
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

/**
 * Where a field is a number in one index and a keyword or an object in another, aggregations silently leave out the documents of one of them:
 * the problem of a question that lost some so.
 */
export function ungroupable(field: string, lost: number): SearchProblem {
  const what = `${lost} documents have a value of ${field} that cannot be grouped with the others`;
  return searchProblem('bad_mapping', `${what}: it has different types in these indices`);
}

/** The answer lacks what was asked for: the sender is not Elasticsearch, or the answer was changed on the way. */
export function lacking(what: string): Step {
  return failed(searchProblem('bad_answer', `the response has no ${what}`));
}
