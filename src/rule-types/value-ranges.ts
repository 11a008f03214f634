import { COUNTED, NOT_NEGATIVE, NOT_POSITIVE, type Range, type Ranges, SHARE } from '../conditions/ranges.ts';
import type { Metric } from '../search/query.ts';
import type { Increase } from './increase.ts';

/** Fields of ECS and of OpenTelemetry that hold a share of a whole, 1 for all of it. */
const SHARES = /(?:\.norm\.pct|\.utilization|(?:^|\.)system\.(?:memory|filesystem|fsstat)\..*pct)$/;
/** Fields that hold lengths of time, sizes and amounts, which are never negative. */
const AMOUNTS = /(?:^event\.duration|\.duration\.(?:us|ms|ns)|\.bytes|\.pct)$/;
/** Measures that give one of the field's values, or lie between them. */
const WITHIN: ReadonlySet<string> = new Set(['avg', 'min', 'max', 'last', 'percentile']);

/** What a metric can be, as far as its measure and the name of its field say so. */
export function rangeOfMetric(metric: Metric | Increase): Range | undefined {
  if (metric.of === 'count' || metric.of === 'cardinality' || metric.of === 'value_count') return COUNTED;
  if (metric.of === 'increase') return NOT_NEGATIVE;
  if (SHARES.test(metric.field)) return WITHIN.has(metric.of) ? SHARE : NOT_NEGATIVE;
  return AMOUNTS.test(metric.field) ? NOT_NEGATIVE : undefined;
}

/** What metrics and computations with them can be: a count of some documents is a share of the count of all. */
export function rangesOfMetrics(metrics: Readonly<Record<string, Metric | Increase>>): Ranges {
  const all = Object.entries(metrics);
  const counts = all.filter(([, { of }]) => of === 'count');
  const isWhole = ([, metric]: readonly [string, Metric | Increase]) => !('where' in metric) || metric.where === undefined;
  const shares = counts
    .filter((part) => !isWhole(part))
    .flatMap(([part]) => counts.filter(isWhole).flatMap(([whole]) => shareOf(part, whole)));
  const single = all.flatMap(([name, metric]) => {
    const range = rangeOfMetric(metric);
    return range === undefined ? [] : [[name, range] as const];
  });
  return Object.fromEntries([...single, ...shares]);
}

function shareOf(part: string, whole: string): readonly (readonly [string, Range])[] {
  return [
    [`${part} / ${whole}`, SHARE],
    [`${part} - ${whole}`, NOT_POSITIVE],
    [`${whole} - ${part}`, NOT_NEGATIVE],
  ];
}
