import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import { collectInternalErrors } from '../../src/core/internal-errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { fetchEvidence } from '../../src/evaluation/evidence/fetch-evidence.ts';
import type { Search } from '../../src/search/search.ts';
import { TRACE_LOGS } from '../../src/search/trace-logs.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { testRule } from '../support/engine/test-rule.ts';

const START = Date.parse('2026-01-01T10:00:00.000Z');
const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const { signal } = new AbortController();
let backend: ElasticsearchBackend;

const keyword = { type: 'keyword' };
const words = { type: 'text' };
const ECS = {
  properties: {
    '@timestamp': { type: 'date' },
    trace: { properties: { id: keyword } },
    service: { properties: { name: keyword } },
    log: { properties: { level: keyword } },
    http: { properties: { response: { properties: { status_code: { type: 'long' } } } } },
    message: words,
    error: {
      properties: { message: words, stack_trace: { type: 'keyword' }, exception: { properties: { message: keyword } } },
    },
  },
};
/** The names that Elasticsearch's own templates give to data of the OpenTelemetry Collector. */
const OTEL = {
  properties: {
    '@timestamp': { type: 'date_nanos' },
    trace_id: keyword,
    trace: { properties: { id: { type: 'alias', path: 'trace_id' } } },
    severity_text: keyword,
    severity_number: { type: 'byte' },
    log: { properties: { level: { type: 'alias', path: 'severity_text' } } },
    body: { properties: { text: words } },
    message: { type: 'alias', path: 'body.text' },
    attributes: { type: 'passthrough', priority: 10, dynamic: true },
    resource: { properties: { attributes: { type: 'passthrough', priority: 20, dynamic: true } } },
  },
  dynamic_templates: [{ strings: { match_mapping_type: 'string', mapping: keyword } }],
};
/** Logs of someone who never heard of traces. */
const PLAIN = { dynamic: false, properties: { '@timestamp': { type: 'date' }, message: words } };

const time = (seconds: number) => new Date(START + seconds * 1_000).toISOString();
const A = '4bf92f3577b34da6a3ce929d0e0e4736';
const B = '0af7651916cd43dd8448eb211c80319c';

const DOCUMENTS: Readonly<Record<string, readonly JsonObject[]>> = {
  'traces-apm-default': [
    { '@timestamp': time(30), trace: { id: A }, service: { name: 'stub' }, http: { response: { status_code: 500 } } },
    { '@timestamp': time(40), trace: { id: B }, service: { name: 'stub' }, http: { response: { status_code: 503 } } },
  ],
  'logs-apm.error-default': [
    {
      '@timestamp': time(30.25),
      trace: { id: A },
      service: { name: 'stub' },
      message: 'connection refused: todos-db:5432',
      error: {
        exception: [{ message: 'connection refused: todos-db:5432', type: '*net.OpError' }],
        stack_trace: 'connection refused: todos-db:5432\n\tmain.list (todos.go:42)',
      },
    },
  ],
  'logs-generic-default': [
    // More lines than are read for one alert: the errors must not drown in them.
    ...Array.from({ length: 80 }, (_, line) => ({
      '@timestamp': time(31 + line / 10),
      trace: { id: A },
      service: { name: 'stub' },
      log: { level: 'DEBUG' },
      message: `step ${line}`,
    })),
    { '@timestamp': time(29.5), trace: { id: A }, service: { name: 'stub' }, log: { level: 'Error' }, message: 'no connection' },
    { '@timestamp': time(35), trace: { id: 'another' }, log: { level: 'error' }, message: 'of another request' },
    { '@timestamp': time(-61), trace: { id: A }, log: { level: 'error' }, message: 'too early' },
    { '@timestamp': time(181), trace: { id: A }, log: { level: 'error' }, message: 'too late' },
  ],
  'logs-generic.otel-default': [
    {
      '@timestamp': '2026-01-01T10:00:40.123456789Z',
      trace_id: B,
      severity_text: 'ERROR',
      severity_number: 17,
      body: { text: 'upstream hung up' },
      resource: { attributes: { 'service.name': 'checkout' } },
    },
    {
      '@timestamp': '2026-01-01T10:00:41.000000001Z',
      trace_id: B,
      event_name: 'exception',
      attributes: { 'exception.message': 'EOF', 'exception.stacktrace': 'EOF\n\tmain.pay (pay.go:7)' },
      resource: { attributes: { 'service.name': 'checkout' } },
    },
  ],
  'logs-plain': [{ '@timestamp': time(30), message: 'nothing to tie it to' }],
};
const MAPPINGS: Readonly<Record<string, JsonObject>> = { 'logs-generic.otel-default': OTEL, 'logs-plain': PLAIN };

const RULE = testRule({
  name: 'fails',
  index: `${prefix}traces-*`,
  kql: 'http.response.status_code >= 500',
  groupBy: ['service.name'],
  evidence: { fields: ['http.response.status_code'], samples: 3, top: [] },
});

async function evidence(search: Search, indices: readonly string[]) {
  const traceLogs = { ...TRACE_LOGS, indices, lines: 4 };
  const wanted = [{ rule: RULE, group: { 'service.name': 'stub' }, window: { from: START, to: START + 60_000 } }];
  const [found] = await fetchEvidence(wanted, START + 600_000, { search, traceLogs, errors: collectInternalErrors() }, signal);
  return found;
}

const LINES = [
  { at: START + 29_500, level: 'Error', service: 'stub', text: 'no connection', trace_id: A },
  {
    at: START + 30_250,
    level: 'error',
    service: 'stub',
    text: 'connection refused: todos-db:5432\n\tmain.list (todos.go:42)',
    trace_id: A,
  },
  { at: START + 40_123, level: 'ERROR', service: 'checkout', text: 'upstream hung up', trace_id: B },
  { at: START + 41_000, level: 'error', service: 'checkout', text: 'EOF\n\tmain.pay (pay.go:7)', trace_id: B },
];

beforeAll(async () => {
  backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'traces' });
  for (const [index, documents] of Object.entries(DOCUMENTS)) {
    await cluster.json('PUT', `/${prefix}${index}`, { mappings: MAPPINGS[index] ?? ECS });
    await cluster.bulk(`${prefix}${index}`, documents);
  }
});

afterAll(async () => {
  await backend?.close();
  await cluster.removeIndices(prefix);
});

test('the errors of an alert’s requests are found in logs of every shape, however chatty the requests are', async () => {
  const found = await evidence(backend.search, [`${prefix}logs-*`]);
  expect(found?.problem).toBeUndefined();
  expect(found?.evidence?.trace_ids).toEqual([B, A]);
  expect(found?.evidence?.logs).toEqual({
    indices: [`${prefix}logs-*`],
    fields: ['trace.id', 'trace_id'],
    from: START - 60_000,
    to: START + 180_000,
    lines: LINES,
  });
});

test('the embedded backend finds the same lines', async () => {
  const store = createDocuments();
  for (const [index, documents] of Object.entries(DOCUMENTS))
    store.add(documents.map((source) => ({ source, index: `${prefix}${index}` })));
  expect((await evidence(embeddedSearch(store), [`${prefix}logs-*`]))?.evidence?.logs?.lines).toEqual(LINES);
});

test('indices that are not there, with and without a wildcard, are no problem', async () => {
  const found = await evidence(backend.search, [`${prefix}nowhere-*`, `${prefix}nowhere`]);
  expect(found).toMatchObject({ evidence: { trace_ids: [B, A] } });
  expect(found?.problem).toBeUndefined();
  expect(found?.evidence?.logs).toBeUndefined();
});
