import { describe, expect, it } from 'vitest';
import {
  metricAggregations,
  metricsOfNothing,
  readMetrics,
} from '../../../../../src/backends/elasticsearch/questions/metrics.ts';
import type { Metric, Value } from '../../../../../src/search/query.ts';

const field = 'size';
const newest = (values: readonly unknown[]) => ({ hits: { hits: [{ fields: { [field]: values } }] } });

const ROWS: readonly (readonly [
  name: string,
  metric: Metric,
  bucket: Record<string, unknown>,
  value: Value | null | undefined,
])[] = [
  ['a count is the bucket’s own', { of: 'count' }, { doc_count: 7 }, 7],
  ['a filtered count is its filter’s', { of: 'count', where: { term: { a: 1 } } }, { doc_count: 7, m0: { doc_count: 2 } }, 2],
  ['an average', { of: 'avg', field }, { m0v: { value: 2.5 } }, 2.5],
  ['no average', { of: 'avg', field }, { m0v: { value: null } }, null],
  ['a sum', { of: 'sum', field }, { m0v: { value: 0 }, m0n: { value: 2 } }, 0],
  ['a sum of nothing', { of: 'sum', field }, { m0v: { value: 0 }, m0n: { value: 0 } }, null],
  ['distinct values of nothing', { of: 'cardinality', field }, { m0v: { value: 0 }, m0n: { value: 0 } }, null],
  ['no values, counted', { of: 'value_count', field }, { m0v: { value: 0 } }, 0],
  ['a percentile', { of: 'percentile', field, percent: 95 }, { m0v: { values: [{ key: 95, value: 3 }] } }, 3],
  ['no percentile', { of: 'percentile', field, percent: 95 }, { m0v: { values: [{ key: 95, value: null }] } }, null],
  ['the last text', { of: 'last', field }, { m0: { m0v: newest(['a', 'b']) } }, 'b'],
  ['the last truth', { of: 'last', field }, { m0: { m0v: newest([false]) } }, false],
  ['no last', { of: 'last', field }, { m0: { doc_count: 0, m0v: { hits: { hits: [] } } } }, null],
  ['an answer without the metric', { of: 'max', field }, {}, undefined],
  ['an answer without the metric’s filter', { of: 'max', field, where: { term: { a: 1 } } }, { m0v: { value: 1 } }, undefined],
];

describe('a metric', () => {
  it.each(ROWS)('is read: %s', (_name, metric, bucket, value) => {
    expect(readMetrics({ it: metric }, bucket)).toEqual(value === undefined ? undefined : { it: value });
  });

  it('has a number for a name, as its own may hold what an aggregation’s may not', () => {
    const aggs = metricAggregations({ 'a>b[0]': { of: 'max', field }, second: { of: 'min', field } }, '@timestamp');
    expect(Object.keys(aggs)).toEqual(['m0v', 'm1v']);
  });

  it('with a filter of its own is measured within it', () => {
    const where = { term: { ok: true } };
    expect(metricAggregations({ it: { of: 'avg', field, where } }, '@timestamp')).toEqual({
      m0: { filter: where, aggs: { m0v: { avg: { field } } } },
    });
    expect(metricAggregations({ it: { of: 'count', where } }, '@timestamp')).toEqual({ m0: { filter: where } });
  });

  it('that is the last value asks one document that has the field, newest first, for doc values alone', () => {
    expect(metricAggregations({ it: { of: 'last', field } }, 'time')).toMatchObject({
      m0: {
        filter: { exists: { field } },
        aggs: {
          m0v: { top_hits: { size: 1, _source: false, sort: [{ time: { order: 'desc' } }, {}], docvalue_fields: [{ field }] } },
        },
      },
    });
  });

  it('over nothing is null, and zero when it counts', () => {
    expect(metricsOfNothing({ all: { of: 'count' }, values: { of: 'value_count', field }, sum: { of: 'sum', field } })).toEqual({
      all: 0,
      values: 0,
      sum: null,
    });
  });
});
