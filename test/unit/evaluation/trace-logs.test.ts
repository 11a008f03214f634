import { describe, expect, it, test } from 'vitest';
import { logsRange, traceLogsOf } from '../../../src/evaluation/evidence/trace-logs-of.ts';
import { NO_COST } from '../../../src/search/answer.ts';
import type { HitsQuery, Query } from '../../../src/search/query.ts';
import type { Search } from '../../../src/search/search.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { TRACE_LOGS } from '../../../src/search/trace-logs.ts';
import { readOptions, type TestRule, testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, play, turnAt, type World, world } from '../../support/engine/world.ts';

const time = (seconds: number) => ({ '@timestamp': new Date(NOON + seconds * 1_000).toISOString() });
const failure = (seconds: number, trace: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...time(seconds),
  trace: { id: trace },
  http: { response: { status_code: 500 } },
  ...more,
});
const logged = (seconds: number, trace: string, text: string, level = 'error') => ({
  ...time(seconds),
  trace: { id: trace },
  log: { level },
  service: { name: 'stub' },
  message: text,
});
const FAILS: TestRule = {
  name: 'fails',
  index: 'traces-*',
  kql: 'http.response.status_code >= 500',
  window: MINUTE,
  evidence: { fields: ['trace.id'], samples: 3, top: [] },
};

/** A search that remembers what it was asked, and fails some of it. */
function watched(search: Search, fails: (query: Query) => boolean = () => false) {
  const rounds: (readonly Query[])[] = [];
  const watching: Search = {
    ask: async (queries, signal) => {
      rounds.push(queries);
      const answers = await search.ask(queries, signal);
      return answers.map((answer, index) => {
        const query = queries[index];
        return query === undefined || !fails(query)
          ? answer
          : { kind: 'failed', problem: searchProblem('unauthorized', 'not for you'), cost: NO_COST };
      });
    },
  };
  return { rounds, search: watching };
}

const aboutLogs = (query: Query): query is HitsQuery => query.kind === 'hits' && query.first !== undefined;
/** The lines that messages showed. */
const shown = ({ channel }: World) =>
  channel.got.flatMap(({ message }) => message.alerts.flatMap(({ evidence }) => (evidence?.logs ?? []).map(({ text }) => text)));

describe('an alert that begins', () => {
  it('is notified with what its traces left in the logs, those that come after the window too', async () => {
    const here = world();
    here.add('traces-apm-default', failure(10, 'a'), failure(55, 'b'), { ...failure(20, 'c'), http: {} });
    here.add(
      'logs-app',
      logged(-55, 'a', 'before the window'),
      logged(10.2, 'a', 'pool exhausted', 'warn'),
      logged(10.3, 'a', 'connection refused'),
      logged(59.999, 'b', 'upstream hung up'),
      logged(21, 'c', 'another request'),
      logged(-61, 'a', 'too early'),
      logged(61, 'b', 'not written yet'),
    );
    await play(here.engine([testRule(FAILS)]), NOON, NOON + MINUTE);
    expect(shown(here)).toEqual(['before the window', 'pool exhausted', 'connection refused', 'upstream hung up']);
  });

  it('is notified with logs of OpenTelemetry, found by their own field', async () => {
    const here = world();
    here.add('traces-generic.otel-default', { ...time(10), trace_id: 'a', attributes: { 'http.response.status_code': 500 } });
    here.add('logs-generic.otel-default', {
      ...time(11),
      trace_id: 'a',
      severity_text: 'ERROR',
      severity_number: 17,
      body: { text: 'connection refused' },
      resource: { attributes: { 'service.name': 'stub' } },
    });
    await play(here.engine([testRule(FAILS)]), NOON, NOON + MINUTE);
    expect(here.channel.got[0]?.message.alerts[0]?.evidence?.logs).toMatchObject([
      { level: 'ERROR', service: 'stub', text: 'connection refused', traceId: 'a', count: 1 },
    ]);
  });

  it('asks for the logs of all alerts of a turn in one round, once, and for no more than 20 of a rule', async () => {
    const here = world();
    for (let host = 0; host < 25; host++) here.add('traces-apm-default', failure(10, `t${host}`, { host: { name: `h${host}` } }));
    const { rounds, search } = watched(here.backend.search);
    const ports = here.engine([testRule({ ...FAILS, groupBy: ['host.name'] })], { backend: { ...here.backend, search } });
    await play(ports, NOON, NOON + 3 * MINUTE);
    const asked = rounds.filter((queries) => queries.some(aboutLogs));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toHaveLength(20);
    expect(asked[0]?.every((query) => query.source.ignoreMissingIndex && query.source.timeout === TRACE_LOGS.timeout)).toBe(true);
  });

  it('asks for no logs where its documents have no trace', async () => {
    const here = world();
    here.add('traces-apm-default', { ...time(10), http: { response: { status_code: 500 } } });
    const { rounds, search } = watched(here.backend.search);
    await play(here.engine([testRule(FAILS)], { backend: { ...here.backend, search } }), NOON, NOON + MINUTE);
    expect(heard(here.channel)).toEqual(['12:01 team [FIRING] fails']);
    expect(rounds.flat().filter(aboutLogs)).toEqual([]);
  });

  it('is notified without them when they cannot be read, and the run says so', async () => {
    const here = world();
    here.add('traces-apm-default', failure(10, 'a'));
    const { search } = watched(here.backend.search, aboutLogs);
    const ports = here.engine([testRule(FAILS)], { backend: { ...here.backend, search } });
    const report = await turnAt(ports, NOON + MINUTE);
    expect(report.runs).toMatchObject([
      { outcome: 'evaluated', evidenceProblem: { code: 'unauthorized', message: 'not for you' } },
    ]);
    const [got] = here.channel.got;
    expect(got?.message.alerts[0]?.evidence).toMatchObject({ documents: [{ fields: { 'trace.id': 'a' } }], logs: [] });
    expect((await turnAt(ports, NOON + 2 * MINUTE)).runs[0]?.evidenceProblem).toBeUndefined();
  });
});

describe('documents that are events', () => {
  it('are notified with the logs of their traces, of several windows together', async () => {
    const here = world();
    here.add('traces-apm-default', failure(10, 'a'), failure(70, 'b'));
    here.add('logs-app', logged(10, 'a', 'first'), logged(71, 'b', 'second'));
    const rule = testRule({ ...FAILS, type: 'match', condition: 'events >= 1', options: readOptions('match', {}) });
    here.channel.answer = (_message, attempt) =>
      attempt === 0 ? { kind: 'retry', reason: { kind: 'network', text: 'away' } } : { kind: 'delivered' };
    await play(here.engine([rule], { kibana: { url: 'https://kibana.example.com' } }), NOON, NOON + 20 * MINUTE);
    expect(shown(here)).toEqual(['first', 'second']);
    expect(here.channel.got.flatMap(({ message }) => message.alerts[0]?.links.map(({ label }) => label))).toEqual([
      ...['Discover', 'Trace', 'Logs of the traces'],
      ...['Discover', 'Trace', 'Logs of the traces'],
    ]);
  });
});

describe('where the logs of a rule are looked for', () => {
  const base = { ...FAILS.evidence, fields: [], samples: 3, top: [] };
  const of = (logs: TestRule['evidence'] extends infer E ? E : never, index: string, enabled = true) =>
    traceLogsOf(testRule({ ...FAILS, index, ...(logs !== undefined && { evidence: logs }) }), { ...TRACE_LOGS, enabled });

  test.each<[string, ReturnType<typeof of>, readonly string[] | undefined]>([
    ['where the configuration says', of(base, 'traces-*'), ['logs-*']],
    ['where the rule says', of({ ...base, logs: { indices: ['logs-shop-*'] } }, 'traces-*'), ['logs-shop-*']],
    ['nowhere, when the rule says no', of({ ...base, logs: false }, 'traces-*'), undefined],
    ['nowhere, when the configuration says no', of(base, 'traces-*', false), undefined],
    ['in spite of that, when the rule says yes', of({ ...base, logs: true }, 'traces-*', false), ['logs-*']],
    ['in spite of that, when the rule says how many', of({ ...base, logs: { lines: 2 } }, 'traces-*', false), ['logs-*']],
    ['in the cluster that the rule looks at', of(base, 'eu:traces-*'), ['eu:logs-*']],
  ])('%s', (_name, logs, expected) => {
    expect(logs?.indices).toEqual(expected);
  });

  it('is every cluster that the rule looks at, and the one that is named by itself', () => {
    const source = { ...testRule(FAILS).source, indices: ['traces-*', 'eu:traces-*', 'eu:-traces-x', '-traces-y'] };
    const logs = traceLogsOf({ evidence: base, source }, { ...TRACE_LOGS, indices: ['logs-*', 'us:logs-*'] });
    expect(logs?.indices).toEqual(['logs-*', 'eu:logs-*', 'us:logs-*']);
  });

  it('ends at the time of the turn, and after a downtime a little after the window', () => {
    const window = { from: NOON, to: NOON + MINUTE };
    const until = (now: number) => logsRange(window, TRACE_LOGS, now).to - NOON;
    expect([MINUTE + 30_000, 60 * MINUTE, 0].map((now) => until(NOON + now))).toEqual([MINUTE + 30_000, 3 * MINUTE, MINUTE]);
  });
});
