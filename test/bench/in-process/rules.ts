import type { Rule } from '../../../src/rules/rule.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';

/** Counts of one service's errors each. */
export function selectiveRules(count: number, index: string): readonly Rule[] {
  return Array.from({ length: count }, (_, i) =>
    testRule({
      name: `selective-${i}`,
      index,
      kql: `service.name:"service-${i % 1_000}" and log.level:error`,
      condition: 'count >= 1000',
    }),
  );
}

/** Counts of nearly all documents, by pod: 200 groups each. */
export function groupedRules(count: number, index: string): readonly Rule[] {
  return Array.from({ length: count }, (_, i) =>
    testRule({
      name: `grouped-${i}`,
      index,
      kql: `http.response.status_code >= ${200 + (i % 250)}`,
      groupBy: ['kubernetes.pod.name'],
      condition: 'count >= 100000',
    }),
  );
}

/** A percentile and a count of one service each. */
export function metricRules(count: number, index: string): readonly Rule[] {
  return Array.from({ length: count }, (_, i) =>
    testRule({
      name: `metric-${i}`,
      index,
      type: 'threshold',
      options: readOptions('threshold', { metrics: { slow: { p95: 'transaction.duration.us' }, total: { count: '*' } } }),
      kql: `service.name:service-${i}`,
      condition: 'total > 100000 && slow > 1900000',
    }),
  );
}
