import { own } from '../core/record.ts';
import type { GroupRow } from './answer.ts';
import type { Metric } from './query.ts';

/** A time after 1973 in milliseconds is a larger number than nearly all that is measured otherwise. */
const LEAST = 1e11;

/** The metrics whose values are times if their field is a date: a maximum is one, a count is not. By name, with the field. */
export function timeMetrics(metrics: Readonly<Record<string, Metric>>): readonly (readonly [name: string, field: string])[] {
  return Object.entries(metrics).flatMap(([name, metric]) =>
    metric.of === 'min' || metric.of === 'max' || metric.of === 'avg' || metric.of === 'percentile'
      ? [[name, metric.field] as const]
      : [],
  );
}

/** Says whether a value of a metric could be a time, so that it is worth looking at the mapping of its field. */
export function mayBeTime(rows: readonly GroupRow[], name: string): boolean {
  return rows.some(({ values }) => Number(own(values, name)) >= LEAST);
}
