import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import { clusterTests } from '../../src/cli/test/elasticsearch.ts';
import { collectInternalErrors } from '../../src/core/internal-errors.ts';
import type { Json } from '../../src/core/json.ts';
import { type Instant, systemClock, timeLimit } from '../../src/core/time.ts';
import { askAll } from '../../src/evaluation/ask.ts';
import { windowOf } from '../../src/evaluation/due-windows.ts';
import { failureLines } from '../../src/reports/rule-tests-text.ts';
import { runRuleTests } from '../../src/rule-tests/run-rule-tests.ts';
import { ruleTypeNamed } from '../../src/rule-types/registry.ts';
import type { Measured } from '../../src/rule-types/rule-type.ts';
import { compileRules } from '../../src/rules/load-rules.ts';
import type { Rule } from '../../src/rules/rule.ts';
import type { Group } from '../../src/search/query.ts';
import type { Search } from '../../src/search/search.ts';
import type { SearchProblem } from '../../src/search/search-problem.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const config = testConfig(elasticsearchUrl());
const backend = elasticsearchBackend(config, { namespace: 'types' });
const { signal } = new AbortController();

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T10:00:00.000Z');
const at = (minute: number): Instant => START + minute * MINUTE;

/** Half an hour of pods whose phases change, and of errors of which some are new. */
const random = { seed: 20_260_101, numRuns: 1 };
const seconds = fc.integer({ min: 0, max: 30 * 60 - 1 });
const pods = fc.record({
  second: seconds,
  pod: fc.constantFrom('a', 'b', 'c', 'd'),
  phase: fc.option(fc.constantFrom('running', 'failed', 'pending')),
  restarts: fc.integer({ min: 0, max: 3 }),
  ready: fc.boolean(),
});
const documents = (fc.sample(fc.array(pods, { minLength: 300, maxLength: 300 }), random)[0] ?? []).map(
  ({ second, ...fields }, index) => ({
    '@timestamp': new Date(at(second / 60)).toISOString(),
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
    ...(index % 3 === 0 && { error: `e${Math.floor(second / 240)}` }),
  }),
);
const MAPPING = {
  properties: {
    '@timestamp': { type: 'date' },
    ...{ pod: { type: 'keyword' }, phase: { type: 'keyword' }, error: { type: 'keyword' } },
    ...{ restarts: { type: 'long' }, ready: { type: 'boolean' } },
  },
};

/** A rule over the documents, or over another index of the test; its other keys as YAML. */
function ruleOf(keys: string, index = 'pods'): Rule {
  const name = index.startsWith('[') ? index : prefix + index;
  const { rules, problems } = compileRules([{ file: 'rule.yaml', text: `name: r\nindex: ${name}\ndelay: 0s\n${keys}` }]);
  const [rule] = rules;
  if (rule === undefined) throw new Error(JSON.stringify(problems));
  return rule;
}

interface Evaluated {
  readonly problem?: SearchProblem;
  readonly measured?: Measured<Json>;
}

/** Evaluates one tick through a search port, as the cycle does. */
async function evaluate(
  rule: Rule,
  search: Search,
  tick: Instant,
  known: readonly Group[],
  memory: Json | undefined,
): Promise<Evaluated> {
  const type = ruleTypeNamed(rule.type);
  if (type === undefined) throw new Error(`there is no type ${rule.type}`);
  const previous = memory === undefined ? undefined : tick - MINUTE;
  const input = { spec: rule, window: windowOf(rule, tick), at: tick, previous, purpose: 'live' as const, known, memory };
  const [asked] = await askAll([{ type, input }], search, collectInternalErrors(), signal);
  if (asked === undefined) throw new Error('nothing was asked');
  return asked.ok ? { measured: type.measure(input, asked.answers) } : { problem: asked.problem };
}

const one = (rule: Rule, tick = at(30), known: readonly Group[] = []) => evaluate(rule, backend.search, tick, known, undefined);

/** The readings of every minute, groups in order, each tick with the memory of the one before. */
async function story(rule: Rule, search: Search) {
  let memory: Json | undefined;
  const notified: object[] = [];
  for (let minute = 6; minute <= 30; minute++) {
    const { problem, measured } = await evaluate(rule, search, at(minute), [{ pod: 'a' }], memory);
    if (measured?.kind !== 'groups') throw new Error(problem?.message ?? 'expected groups');
    memory = measured.memory;
    const readings = measured.readings.map(({ group, values }) => ({ group, ...values }));
    notified.push({
      minute,
      readings: readings.sort((a, b) => (JSON.stringify(a.group) < JSON.stringify(b.group) ? -1 : 1)),
      memory,
    });
  }
  return notified;
}

function inMemory(): Search {
  const store = createDocuments({ mapping: MAPPING });
  store.add(documents.map((source) => ({ source, index: `${prefix}pods` })));
  return embeddedSearch(store);
}

beforeAll(async () => {
  for (const index of ['pods', 'pods-empty']) await cluster.json('PUT', `/${prefix}${index}`, { mappings: MAPPING });
  await cluster.bulk(`${prefix}pods`, documents);
});

afterAll(async () => {
  await backend.close();
  await cluster.removeIndices(prefix);
});

describe('the same documents give the same readings in memory and in Elasticsearch', () => {
  test.each<[string, string]>([
    ['change', 'type: change\nfield: phase\ngroup_by: [pod]'],
    [
      'change of a number, over windows that only just meet',
      'type: change\nfield: restarts\nas: number\nwindow: 1m\ngroup_by: [pod]',
    ],
    [
      'change of a boolean without groups, its absence being a change too',
      'type: change\nfield: ready\nignore_null: false\nquery: pod:a',
    ],
    ['change with more groups than are read', 'type: change\nfield: phase\ngroup_by: [pod]\nmax_groups: 2'],
    ['new_term', 'type: new_term\nfield: error\ngroup_by: [error]\nlookback: 10m'],
    ['new_term within a pod', 'type: new_term\nfield: error\ngroup_by: [pod, error]\nlookback: 10m\nwindow: 2m'],
    [
      'new_term with more terms than are remembered',
      'type: new_term\nfield: error\ngroup_by: [error]\nlookback: 20m\nmax_groups: 2',
    ],
  ])('%s', async (_name, keys) => {
    const rule = ruleOf(keys);
    const inElasticsearch = await story(rule, backend.search);
    expect(inElasticsearch).toEqual(await story(rule, inMemory()));
    const verdicts = new Set(JSON.stringify(inElasticsearch).match(/"(?:changed|is_new)":(?:true|false)/g));
    expect(verdicts.size).toBe(2);
  });
});

describe('counters and references read the same in memory and in Elasticsearch', () => {
  const increase = (metric: string, rest = '') =>
    `type: threshold\nmetrics: { more: { increase: restarts${metric} } }\ncondition: more > 1\n${rest}`;
  const weekly = 'reference: { average_of: 4, step: 3m }\nwindow: 2m\ncondition: current > reference + 1';

  test.each<[string, string, string]>([
    ['the increase of each pod', increase(''), 'group_by: [pod]'],
    ['of all pods, each a counter', increase(', by: pod'), ''],
    ['of several counters in a group', increase(', by: [phase, ready]'), 'group_by: [pod]'],
    ['with a filter', increase(', where: "phase:running"'), 'group_by: [pod]'],
    ['by a field that is mapped nowhere', increase(', by: uid'), 'group_by: [pod]'],
    ['by a field that is mapped nowhere, without groups', increase(', by: uid'), ''],
    ['of more groups than are read', increase('', 'max_groups: 2'), 'group_by: [pod]'],
    [
      'a spike of an increase',
      'type: spike\nmetrics: { more: { increase: restarts, by: phase } }\ncondition: current > reference',
      'group_by: [pod]',
    ],
    ['a spike, of windows before the data too', `type: spike\nquery: error:*\n${weekly}`, 'group_by: [pod]'],
    [
      'a spike of a metric, of windows before the data too',
      `type: spike\nquery: error:*\nmetrics: { n: { sum: restarts } }\n${weekly}`,
      '',
    ],
  ])('%s', async (_name, keys, rest) => {
    const rule = ruleOf(`${keys}\n${rest}`);
    const inElasticsearch = await story(rule, backend.search);
    expect(inElasticsearch).toEqual(await story(rule, inMemory()));
    expect(new Set(JSON.stringify(inElasticsearch).match(/"(?:more|reference)":[\d.]+/g)).size).toBeGreaterThan(2);
  });
});

describe('match gives the same documents in memory and in Elasticsearch, each once', () => {
  const notified = async (rule: Rule, search: Search) => {
    let memory: Json | undefined;
    const events: string[] = [];
    for (let minute = 6; minute <= 30; minute++) {
      const { problem, measured } = await evaluate(rule, search, at(minute), [], memory);
      if (measured?.kind !== 'events') throw new Error(problem?.message ?? 'expected events');
      memory = measured.memory;
      const here = measured.events.map((event) => `${minute} ${event.at} ${event.group['pod']}`);
      events.push(...here.sort());
    }
    return events;
  };

  test.each([
    ['in groups', 'type: match\nquery: phase:failed\ngroup_by: [pod]', true],
    ['in windows that only just meet', 'type: match\nquery: phase:failed\ngroup_by: [pod]\nwindow: 1m', true],
    ['of the minutes that the schedule looks at', 'type: match\nwindow: 1m\nschedule: "10-15,20,27-30 * * * *"', false],
    ['a key at most once in its throttle', 'type: match\ngroup_by: [pod]\nkey: pod\nthrottle: 5m', false],
  ])('%s', async (_name, keys, each) => {
    const rule = ruleOf(keys);
    const inElasticsearch = await notified(rule, backend.search);
    expect(inElasticsearch).toEqual(await notified(rule, inMemory()));
    const from = windowOf(rule, at(6)).from;
    const failed = documents.filter((doc: Readonly<Record<string, unknown>>) => {
      return doc['phase'] === 'failed' && Date.parse(String(doc['@timestamp'])) >= from;
    });
    if (each) expect(inElasticsearch).toHaveLength(failed.length);
    else expect(inElasticsearch.length).toBeLessThanOrEqual(keys.includes('schedule') ? failed.length * 10 : 4 * 5);
  });
});

describe('esql', () => {
  const ratio = 'type: esql\nesql: "| STATS docs = COUNT(*)"\nvariables: { docs: number }\ncondition: docs > 0\n';

  test('a row of a window without documents is no data, and the same row of one with documents is', async () => {
    const present = async (tick: Instant) => (await one(ruleOf(ratio), tick, [{}])).measured?.readings;
    expect(await present(at(600))).toEqual([{ group: {}, present: false, values: { docs: null } }]);
    expect((await present(at(30)))?.[0]).toMatchObject({ present: true });
  });

  test.each([
    ['without BY', ratio],
    [
      'with BY',
      'type: esql\nesql: "| STATS docs = COUNT(*) BY pod"\nvariables: { docs: number }\ngroup_by: [pod]\ncondition: docs > 0\n',
    ],
  ])('a time field that is mapped nowhere is a problem, %s', async (_name, keys) => {
    expect((await one(ruleOf(`${keys}time_field: event.created`), at(30), [{}])).problem?.code).toBe('no_field');
  });

  const COUNT = '| STATS docs = COUNT(*), newest = MAX(@timestamp) BY pod';
  const keys = (esql: string, rest = '') =>
    `type: esql\nesql: ${JSON.stringify(esql)}\nvariables: { docs: number }\ngroup_by: [pod]\ncondition: docs > 0\n${rest}`;
  const inWindow = (pod: string, from: number, to: number, phase?: string) =>
    documents.filter((doc) => {
      const time = Date.parse(doc['@timestamp']);
      const fields: Record<string, unknown> = doc;
      return fields['pod'] === pod && time >= at(from) && time < at(to) && (phase === undefined || fields['phase'] === phase);
    }).length;
  const counts = ({ problem, measured }: Evaluated) => {
    if (measured?.kind !== 'groups') throw new Error(problem?.message ?? 'expected groups');
    return Object.fromEntries(
      measured.readings.map(({ group, values, present }) => [group['pod'], present ? values['docs'] : 'absent']),
    );
  };

  beforeEach(async ({ skip }) => {
    const { problem } = await one(ruleOf(keys(COUNT)));
    skip(problem?.code === 'unsupported', 'this Elasticsearch has no ES|QL');
  });

  test('counts the documents of the window, and of the query, in groups', async () => {
    const pods = ['a', 'b', 'c', 'd'];
    const expected = (phase?: string) => Object.fromEntries(pods.map((pod) => [pod, inWindow(pod, 10, 20, phase)]));
    expect(counts(await one(ruleOf(keys(COUNT, 'window: 10m')), at(20)))).toEqual(expected());
    expect(counts(await one(ruleOf(keys(COUNT, 'window: 10m\nquery: phase:failed')), at(20)))).toEqual(expected('failed'));
  });

  test('a known group without a row is absent, and so are all where the window is empty', async () => {
    const known = [{ pod: 'a' }, { pod: 'gone' }];
    expect(counts(await one(ruleOf(keys(COUNT)), at(30), known))).toMatchObject({ a: inWindow('a', 25, 30), gone: 'absent' });
    expect(counts(await one(ruleOf(keys(COUNT)), at(90), known))).toEqual({ a: 'absent', gone: 'absent' });
    expect(counts(await one(ruleOf(keys(COUNT), 'pods-empty'), at(30), known))).toEqual({ a: 'absent', gone: 'absent' });
  });

  test('more rows than max_groups are truncated, and say nothing of the others', async () => {
    const rule = ruleOf(keys(`${COUNT} | SORT docs DESC`, 'max_groups: 2'));
    const { measured } = await one(rule, at(30), [{ pod: 'gone' }]);
    expect(measured?.kind === 'groups' && measured.readings.length).toBe(2);
    expect(JSON.stringify(measured)).not.toContain('gone');
  });

  test('values come as what they are declared to be', async () => {
    const types = `type: esql\ngroup_by: [pod]\ncondition: docs > 0
esql: |
  // comments may stand anywhere
  | WHERE pod == "a" /* only this */
  | STATS docs = COUNT(*), share = AVG(restarts), phase = VALUES(phase), latest = MAX(@timestamp), down = COUNT(*) > 1000 BY pod // and at the end
variables: { docs: number, share: number, phase: string, latest: string, down: bool }`;
    const { problem, measured } = await one(ruleOf(types));
    expect(problem).toBeUndefined();
    expect(measured).toMatchObject({
      readings: [
        {
          group: { pod: 'a' },
          values: {
            docs: expect.any(Number),
            share: expect.any(Number),
            phase: expect.any(String),
            latest: expect.stringMatching(/^2026-01-01T10:/),
            down: false,
          },
        },
      ],
    });
  });

  test('a query without group_by has one row', async () => {
    const rule = ruleOf('type: esql\nesql: STATS docs = COUNT(*)\nvariables: { docs: number }\ncondition: docs > 0');
    const { measured } = await one(rule, at(30), [{}]);
    const docs = ['a', 'b', 'c', 'd'].reduce((sum, pod) => sum + inWindow(pod, 25, 30), 0);
    expect(measured).toMatchObject({ readings: [{ group: {}, present: true, values: { docs } }] });
  });

  test('indices may be patterns, and some of them left out', async () => {
    const index = `["${prefix}pods*", "-${prefix}pods-empty"]`;
    expect(counts(await one(ruleOf(keys(COUNT), index)))).toMatchObject({ a: inWindow('a', 25, 30) });
  });

  test.each<[string, string, string, string, RegExp]>([
    ['a column that the query does not give', '| STATS n = COUNT(*) BY pod', 'pods', 'bad_query', /Unknown column \[docs\]/],
    ['a column that it does not group by', '| STATS docs = COUNT(*)', 'pods', 'bad_query', /Unknown column \[pod\]/],
    ['a field that no document has', '| STATS docs = COUNT(nothing) BY pod', 'pods', 'bad_query', /Unknown column \[nothing\]/],
    ['a command that there is not', '| STAT docs = COUNT(*) BY pod', 'pods', 'bad_query', /mismatched input 'STAT'/],
    ['an index that there is not', COUNT, 'absent', 'no_index', /Unknown index/],
  ])('%s is a named problem', async (_name, text, index, code, message) => {
    expect(await one(ruleOf(keys(text), index))).toMatchObject({ problem: { code, message: expect.stringMatching(message) } });
  });

  test('an index that may be missing has no documents', async () => {
    const rule = ruleOf(keys(COUNT, 'ignore_missing_index: true'), 'absent');
    expect(counts(await one(rule, at(30), [{ pod: 'a' }]))).toEqual({ a: 'absent' });
  });

  test('documents in memory refuse it by name', async () => {
    const notified = await evaluate(ruleOf(keys(COUNT)), inMemory(), at(30), [], undefined);
    expect(notified).toMatchObject({ problem: { code: 'unsupported', message: expect.stringContaining('ES|QL') } });
  });

  test('the example rule fires, worsens and resolves on a cluster', async () => {
    const text = `
rules: failed-transactions.yaml
index: traces-apm-default
tests:
  - name: half of the payments fail
    documents:
      - { at: 0s, repeat: 400, every: 6s, document: &ok { service.name: shop, transaction.name: pay, processor.event: transaction, event.outcome: success } }
      - { at: 10m, repeat: 40, every: 6s, document: { <<: *ok, event.outcome: failure } }
      - { at: 10m, repeat: 19, every: 6s, document: { <<: *ok, transaction.name: rare, event.outcome: failure } }
    checks:
      - { at: 10m, alerts: none, transitions: none }
      - at: 15m
        exactly: true
        alerts: [{ group: { service.name: shop, transaction.name: pay }, status: firing, severity: warning, values: { failed: 40, total: 140 } }]
        notifications: [{ reason: first, title: pay of shop fails, text: 25 of 125 failed in 10m }]
      - at: 35m
        alerts: none
        notifications: [{ reason: resolved }]
`;
    const tests = clusterTests(config, `${prefix}rules-`);
    const file = join(import.meta.dirname, '..', '..', 'rules', 'apm', 'failed-transactions.test.yaml');
    const report = await runRuleTests([{ file, text }], { open: tests.open, deadline: timeLimit, clock: systemClock });
    await tests.close();
    const look = { color: false, columns: 160 };
    const lines = report.files.flatMap((one) => one.tests.flatMap((result) => failureLines(result, look)));
    expect([...lines, ...report.files.flatMap(({ problems }) => problems)]).toEqual([]);
    expect(report.passed).toBe(1);
  });
});
