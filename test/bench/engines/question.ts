import { stringify } from 'yaml';

/** One question that a rule asks every interval of the last five minutes; both engines get it as a rule file in their own words. */
export type Question =
  | { readonly kind: 'errors'; readonly name: string; readonly service: string; readonly atLeast: number }
  | { readonly kind: 'by pod'; readonly name: string; readonly status: number; readonly atLeast: number }
  | { readonly kind: 'p95'; readonly name: string; readonly service: string; readonly above: number };

/** What rule files say besides the question. `every` in seconds. */
export interface RuleSetting {
  readonly index: string;
  readonly every: number;
  /** Where alerts go. */
  readonly hook: string;
}

/** More groups than there are, so that neither engine leaves one out. */
const MOST_GROUPS = 250;

/** The rule file of a question for Tocsin. No delay, as the other has none. */
export function tocsinRule(question: Question, { index, every }: RuleSetting): string {
  const common = { name: question.name, index, every: `${every}s`, window: '5m', delay: '0s' };
  switch (question.kind) {
    case 'errors':
      return stringify({
        ...common,
        type: 'frequency',
        query: `service.name:"${question.service}" and log.level:error`,
        condition: `count >= ${question.atLeast}`,
      });
    case 'by pod':
      return stringify({
        ...common,
        type: 'frequency',
        query: `http.response.status_code >= ${question.status}`,
        group_by: ['kubernetes.pod.name'],
        max_groups: MOST_GROUPS,
        condition: `count >= ${question.atLeast}`,
      });
    case 'p95':
      return stringify({
        ...common,
        type: 'threshold',
        query: `service.name:"${question.service}"`,
        metrics: { slow: { p95: 'transaction.duration.us' } },
        condition: `slow > ${question.above}`,
      });
  }
}

/** The rule file of a question for ElastAlert2, in the way that is cheapest for it: it lets Elasticsearch count and fetches no documents. */
export function elastalertRule(question: Question, { index, hook }: RuleSetting): string {
  const common = {
    name: question.name,
    index,
    timeframe: { minutes: 5 },
    realert: { hours: 1 },
    alert: ['post2'],
    http_post2_url: hook,
  };
  switch (question.kind) {
    case 'errors':
      return stringify({
        ...common,
        type: 'frequency',
        num_events: question.atLeast,
        use_count_query: true,
        filter: [{ term: { 'service.name': question.service } }, { term: { 'log.level': 'error' } }],
      });
    case 'by pod':
      return stringify({
        ...common,
        type: 'frequency',
        num_events: question.atLeast,
        query_key: 'kubernetes.pod.name',
        use_terms_query: true,
        terms_size: MOST_GROUPS,
        filter: [{ range: { 'http.response.status_code': { gte: question.status } } }],
      });
    case 'p95':
      return stringify({
        ...common,
        type: 'metric_aggregation',
        metric_agg_key: 'transaction.duration.us',
        metric_agg_type: 'percentiles',
        percentile_range: 95,
        max_threshold: question.above,
        buffer_time: { minutes: 5 },
        filter: [{ term: { 'service.name': question.service } }],
      });
  }
}
