import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/backends/elasticsearch/client.ts';
import { elasticsearchSearch } from '../../src/backends/elasticsearch/search.ts';
import type { Wire, WireReply, WireRequest } from '../../src/backends/elasticsearch/wire.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Answer, Arrived } from '../../src/search/answer.ts';
import type { Metric, Query } from '../../src/search/query.ts';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { type Mutation, mutations, withAt } from '../support/elasticsearch-backend/hostile.ts';
import { esqlQuery, groupsQuery, hitsQuery } from '../support/elasticsearch-backend/queries.ts';
import { SEED } from '../support/seed.ts';
import { runs } from '../support/thorough.ts';

const RUNS = Number(process.env['TOCSIN_TEST_QUESTIONS'] ?? runs(1_000));
const index = `${uniquePrefix()}hostile`;
const cluster = es(elasticsearchUrl());
const client = createClient(testConfig(elasticsearchUrl()));
const { signal } = new AbortController();

const START = Date.UTC(2026, 0, 10, 10);
const PROPERTIES: JsonObject = {
  '@timestamp': { type: 'date' },
  host: { type: 'keyword' },
  code: { type: 'long' },
  load: { type: 'double' },
  up: { type: 'boolean' },
  day: { type: 'date', format: 'yyyy-MM-dd' },
  address: { type: 'ip' },
};
const documents = Array.from({ length: 40 }, (_, at) => ({
  '@timestamp': new Date(START + at * 1_000).toISOString(),
  ...(at % 7 !== 0 && { host: `h${at % 3}` }),
  ...(at % 5 !== 0 && { code: 200 + (at % 4) }),
  load: at / 3,
  up: at % 2 === 0,
  day: `2026-01-0${1 + (at % 3)}`,
  address: `10.0.0.${at % 3}`,
}));

beforeAll(async () => {
  const settings = { number_of_shards: 2, number_of_replicas: 0 };
  await cluster.json('PUT', `/${index}`, { settings, mappings: { dynamic: false, properties: PROPERTIES } });
  await cluster.bulk(index, documents);
});
afterAll(async () => {
  await client.close();
  await cluster.removeIndices(index);
});

const source = { indices: [index], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30_000, frozen: false };
const asked = { source, window: { from: START, to: START + 60_000 } };
const metrics: Readonly<Record<string, Metric>> = {
  all: { of: 'count', where: { term: { up: true } } },
  mean: { of: 'avg', field: 'load' },
  sum: { of: 'sum', field: 'code' },
  kinds: { of: 'cardinality', field: 'code' },
  values: { of: 'value_count', field: 'code' },
  p: { of: 'percentile', field: 'load', percent: 95 },
  newest: { of: 'last', field: 'code' },
  day: { of: 'last', field: 'day', all: true, where: { exists: { field: 'host' } } },
};

/** What a server without ES|QL cannot be asked. */
const ROWS = 'rows of ES|QL';
const QUESTIONS: readonly (readonly [string, readonly Query[]])[] = [
  ['counts that travel together', [groupsQuery(asked), groupsQuery({ ...asked, filter: { term: { up: true } } })]],
  ['a single row', [groupsQuery({ ...asked, metrics })]],
  ['groups of one field', [groupsQuery({ ...asked, groupBy: ['host'], metrics })]],
  ['groups of a date', [groupsQuery({ ...asked, groupBy: ['day'], missing: 'include' })]],
  ['more groups than asked for', [groupsQuery({ ...asked, groupBy: ['code'], maxGroups: 2, missing: 'include' })]],
  ['groups of several fields', [groupsQuery({ ...asked, groupBy: ['host', 'day', 'up'], metrics, missing: 'include' })]],
  [
    'groups by name',
    [groupsQuery({ ...asked, groupBy: ['host', 'code'], only: [{ host: 'h1', code: '201' }], missing: 'include' })],
  ],
  ['buckets', [groupsQuery({ ...asked, groupBy: ['host'], bucket: 10_000, metrics: { mean: { of: 'avg', field: 'load' } } })]],
  ['expected groups', [groupsQuery({ ...asked, groupBy: ['address'], named: [{ address: '::ffff:10.0.0.1' }] })]],
  ['documents', [hitsQuery({ ...asked, fields: ['host', 'code', 'day'], keys: ['day'], limit: 10 })]],
  [ROWS, [esqlQuery({ ...asked, text: '| STATS n = COUNT(*), m = AVG(load) BY host | SORT host' })]],
];

/** Where Elasticsearch itself may have any scalar: there only the form of an answer can be wrong. */
const ANY_SCALAR = [
  /\bkey(?: g\d+)?$/,
  /key_as_string$/,
  /^(?:.*v )?hits hits 0 fields \S+ 0$/,
  /^values \d+ \d+$/,
  /columns \d+ (?:name|type)$/,
  /(?:_id|_index)$/,
];
/** Where it may have any number. */
const ANY_NUMBER = [/v value$/, /v values \d+ value$/];
/** What is looked up beside the question, and what nothing follows from. */
const BESIDE = [
  /^hits hits \d+ fields/,
  /^fields\b/,
  // Fewer rows are rows too.
  /^values$/,
  /^indices/,
  / from(?:_as_string)?$/,
  / to(?:_as_string)?$/,
  /v\d+ buckets/,
  / sort \d+$/,
];

describe('an answer of Elasticsearch that was changed in one place', () => {
  test.each(QUESTIONS)('to %s is a named problem, or was read rightly', async (name, queries) => {
    if (name === ROWS && !(await hasEsql(elasticsearchUrl()))) return;
    const recorded: { readonly request: string; readonly reply: WireReply }[] = [];
    const key = ({ method, path, query, body, lines }: WireRequest) => JSON.stringify([method, path, query, body, lines]);
    const recording: Wire = {
      requestTimeout: 30_000,
      send: async (request) => {
        const reply = await client.send(request);
        recorded.push({ request: key(request), reply });
        return reply;
      },
    };
    const right = await elasticsearchSearch(recording).ask(queries, signal);
    expect(right.map(({ kind }) => kind)).not.toContain('failed');
    const bodies = recorded.map(({ reply }) => (reply.kind === 'answered' ? reply.body : undefined));
    const replaying = ({ answer, place, value }: Mutation): Wire => ({
      requestTimeout: 30_000,
      send: async (request) => {
        const at = recorded.findIndex((one) => one.request === key(request));
        if (at < 0) return { kind: 'unreachable', message: 'was not asked before' };
        const body = at === answer ? withAt(bodies[at], place, value) : bodies[at];
        return { kind: 'answered', status: 200, body };
      },
    });

    const property = fc.asyncProperty(mutations(bodies), async (mutation) => {
      const answers = await elasticsearchSearch(replaying(mutation)).ask(queries, signal);
      const wrong = answers.flatMap((answer, at) => complaint(answer, right[at], mutation) ?? []);
      expect(wrong).toEqual([]);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });
});

function complaint(answer: Answer, right: Answer | undefined, { place, value }: Mutation): string | undefined {
  if (answer.kind === 'failed' || right === undefined || right.kind === 'failed') return undefined;
  const malformed = [...answer.groups.flatMap(rowProblem), ...answer.table.flatMap(valuesProblem)];
  if (malformed.length > 0) return malformed[0];
  if (said(answer) === said(right)) return undefined;
  const path = place.join(' ').replace(/^responses \d+ /, '');
  const isScalar = typeof value !== 'object' || value === null;
  if (BESIDE.some((one) => one.test(path)) || (isScalar && ANY_SCALAR.some((one) => one.test(path)))) return undefined;
  if (ANY_NUMBER.some((one) => one.test(path)) && (value === null || typeof value === 'number' || typeof value === 'bigint'))
    return undefined;
  return `${said(answer)} is not ${said(right)}`;
}

function said({ sent: _sent, cost: _cost, ...answer }: Arrived): string {
  return JSON.stringify(answer, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}` : one));
}

function rowProblem({ group, docs, values, bucket }: Arrived['groups'][number]): readonly string[] {
  const isWhole = Number.isSafeInteger(docs) && docs >= 0 && (bucket === undefined || Number.isSafeInteger(bucket));
  const strange = Object.values(group).filter((one) => one !== null && (typeof one !== 'string' || /object/.test(one)));
  return [...(isWhole ? [] : [`${docs} documents`]), ...strange.map((one) => `group ${one}`), ...valuesProblem(values)];
}

function valuesProblem(values: Readonly<Record<string, unknown>>): readonly string[] {
  const strange = Object.values(values).filter((one) =>
    typeof one === 'object' ? one !== null : Number.isNaN(one) || one === undefined,
  );
  return strange.map((one) => `value ${String(one)}`);
}
