import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { ruleSeries } from '../../src/evaluation/rule-series.ts';
import { TICKS_ASKED, tickReadings } from '../../src/evaluation/tick-readings.ts';
import { ruleTypeNamed } from '../../src/rule-types/registry.ts';
import { compileRules } from '../../src/rules/load-rules.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { Query } from '../../src/search/query.ts';
import type { Search } from '../../src/search/search.ts';
import { runWords } from '../support/cli/fake-command-line.ts';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T10:00:00.000Z');
const index = `${uniquePrefix()}calls`;
const cluster = es(elasticsearchUrl());
const backend = elasticsearchBackend(testConfig(elasticsearchUrl()), { namespace: 'tick-readings' });
const { signal } = new AbortController();
const type = ruleTypeNamed('esql');

/** Ten calls a minute of two services, of which `checkout` fails three in ten from minute 40 on. */
const documents = Array.from({ length: 60 }, (_, minute) =>
  ['checkout', 'cart'].flatMap((service) =>
    Array.from({ length: 10 }, (_none, call) => ({
      '@timestamp': new Date(START + minute * MINUTE + call * 1_000).toISOString(),
      service,
      outcome: service === 'checkout' && minute >= 40 && call < 3 ? 'failure' : 'success',
    })),
  ),
).flat();

beforeAll(async () => {
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  const keyword = { type: 'keyword' };
  const properties = { '@timestamp': { type: 'date' }, service: keyword, outcome: keyword };
  await cluster.json('PUT', `/${index}`, { settings, mappings: { properties } });
  await cluster.bulk(index, documents);
});
afterAll(async () => {
  await backend.close();
  await cluster.removeIndices(index);
});

function ruleOf(keys: string): Rule {
  const text = `name: rate\ntype: esql\nindex: ${index}\nwindow: 1m\ndelay: 0s\n${keys}`;
  const { rules, problems } = compileRules([{ file: join('rules', 'rate.yaml'), text }]);
  const [rule] = rules;
  if (rule === undefined) throw new Error(JSON.stringify(problems));
  return rule;
}

/** The port, and the questions that it was asked. */
function heard(): { readonly search: Search; readonly asked: Query[][] } {
  const asked: Query[][] = [];
  const search: Search = {
    ask: (queries, stop) => {
      asked.push([...queries]);
      return backend.search.ask(queries, stop);
    },
  };
  return { asked, search };
}

describe('the series of a rule of type esql, of a cluster', () => {
  beforeEach(async ({ skip }) => skip(!(await hasEsql(elasticsearchUrl())), 'this Elasticsearch has no ES|QL'));

  const range = { from: START, to: START + 60 * MINUTE };
  const RATE = ruleOf(`group_by: [service]
esql: |
  | EVAL failed = CASE(outcome == "failure", 1.0, 0.0)
  | STATS rate = AVG(failed) BY service
variables: { rate: number }
condition: rate > 0.2
`);

  test('is what evaluations measure, at thirty ticks, three searches at once', async () => {
    if (type === undefined) throw new Error('there is no type esql');
    const { search, asked } = heard();
    const ticks = await tickReadings({ rule: RATE, type }, range, search, signal);
    const of = (service: string) =>
      ruleSeries({ rule: RATE, type, group: { service } }, range, { ranges: backend.ranges, ticks: async () => ticks }, signal);
    const expected = Array.from({ length: TICKS_ASKED }, (_, place) => ((place + 1) * 2 > 40 ? 0.3 : 0));
    const [checkout, cart] = [await of('checkout'), await of('cart')];
    expect(checkout?.values.map((value) => Number(value?.toFixed(3)))).toEqual(expected);
    expect(cart?.values).toEqual(expected.map(() => 0));
    expect(checkout?.thresholds).toEqual({ value: 'rate', bad: 'above', limits: [{ sign: '>', number: 0.2 }] });
    expect(asked.flat()).toHaveLength(TICKS_ASKED);
    expect(Math.max(...asked.map(({ length }) => length))).toBe(3);
  });

  test('of a rule without groups leaves out what no document says', async () => {
    if (type === undefined) throw new Error('there is no type esql');
    const rule = ruleOf('esql: "| STATS n = COUNT(*)"\nvariables: { n: number }\ncondition: n > 100\n');
    const wide = { from: START - 10 * MINUTE, to: START + 10 * MINUTE };
    const ticks = () => tickReadings({ rule, type }, wide, backend.search, signal);
    const series = await ruleSeries({ rule, type, group: {} }, wide, { ranges: backend.ranges, ticks }, signal);
    expect(series?.values).toEqual([...Array.from({ length: 10 }, () => null), ...Array.from({ length: 10 }, () => 20)]);
  });

  test('ends when it is called off, and when a query is refused', async () => {
    if (type === undefined) throw new Error('there is no type esql');
    expect(await tickReadings({ rule: RATE, type }, range, backend.search, AbortSignal.abort())).toEqual([]);
    const { search, asked } = heard();
    const refused = ruleOf('esql: "| STATS n = COUNT(nothing)"\nvariables: { n: number }\ncondition: n > 100\n');
    expect(await tickReadings({ rule: refused, type }, range, search, signal)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('is in previews of messages whose tests are played on a cluster', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-preview-'));
    try {
      const keys = 'esql: "| STATS n = COUNT(*)"\nvariables: { n: number }\ncondition: n > 9\n';
      await writeFile(join(folder, 'busy.yaml'), `name: busy\ntype: esql\nindex: logs-*\ndelay: 0s\n${keys}`);
      await writeFile(
        join(folder, 'busy.test.yaml'),
        `tests:
  - name: fires
    documents:
      - { at: 0s, repeat: 30, every: 1m, document: { message: usual } }
      - { at: 30m, repeat: 20, every: 1s, document: { message: many } }
    checks: [{ at: 33m, alerts: [{ rule: busy, status: firing }] }]
`,
      );
      const page = join(folder, 'mail.html');
      const words = ['message', 'preview', join(folder, 'busy.yaml'), '--channel', 'email', '--html', page];
      const { code, stderr } = await runWords([...words, '--elasticsearch', elasticsearchUrl()]);
      expect([code, stderr]).toEqual([0, expect.stringContaining('written to')]);
      const html = await readFile(page, 'utf8');
      const [, picture = '', alt = ''] = /<img src="(data:image\/png;base64,)[^"]+" width="\d+" alt="([^"]*)"/.exec(html) ?? [];
      expect([picture, alt]).toEqual(['data:image/png;base64,', expect.stringMatching(/^Chart: n, .*: 2 to 24, limit 9$/)]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
