import { isObject, type JsonObject } from '../../../core/json.ts';
import { own, put } from '../../../core/record.ts';
import type { Metric, QueryDsl, Value } from '../../../search/query.ts';
import { valueOfSet } from '../../../search/value-set.ts';
import { countOf } from './counts.ts';

/** The metrics of a groups query by name. */
export type MetricsByName = Readonly<Record<string, Metric>>;

type Bucket = Readonly<Record<string, unknown>>;

/**
 * The sub-aggregations that measure the metrics in each bucket. They are numbered, since names of metrics may hold characters
 * that names of aggregations may not. Sums and cardinalities are 0 where nothing has a value, so they are accompanied by a count
 * of values.
 */
export function metricAggregations(metrics: MetricsByName, timeField: string): JsonObject {
  const entries = Object.values(metrics).flatMap((metric, position): [string, JsonObject][] => {
    const key = `m${position}`;
    const measured = measure(metric, timeField);
    const where = narrowing(metric);
    if (where === undefined) return Object.entries(measured).map(([part, body]) => [`${key}${part}`, body as JsonObject]);
    const inner = Object.fromEntries(Object.entries(measured).map(([part, body]) => [`${key}${part}`, body]));
    return [[key, { filter: where, ...(Object.keys(inner).length > 0 && { aggs: inner }) }]];
  });
  return Object.fromEntries(entries);
}

/** How many buckets of their own the metrics make in each bucket: what counts towards the server's limit. */
export function bucketsOfMetrics(metrics: MetricsByName): number {
  return Object.values(metrics).filter((metric) => narrowing(metric) !== undefined).length;
}

/** Reads the metrics of one bucket; null where no document had a value. Undefined when the bucket lacks what was asked for. */
export function readMetrics(metrics: MetricsByName, bucket: Bucket): Readonly<Record<string, Value | null>> | undefined {
  const values: Record<string, Value | null> = {};
  for (const [position, [name, metric]] of Object.entries(metrics).entries()) {
    const value = readMetric(metric, `m${position}`, bucket);
    if (value === undefined) return undefined;
    put(values, name, value);
  }
  return values;
}

/** What the metrics are where there is no document at all. */
export function metricsOfNothing(metrics: MetricsByName): Readonly<Record<string, Value | null>> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, isCount(metric) ? 0 : null]));
}

function isCount(metric: Metric): boolean {
  return metric.of === 'count' || metric.of === 'value_count';
}

/** `last` looks only at documents that have the field: the newest value, not the newest document. */
function narrowing(metric: Metric): QueryDsl | undefined {
  if (metric.of !== 'last') return metric.where;
  const exists = { exists: { field: metric.field } };
  return metric.where === undefined ? exists : { bool: { filter: [metric.where, exists] } };
}

function measure(metric: Metric, timeField: string): JsonObject {
  switch (metric.of) {
    case 'count':
      return {};
    case 'avg':
    case 'min':
    case 'max':
    case 'value_count':
      return { v: { [metric.of]: { field: metric.field } } };
    case 'sum':
    case 'cardinality':
      return { v: { [metric.of]: { field: metric.field } }, n: { value_count: { field: metric.field } } };
    case 'percentile':
      return { v: { percentiles: { field: metric.field, percents: [metric.percent], keyed: false } } };
    case 'last':
      return { v: { top_hits: newestValue(metric.field, timeField) } };
  }
}

/** Doc values, as loading a source for each group is many times more expensive. Of documents of one time, the one written last. */
function newestValue(field: string, timeField: string): JsonObject {
  return {
    size: 1,
    _source: false,
    track_scores: false,
    sort: [{ [timeField]: { order: 'desc', unmapped_type: 'date' } }, { _doc: { order: 'desc' } }],
    docvalue_fields: [{ field }],
  };
}

function readMetric(metric: Metric, key: string, outer: Bucket): Value | null | undefined {
  const bucket = narrowing(metric) === undefined ? outer : own(outer, key);
  if (!isObject(bucket)) return undefined;
  const docs = countOf(bucket['doc_count']);
  if (metric.of === 'count') return docs;
  const measured = bucket[`${key}v`];
  if (!isObject(measured)) return undefined;
  if (metric.of === 'last') return lastValue(measured, docs, metric.all === true);
  if (metric.of === 'percentile') return percentileValue(measured);
  if (metric.of !== 'sum' && metric.of !== 'cardinality')
    return metric.of === 'value_count' ? countOf(measured['value']) : numberOrNull(measured['value']);
  const values = bucket[`${key}n`];
  const count = isObject(values) ? countOf(values['value']) : undefined;
  if (count === undefined || count === 0) return count === undefined ? undefined : null;
  return metric.of === 'sum' ? asNumber(measured['value']) : countOf(measured['value']);
}

/** `docs`: how many documents have the field; the newest of them is there with its values. */
function lastValue(topHits: Bucket, docs: number | undefined, all: boolean): Value | null | undefined {
  const hits = isObject(topHits['hits']) ? topHits['hits']['hits'] : undefined;
  if (!Array.isArray(hits)) return undefined;
  const [hit]: readonly unknown[] = hits;
  if (hit === undefined && docs === 0) return null;
  const values: unknown = isObject(hit) && isObject(hit['fields']) ? Object.values(hit['fields'])[0] : undefined;
  if (!Array.isArray(values) || values.length === 0 || !values.every(isValue)) return undefined;
  return all ? valueOfSet(values) : values.at(-1);
}

function isValue(value: unknown): value is Value {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function percentileValue(measured: Bucket): number | null | undefined {
  const values = measured['values'];
  const first: unknown = Array.isArray(values) ? values[0] : undefined;
  return isObject(first) ? numberOrNull(first['value']) : undefined;
}

function numberOrNull(value: unknown): number | null | undefined {
  return value === null ? null : asNumber(value);
}

function asNumber(value: unknown): number | undefined {
  // Sums and extremes are doubles in Elasticsearch, whole ones beyond 2^53 included.
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
