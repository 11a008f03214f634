import { describe, expect, it } from 'vitest';
import { classifyError, classifyReply } from '../../../../src/backends/elasticsearch/classify.ts';
import type { SearchProblemCode } from '../../../../src/search/search-problem.ts';

const cause = (type: string, reason = 'because') => ({ type, reason });
const plain = (type: string, reason = 'because') => ({ error: { ...cause(type, reason), root_cause: [cause(type, reason)] } });
const onShards = (type: string, reason = 'because') => ({
  error: {
    type: 'search_phase_execution_exception',
    reason: 'all shards failed',
    root_cause: [cause(type, reason)],
    failed_shards: [{ shard: 0, index: 'logs-1', reason: cause(type, reason) }],
  },
});
const reduced = (type: string, reason = 'because') => ({
  error: {
    type: 'search_phase_execution_exception',
    reason: '',
    root_cause: [],
    failed_shards: [],
    caused_by: cause(type, reason),
  },
});

const fielddata =
  'Fielddata is disabled on [t] in [p]. Text fields are not optimised for operations that require per-document field data';
const wrongField = 'Field [k] of type [keyword] is not supported for aggregation [avg]';
const window = 'Result window is too large, from + size must be less than or equal to: [10000] but was [20000]';

const ROWS: readonly (readonly [name: string, body: unknown, status: number, code: SearchProblemCode])[] = [
  ['a timeout as 8.19 says it', onShards('search_timeout_exception', 'Time exceeded'), 504, 'timeout'],
  ['a timeout as 9.5 says it', onShards('search_timeout_exception', 'Time exceeded'), 429, 'timeout'],
  ['a search that was cancelled', onShards('task_cancelled_exception'), 400, 'timeout'],
  ['a full search queue', onShards('es_rejected_execution_exception'), 429, 'overloaded'],
  ['a request refused before it began', plain('es_rejected_execution_exception'), 429, 'overloaded'],
  ['too little memory', onShards('circuit_breaking_exception', 'Data too large'), 429, 'overloaded'],
  ['too many buckets at the end', reduced('too_many_buckets_exception'), 400, 'too_many_buckets'],
  ['too many buckets on a shard', onShards('too_many_buckets_exception'), 503, 'too_many_buckets'],
  ['a query that cannot be parsed', plain('parsing_exception', 'unknown query [foo]'), 400, 'bad_query'],
  ['a query that a shard cannot parse', onShards('query_shard_exception', 'Failed to parse query [a:(]'), 400, 'bad_query'],
  ['a setting of a query that is wrong', onShards('illegal_argument_exception', 'field is null or empty'), 400, 'bad_query'],
  ['a missing index', plain('index_not_found_exception', 'no such index [zz]'), 404, 'no_index'],
  [
    'an index that ES|QL does not know',
    plain('verification_exception', 'Found 1 problem\nline 1:1: Unknown index [zz-a]'),
    400,
    'no_index',
  ],
  ['an index that is closed', plain('index_closed_exception', 'closed'), 400, 'closed_index'],
  [
    'what the licence does not allow',
    plain(
      'status_exception',
      'A valid Enterprise license is required to run ES|QL cross-cluster searches. License found: active basic license',
    ),
    400,
    'license',
  ],
  ['a licence that has ended', plain('security_exception', 'current license is non-compliant for [ccr]'), 403, 'license'],
  ['a column that ES|QL does not know', plain('verification_exception', 'line 1:18: Unknown column [zz]'), 400, 'bad_query'],
  ['groups of a text field', onShards('illegal_argument_exception', fielddata), 400, 'bad_mapping'],
  ['an average of keywords', onShards('illegal_argument_exception', wrongField), 400, 'bad_mapping'],
  ['types that cannot be compared', reduced('class_cast_exception', 'class java.lang.Long cannot be cast'), 500, 'bad_mapping'],
  ['more hits than a page holds', onShards('illegal_argument_exception', window), 400, 'too_large'],
  [
    'more clauses than a query holds',
    onShards('too_many_nested_clauses', 'Query contains too many nested clauses'),
    400,
    'too_large',
  ],
  ['no right to read', plain('security_exception', 'action [indices:data/read/search] is unauthorized'), 403, 'unauthorized'],
  ['no login', plain('security_exception', 'missing authentication credentials'), 401, 'unauthorized'],
  [
    'a cluster that is not configured',
    plain('no_such_remote_cluster_exception', 'no such remote cluster: [eu]'),
    404,
    'remote_cluster',
  ],
  [
    'no copy of a shard',
    { error: { type: 'search_phase_execution_exception', reason: 'all shards failed', failed_shards: [] } },
    503,
    'partial',
  ],
  ['a shard without a copy', onShards('no_shard_available_action_exception'), 503, 'partial'],
  ['a bug of the server', onShards('null_pointer_exception', 'oops'), 500, 'server'],
  ['an exception that nobody knows', plain('brand_new_exception'), 500, 'server'],
  ['an endpoint that is not there', { error: 'no handler found for uri [/_query]', status: 400 }, 400, 'unsupported'],
  ['a page of a proxy that wants a login', '<html>Sign in</html>', 401, 'unauthorized'],
  ['a page of a proxy without a backend', '<html>Bad gateway</html>', 502, 'unreachable'],
  ['a proxy with a limit of requests', 'slow down', 429, 'overloaded'],
  ['a proxy with a limit of bytes', '', 413, 'too_large'],
  ['a page of something else', '<html>Welcome!</html>', 404, 'bad_answer'],
  ['nothing', undefined, 500, 'bad_answer'],
  ['an error that is a number', { error: 7 }, 500, 'bad_answer'],
];

describe('a failed search', () => {
  it.each(ROWS)('%s is named by its body', (_name, body, status, code) => {
    expect(classifyError(body, status)).toMatchObject({ code });
  });

  it('is described by what the shards said, each thing once, with its index', () => {
    const { message } = classifyError(onShards('query_shard_exception', 'Failed to parse query [a:(]'), 400);
    expect(message).toBe('query_shard_exception [logs-1]: Failed to parse query [a:(]');
  });

  it('says the same of many indices once, in plain words, and names a few of them', () => {
    const shards = [5, 1, 4, 2, 3].map((one) => ({
      index: `logs-${one}`,
      reason: { type: 'illegal_argument_exception', reason: fielddata.replace('[p]', `[logs-${one}]`) },
    }));
    const error = {
      type: 'search_phase_execution_exception',
      reason: 'all shards failed',
      failed_shards: shards,
      root_cause: shards.map(({ reason }) => reason),
    };
    expect(classifyError({ error }, 400).message).toBe(
      'the text field t cannot be grouped by, sorted or measured, in logs-1, logs-2, logs-3 and 2 more',
    );
    expect(classifyError(plain('index_not_found_exception', 'no such index [zz]'), 404).message).toBe('there is no index zz');
  });

  it('is described in few words, whatever the server lists', () => {
    const reason = `Encountered "<EOF>" at line 1.\nWas expecting one of:\n    <NOT> ...\n    "+" ...`;
    expect(classifyError(onShards('parse_exception', reason), 400).message).toBe(
      'parse_exception [logs-1]: Encountered "<EOF>" at line 1.',
    );
    expect(classifyError(plain('parsing_exception', 'x'.repeat(5_000)), 400).message.length).toBeLessThan(700);
  });

  it('of a proxy shows the beginning of its page on one line', () => {
    expect(classifyError('<html>\n  <b>Bad   gateway</b>', 502).message).toBe(
      'HTTP 502 without an Elasticsearch error: <html> <b>Bad gateway</b>',
    );
  });

  it.each([
    ['timeout', 'timeout'],
    ['unreachable', 'unreachable'],
    ['oversized', 'too_large'],
    ['garbled', 'bad_answer'],
  ] as const)('that was not answered (%s) is %s', (kind, code) => {
    expect(classifyReply({ kind, message: 'POST /_msearch: why' })).toMatchObject({ code, message: 'POST /_msearch: why' });
  });
});
