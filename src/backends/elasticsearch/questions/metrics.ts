import { isObject, type JsonObject } from '../../../core/json.ts';
import { own, put } from '../../../core/record.ts';
import type { Metric, QueryDsl, Value } from '../../../search/query.ts';

/** The metrics of a groups query by name. */
export type Metrics = Readonly<Record<string, Metric>>;

type Bucket = Readonly<Record<string, unknown>>;

/**
 * The sub-aggregations that measure the metrics in each bucket. They are numbered, since names of metrics may hold characters
 * that names of aggregations may not. Sums and cardinalities are 0 where nothing has a value, so they are accompanied by a count
 * of values.
 */
export function metricAggregations(metrics: Metrics, timeField: string): JsonObject {
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
export function bucketsOfMetrics(metrics: Metrics): number {
  return Object.values(metrics).filter((metric) => narrowing(metric) !== undefined).length;
}

/** Reads the metrics of one bucket; null where no document had a value. Undefined when the bucket lacks what was asked for. */
export function readMetrics(metrics: Metrics, bucket: Bucket): Readonly<Record<string, Value | null>> | undefined {
  const values: Record<string, Value | null> = {};
  for (const [position, [name, metric]] of Object.entries(metrics).entries()) {
    const value = readMetric(metric, `m${position}`, bucket);
    if (value === undefined) return undefined;
    put(values, name, value);
  }
  return values;
}

/** What the metrics are where there is no document at all. */
export function metricsOfNothing(metrics: Metrics): Readonly<Record<string, Value | null>> {
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

/** Doc values, as loading a source for each group is many times dearer. Of documents of one time, the one written last. */
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
  if (metric.of === 'count') return asNumber(bucket['doc_count']);
  const measured = bucket[`${key}v`];
  if (!isObject(measured)) return undefined;
  if (metric.of === 'last') return lastValue(measured);
  if (metric.of === 'percentile') return percentileValue(measured);
  const count = bucket[`${key}n`];
  if (isObject(count) && count['value'] === 0) return null;
  return numberOrNull(measured['value']);
}

function lastValue(topHits: Bucket): Value | null | undefined {
  const hits = isObject(topHits['hits']) ? topHits['hits']['hits'] : undefined;
  if (!Array.isArray(hits)) return undefined;
  const fields: unknown = isObject(hits[0]) ? hits[0]['fields'] : undefined;
  if (!isObject(fields)) return null;
  const values = Object.values(fields)[0];
  const value: unknown = Array.isArray(values) ? values.at(-1) : undefined;
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
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
  return typeof value === 'number' ? value : undefined;
}
