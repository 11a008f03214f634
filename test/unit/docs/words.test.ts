import { describe, expect, test } from 'vitest';
import { metricList } from '../../../scripts/docs/operations-reference.ts';
import { typeVariables } from '../../../scripts/docs/rule-reference.ts';
import { storedMembers } from '../../../scripts/docs/stored-reference.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { isObject } from '../../../src/core/json.ts';
import { ruleTestSchema } from '../../../src/rule-tests/schema.ts';
import { METRIC_SCHEMA } from '../../../src/rule-types/metric.ts';
import { generateRuleSchema } from '../../../src/rules/rule-schema.ts';
import { SEARCH_PROBLEMS } from '../../../src/search/search-problem.ts';
import { messageLiquid } from '../../../src/templates/liquid.ts';
import { FIXED_NAMES } from '../../../src/templates/template.ts';
import { blocksOf, codeSpans, pages } from './pages.ts';
import { readSourceCodes } from './source-codes.ts';

const all = pages();

/** All names of keys and all fixed values of a schema. */
function wordsOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf);
  if (!isObject(schema)) return [];
  const properties = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const values = [schema['const'], ...(Array.isArray(schema['enum']) ? schema['enum'] : [])].filter(
    (value) => typeof value === 'string',
  );
  return [...properties, ...values, ...Object.values(schema).flatMap(wordsOf)];
}

/** Keys of the JSON that pages show: webhook bodies and dry runs. */
const jsonKeys = all
  .flatMap(blocksOf)
  .flatMap(({ info, text }) => (info === 'json' ? [...text.matchAll(/"(\w+)":/g)].map(([, key = '']) => key) : []));

/** Words of Elasticsearch, Prometheus, ElastAlert2, OpenID and GitHub that pages use. */
const FOREIGN = new Set([
  'severity_text',
  'took_ms',
  ...[
    'retry_after',
    'retry_after_ms',
    'correlation_id',
    '_msearch',
    '_field_caps',
    '_index',
    '_source',
    'aggregation_key',
    'max_percentage',
    'max_threshold',
    'slack_webhook_url',
    'alert_subject',
    'alert_text',
    'buffer_time',
    'exponential_realert',
    'alert_time_limit',
    'old_query_limit',
    'timed_out',
  ],
  ...['filter', 'forget_keys', 'metric_aggregation', 'num_events', 'percentage_match', 'query_delay', 'query_key', 'realert'],
  ...['spike_height', 'threshold_cur', 'timeframe', 'view_index_metadata', 'read_cross_cluster', 'remote_indices'],
  ...[
    'use_count_query',
    'use_terms_query',
    'terms_size',
    'preferred_username',
    'redirect_uri',
    'invalid_client',
    'runbook_url',
    'pull_request_target',
  ],
]);

/** Values that stand in the code as types alone. */
const VALUES = [
  'steady_seconds',
  'fires_on',
  'given_up',
  'rule_changed',
  'rule_removed',
  'trace_ids',
  'tocsin',
  'taken',
  'alert_list',
  'sign_in_problems',
  'receiver_state',
  'set_aside',
];

const known = new Set([
  ...wordsOf(generateRuleSchema()),
  ...wordsOf(configSchema()),
  ...wordsOf(ruleTestSchema()),
  ...wordsOf(METRIC_SCHEMA),
  ...Object.keys(SEARCH_PROBLEMS),
  ...[...typeVariables().matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  ...[...storedMembers().matchAll(/`(?:[\w[\].*]+\.)?(\w+)`/g)].map(([, name = '']) => name),
  ...Object.keys(messageLiquid().filters),
  ...FIXED_NAMES,
  ...jsonKeys,
  ...VALUES,
]);

describe('keys that pages speak of', () => {
  test.each(all.map((page) => [page.file, page] as const))('exist: %s', async (_file, page) => {
    const metrics = [...(await metricList()).matchAll(/`(tocsin_\w+)`/g)].map(([, name = '']) => name);
    const names = codeSpans(page).flatMap((span) => {
      if (/^[a-z]+(?:_[a-z]+)+$/.test(span)) return [span];
      const key = /^([a-z_]+): \S/.exec(span)?.[1];
      return key === undefined ? [] : [key];
    });
    expect(names.filter((name) => !known.has(name) && !FOREIGN.has(name) && !metrics.includes(name))).toEqual([]);
  });

  test('would be missed if they did not', () => expect(known.has('keep_firing')).toBe(false));
});

describe('problem codes', () => {
  const listed = [
    ...(all.find(({ file }) => file === 'docs/problems.md')?.text ?? '').matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|/gm),
  ].map(([, code = '']) => code);

  test('that the source declares are those of docs/problems.md', () => {
    expect([...listed].sort(), 'describe each code in a line of docs/problems.md').toEqual(readSourceCodes());
  });

  test('are listed once', () => expect(new Set(listed).size).toBe(listed.length));
});
