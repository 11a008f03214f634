import { describe, expect, it, test } from 'vitest';
import { NO_FIELD_FAILURES } from '../../../../src/cli/check/field-problems.ts';
import { type SourceAnswers, sourceFindings } from '../../../../src/cli/doctor/data.ts';
import { fieldFindings, type RuleField, usesOf } from '../../../../src/cli/doctor/fields.ts';
import { sourcesOf } from '../../../../src/cli/doctor/sources.ts';
import { traceLogsFinding } from '../../../../src/cli/doctor/trace-logs.ts';
import { ruleFindings } from '../../../../src/cli/doctor/waiting-for-data.ts';
import type { Problem } from '../../../../src/core/problems.ts';
import type { FieldFound, SourceFound } from '../../../../src/engine/inspection.ts';
import type { CheckResult } from '../../../../src/reports/doctor/doctor-report.ts';
import { compileRules } from '../../../../src/rules/load-rules.ts';
import { type Answer, NO_COST } from '../../../../src/search/answer.ts';
import { searchProblem } from '../../../../src/search/search-problem.ts';
import { TRACE_LOGS } from '../../../../src/search/trace-logs.ts';
import { testRule } from '../../../support/engine/test-rule.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const MINUTE = 60_000;
const lines = (results: readonly CheckResult[]) =>
  results.map(({ severity, subject, found }) => `${severity} ${subject}: ${found}`);

const arrived = (given: Partial<Extract<Answer, { kind: 'complete' | 'truncated' }>>): Answer => ({
  kind: 'complete',
  groups: [],
  hits: [],
  table: [],
  matched: 0,
  ungrouped: 0,
  atLeast: 0,
  sent: null,
  cost: NO_COST,
  ...given,
});
const failedWith = (code: Parameters<typeof searchProblem>[0]): Answer => ({
  kind: 'failed',
  problem: searchProblem(code, 'no luck'),
  cost: NO_COST,
});

describe('the data that rules look at', () => {
  const [source] = sourcesOf([testRule({ name: 'a' }), testRule({ name: 'b' })]);
  if (source === undefined) throw new Error('two rules have a source');
  const stream: SourceFound = { dataStreams: [{ name: 'logs-app-default', template: 'logs' }], indices: [] };
  const answers = (age: number | undefined, lately = 0, there: SourceFound = stream): SourceAnswers => ({
    found: { ok: true, value: there },
    newest: arrived(age === undefined ? {} : { hits: [{ id: '1', index: 'i', at: NOW - age, fields: {} }] }),
    lately: arrived({ matched: lately }),
  });
  const optional = { ...source, source: { ...source.source, ignoreMissingIndex: true } };
  const nothing: SourceFound = { dataStreams: [], indices: [] };

  test.each<[string, readonly CheckResult[], readonly string[]]>([
    [
      'flows',
      sourceFindings(source, answers(20_000, 1_234), NOW),
      ['good logs-*: 1 data stream, template logs; newest 20s old, 1,234 in the last 15m'],
    ],
    [
      'has stopped',
      sourceFindings(source, answers(180 * MINUTE), NOW),
      ['warning logs-*: 1 data stream, template logs; newest 3h old, 0 in the last 15m'],
    ],
    [
      'has stopped long ago',
      sourceFindings(source, answers(undefined), NOW),
      ['error logs-*: 1 data stream, template logs; no document in the last 7d'],
    ],
    [
      'is rare events, and there were none for a week',
      sourceFindings({ ...source, rules: [{ ...testRule({ name: 'a' }), type: 'match' }] }, answers(undefined), NOW),
      ['note logs-*: 1 data stream, template logs; no document in the last 7d: normal for rare events, as in a'],
    ],
    [
      'is rare events, and the last is hours old',
      sourceFindings({ ...source, rules: [{ ...testRule({ name: 'a' }), type: 'match' }] }, answers(180 * MINUTE), NOW),
      ['good logs-*: 1 data stream, template logs; newest 3h old, 0 in the last 15m'],
    ],
    [
      'is dated ahead',
      sourceFindings(source, answers(-10 * MINUTE, 3), NOW),
      ['warning logs-*: 1 data stream, template logs; the newest document is 10m in the future, at 2026-01-01T12:10:00.000Z'],
    ],
    [
      'is not there',
      sourceFindings(source, answers(undefined, 0, nothing), NOW),
      ['error logs-*: no such index or data stream, or the login has no privileges on it'],
    ],
    [
      'is not there, as a search says',
      sourceFindings(source, { found: undefined, newest: failedWith('no_index'), lately: undefined }, NOW),
      ['error logs-*: no such index or data stream, or the login has no privileges on it'],
    ],
    [
      'may be absent',
      sourceFindings(optional, answers(undefined, 0, nothing), NOW),
      ['warning logs-*: no document in the last 7d'],
    ],
    [
      'cannot be searched',
      sourceFindings(source, { found: undefined, newest: failedWith('timeout'), lately: undefined }, NOW),
      ['error logs-*: no luck'],
    ],
    [
      'came before its template',
      sourceFindings(source, answers(0, 1, { dataStreams: [], indices: ['logs-app-default', 'shop'] }), NOW),
      [
        'good logs-*: 2 indices; newest 0s old, 1 in the last 15m',
        'warning logs-app-default: is a plain index: no index template matched when its first document arrived, so its mapping was derived dynamically',
      ],
    ],
  ])('%s', (_name, results, expected) => {
    expect(lines(results)).toEqual(expected);
    for (const { severity, expected: wanted, fix } of results)
      if (severity === 'warning' || severity === 'error') expect([wanted, fix]).not.toContain(undefined);
  });

  it('is measured by the window of its rules: a backup of last night is not late', () => {
    const [nightly] = sourcesOf([testRule({ name: 'backup-missing', window: 26 * 60 * MINUTE })]);
    if (nightly === undefined) throw new Error('a rule has a source');
    expect(lines(sourceFindings(nightly, answers(20 * 60 * MINUTE, 2), NOW))).toEqual([
      'good logs-*: 1 data stream, template logs; newest 20h old, 2 in the last 1d 2h',
    ]);
    expect(lines(sourceFindings(nightly, answers(27 * 60 * MINUTE), NOW))).toEqual([
      'warning logs-*: 1 data stream, template logs; newest 1d 3h old, 0 in the last 1d 2h',
    ]);
  });

  it('is asked for once, however many rules look at it, and must be there if one of them says so', () => {
    const rule = testRule({ name: 'c' });
    const lax = { ...rule, source: { ...rule.source, ignoreMissingIndex: true } };
    const other = testRule({ name: 'd', index: 'traces-*' });
    expect(
      sourcesOf([lax, rule, other]).map(({ name, source: { ignoreMissingIndex }, rules }) => [
        name,
        ignoreMissingIndex,
        rules.length,
      ]),
    ).toEqual([
      ['logs-*', false, 2],
      ['traces-*', false, 1],
    ]);
  });
});

describe('the fields that rules use', () => {
  const rule = testRule({ name: 'a', kql: 'level: error and host.name: x', groupBy: ['service'] });
  const of = (use: RuleField['use']): RuleField => ({ use, rules: [rule] });
  const keyword: FieldFound = { types: ['keyword'], aggregatable: true };
  const text: FieldFound = { types: ['text'], aggregatable: false };
  const nowhere: FieldFound = { types: [], aggregatable: false };
  const date: FieldFound = { types: ['date'], aggregatable: true };
  const found = (uses: Readonly<Record<string, RuleField>>, fields: Readonly<Record<string, FieldFound>>) =>
    fieldFindings({ name: 'logs-*' }, new Map(Object.entries(uses)), { ok: true, value: new Map(Object.entries(fields)) });

  it('of the wrong type for their metric are an error with the key', () => {
    const [wrong] = compileRules([
      { file: 'a.yaml', text: 'name: a\ntype: threshold\nindex: logs-*\nmetrics: { m: { avg: host.name } }\ncondition: m > 1\n' },
    ]).rules;
    const [named] = wrong?.namedFields ?? [];
    const failures = wrong === undefined || named === undefined ? [] : [{ rule: wrong, named, types: ['keyword'] }];
    const results = fieldFindings(
      { name: 'logs-*' },
      new Map([['host.name', of('metric')]]),
      { ok: true, value: new Map([['host.name', keyword]]) },
      { ...NO_FIELD_FAILURES, unmeasurable: failures },
    );
    expect(results).toEqual([
      expect.objectContaining({
        severity: 'error',
        found: expect.stringContaining('avg needs a number; host.name is a keyword'),
      }),
    ]);
    expect(results[0]).toMatchObject({ found: expect.stringContaining('metrics.m.avg at a.yaml:4:22') });
  });

  it('are the time, the groups, what is measured and what the query speaks of', () => {
    const [source] = sourcesOf([rule]);
    const uses = source === undefined ? new Map() : usesOf(source, NOW);
    expect([...uses].map(([name, { use }]) => `${name} ${use}`)).toEqual([
      '@timestamp time',
      'service group_by',
      'level query',
      'host.name query',
    ]);
  });

  test.each<[string, readonly CheckResult[], readonly string[], string | undefined]>([
    [
      'as they are used',
      found({ ts: of('time'), service: of('group_by') }, { ts: date, service: keyword }),
      ['good logs-*: 2 fields, all mapped as they are used'],
      undefined,
    ],
    [
      'nowhere, to group by',
      found({ ts: of('time'), service: of('group_by') }, { ts: date, service: nowhere }),
      ['error service in logs-*: is mapped in no index (a)'],
      'GET /logs-*/_mapping',
    ],
    [
      'nowhere, in a query',
      found({ ts: of('time'), level: of('query') }, { ts: date }),
      ['warning level in logs-*: is mapped in no index (a)'],
      'GET /logs-*/_mapping',
    ],
    [
      'as text with a keyword beneath',
      found({ service: of('group_by') }, { service: text, 'service.keyword': keyword }),
      ['error service in logs-*: is text: it cannot be grouped by or measured (a)'],
      'group_by: service.keyword',
    ],
    [
      'as text, for a query',
      found({ level: of('query') }, { level: text }),
      ['good logs-*: 1 field, all mapped as they are used'],
      undefined,
    ],
    [
      'as text alone',
      found({ took: of('metric') }, { took: text }),
      ['error took in logs-*: is text: it cannot be grouped by or measured (a)'],
      'index template',
    ],
    [
      'in two ways',
      found({ service: of('group_by') }, { service: { types: ['keyword', 'long'], aggregatable: true } }),
      ['warning service in logs-*: is keyword in some indices and long in others (a)'],
      'one type',
    ],
    ['as no date', found({ ts: of('time') }, { ts: keyword }), ['error ts in logs-*: is keyword'], 'time_field'],
    [
      'nowhere, as there is no index',
      found({ ts: of('time'), service: of('group_by') }, { ts: nowhere, service: nowhere }),
      [],
      undefined,
    ],
  ])('stand %s', (_name, results, expected, fix) => {
    expect(lines(results)).toEqual(expected);
    if (fix !== undefined) expect(results[0]?.fix).toContain(fix);
  });
});

describe('what the cluster says against rules', () => {
  const rule = testRule({ name: 'a' });
  const problem = (code: string, message = 'so it is'): Problem => ({
    code,
    severity: 'warning',
    message,
    hint: 'do this',
    at: rule.position,
  });

  test.each<[string, readonly Problem[], readonly string[]]>([
    ['nothing', [], ['good rules: 1 of 1 succeed; delays are long enough where this can be checked']],
    ['that it waits too short', [problem('cluster/delay')], ['warning a: so it is']],
    ['that it cannot be answered', [problem('search/bad_query')], ['error a: so it is']],
    ['that nothing matched, which may be right', [problem('cluster/no-match')], ['note a: so it is (do this)']],
    [
      'that there is nothing to compare',
      [{ ...problem('cluster/no-documents'), severity: 'note' }],
      ['good rules: 1 of 1 succeed; there are no documents yet with which delays could be compared'],
    ],
    ['what is said of the data already', [problem('search/no_index'), problem('cluster/no-documents')], []],
    ['at great length', [problem('search/server', 'x'.repeat(1_000))], [`error a: ${'x'.repeat(240)}…`]],
  ])('%s', (_name, problems, expected) => {
    expect(lines(ruleFindings(problems, [rule]))).toEqual(expected);
  });
});

describe('the logs of traces', () => {
  test.each<[string, Answer, string]>([
    [
      'are there',
      arrived({ matched: 50, groups: [{ group: {}, docs: 50, values: { traced: 20 } }] }),
      'good logs-*: 20 of 50 documents of the last hour have a trace ID',
    ],
    [
      'do not bear the ids of traces',
      arrived({ matched: 50, groups: [{ group: {}, docs: 50, values: { traced: 0 } }] }),
      'warning logs-*: none of 50 documents of the last hour has trace.id or trace_id',
    ],
    ['are not there', arrived({}), 'note logs-*: no document in the last hour: messages show no logs'],
    ['cannot be read', failedWith('unauthorized'), 'warning logs-*: no luck'],
  ])('%s', (_name, answer, expected) => {
    expect(lines([traceLogsFinding('logs-*', TRACE_LOGS, answer)])).toEqual([expected]);
  });
});
