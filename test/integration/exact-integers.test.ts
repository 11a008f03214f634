import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import type { GroupsQuery } from '../../src/search/query.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const RULE = 'index: logins\ndelay: 0s\nwindow: 1m\n';
const MAPPING = '{ properties: { "@timestamp": { type: date }, region: { type: keyword }, account.id: { type: long } } }';
const logins = (at: string, ...ids: readonly string[]) =>
  ids.map((id) => `      - { at: ${at}, document: { region: eu, account.id: ${id} } }\n`).join('');
const one = (documents: string, check: string) =>
  `index: logins\ntests:\n  - name: t\n    mapping: ${MAPPING}\n    documents:\n${documents}    checks:\n      - ${check}\n`;

const A = '1703462528114626561';
const B = '1703462528114626562';
const C = '1703462528114626665';

describe('integers beyond 2^53 are exact in memory and on Elasticsearch', () => {
  test.each<[string, string, string, string]>([
    [
      'groups of one field do not merge',
      'type: frequency\ngroup_by: [account.id]\ncondition: count >= 2',
      logins('0s', A, A, B, B, B),
      `{ at: 1m, exactly: true, alerts: [{ group: { account.id: "${A}" }, values: { count: 2 } }, { group: { account.id: "${B}" }, values: { count: 3 } }] }`,
    ],
    [
      'a group of several fields is counted once',
      'type: frequency\ngroup_by: [region, account.id]\ncondition: count >= 5',
      logins('0s', C, C, C, C, C, C),
      `{ at: 1m, exactly: true, alerts: [{ group: { region: eu, account.id: ${C} }, values: { count: 6 } }] }`,
    ],
    [
      'a new term one above an old one is new',
      'type: new_term\nfield: account.id\ngroup_by: [account.id]\nlookback: 1h',
      logins('-30m', A) + logins('0s', A, B),
      `{ at: 1m, exactly: true, alerts: [{ group: { account.id: "${B}" } }] }`,
    ],
    [
      'a change by one is a change',
      'type: change\nfield: account.id\ngroup_by: [region]',
      logins('0s', A) + logins('90s', B),
      `{ at: 2m, alerts: [{ values: { previous: "${A}", current: "${B}" } }] }`,
    ],
    [
      'a change of a number by one, remembered over a window of nothing, compared with a literal',
      `type: change\nfield: account.id\nas: number\ngroup_by: [region]\ncondition: changed && current == ${B} && previous == ${A}`,
      logins('0s', A) + logins('150s', B),
      `{ at: 3m, alerts: [{ values: { previous: ${A}, current: ${B} } }] }`,
    ],
    [
      'the newest value is compared exactly',
      `type: threshold\ngroup_by: [region]\nmetrics: { id: { last: account.id } }\ncondition: id == ${C}`,
      logins('0s', C),
      `{ at: 1m, alerts: [{ values: { id: ${C} } }] }`,
    ],
    [
      'the newest value is not its neighbour',
      `type: threshold\ngroup_by: [region]\nmetrics: { id: { last: account.id } }\ncondition: id == 1703462528114626664`,
      logins('0s', C),
      '{ at: 1m, alerts: none }',
    ],
    [
      'an expected group that reports is not silent, and its neighbour is',
      `type: flatline\ngroup_by: [account.id]\nexpect: [${A}, ${B}]`,
      logins('0s', A),
      `{ at: 1m, exactly: true, alerts: [{ group: { account.id: "${B}" } }] }`,
    ],
    [
      'numbers in a query are sent as they are written',
      `type: frequency\nquery: { dsl: { term: { account.id: ${C} } } }\ncondition: count >= 1`,
      logins('0s', '1703462528114626600', C),
      '{ at: 1m, alerts: [{ values: { count: 1 } }] }',
    ],
    [
      'bounds in KQL are exact',
      `type: frequency\nquery: account.id > ${A} and account.id <= ${B}\ncondition: count >= 1`,
      logins('0s', A, B, C),
      '{ at: 1m, alerts: [{ values: { count: 1 } }] }',
    ],
    [
      'each event has its own key',
      'type: match\nkey: account.id\nthrottle: 1h\ngroup_by: [account.id]\nevidence: { fields: [account.id] }',
      logins('0s', A, B),
      `{ at: 1m, notifications: [{ rendered: ["${A}"] }] }`,
    ],
  ])('%s', async (_name, keys, documents, check) => {
    const failures = await both.failures(`name: r\n${RULE}${keys}\n`, one(documents, check));
    expect(failures).toEqual({ memory: [], cluster: [] });
  });
});

describe('unsigned longs, which the test distribution of Elasticsearch lacks', () => {
  test('are exact in memory', async () => {
    const documents = [18446744073709551615n, 18446744073709551615n, 18446744073709551614n]
      .map((big) => `      - { at: 0s, document: { region: eu, big: ${big} } }\n`)
      .join('');
    const check =
      '{ at: 1m, exactly: true, alerts: [{ group: { region: eu, big: "18446744073709551615" }, values: { count: 2 } }] }';
    const keys = 'type: frequency\ngroup_by: [region, big]\ncondition: count >= 2';
    const mapping = MAPPING.replace('account.id: { type: long }', 'big: { type: unsigned_long }');
    const { memory } = await both.failures(`name: r\n${RULE}${keys}\n`, one(documents, check).replace(MAPPING, mapping));
    expect(memory).toEqual([]);
  });
});

describe('pages of groups with large integers', () => {
  const prefix = uniquePrefix();
  const cluster = es(elasticsearchUrl());
  const backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'pages' });
  afterAll(async () => {
    await backend.close();
    await cluster.removeIndices(prefix);
  });

  test('end, each group once', async () => {
    const index = `${prefix}ids`;
    const properties = { '@timestamp': { type: 'date' }, region: { type: 'keyword' }, id: { type: 'long' } };
    await cluster.json('PUT', `/${index}`, { mappings: { properties } });
    const ids = Array.from({ length: 3_500 }, (_, at) => String(1703462528114626561n + BigInt(at)));
    await cluster.bulk(
      index,
      ids.map((id) => ({ '@timestamp': '2026-01-01T10:00:00Z', region: 'eu', id })),
    );
    const start = Date.parse('2026-01-01T10:00:00Z');
    const query: GroupsQuery = {
      kind: 'groups',
      name: 'main',
      source: { indices: [index], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30_000, frozen: false },
      window: { from: start, to: start + 60_000 },
      filter: { match_all: {} },
      groupBy: ['region', 'id'],
      missing: 'exclude',
      metrics: {},
      maxGroups: 5_000,
    };
    const [answer] = await backend.search.ask([query], new AbortController().signal);
    if (answer?.kind !== 'complete') throw new Error(JSON.stringify(answer));
    expect(answer.groups.map(({ group }) => group['id'])).toEqual(ids);
  });
});
