import { describe, expect, it } from 'vitest';
import { hashId } from '../../../src/core/ids.ts';
import { DEFAULTS } from '../../../src/rules/defaults.ts';
import { filesIn, frequency, linesOf, ruleOf } from './rule-files.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a rule that says only what it must', () => {
  const rule = ruleOf(frequency());

  it('has the default of every key', () => {
    const { levels, filter: _filter, ...rest } = rule;
    expect(rest).toEqual({
      id: 'sample',
      name: 'sample',
      type: 'frequency',
      options: { exact: false },
      source: { indices: ['logs-*'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 30 * SECOND, frozen: false },
      query: { language: 'kql', text: '' },
      groupBy: [],
      missing: 'exclude',
      maxGroups: 1_000,
      window: 5 * MINUTE,
      schedule: { kind: 'every', every: MINUTE },
      delay: 30 * SECOND,
      leveled: false,
      lifecycle: {
        for: 0,
        keepFiringFor: 0,
        noData: 'resolve',
        noDataAfter: 5 * MINUTE,
        settle: 0,
        forgetAfter: 7 * DAY,
        levels: ['warning'],
      },
      flapping: { episodes: 4, within: HOUR, steady: 20 * MINUTE },
      catchUp: HOUR,
      errorAfter: 3,
      labels: { severity: 'warning' },
      message: {},
      measures: { count: { label: 'documents', counts: true } },
      evidence: DEFAULTS.evidence,
      enabled: true,
      definition: expect.stringMatching(/^[0-9a-f]{12}$/),
      shape: hashId([], 'frequency', 1),
      namedFields: [],
      position: { file: 'rule.yaml', line: 1, column: 1 },
      places: Object.fromEntries(
        ['name', 'type', 'index', 'condition'].map((key, row) => [key, { file: 'rule.yaml', line: row + 1, column: 1 }]),
      ),
    });
    expect(levels.map(({ severity, condition }) => [severity, condition.text])).toEqual([['warning', 'count > 5']]);
  });

  it('is frozen all the way down', () => {
    expect([rule, rule.source, rule.source.indices, rule.lifecycle, rule.levels[0], rule.labels].every(Object.isFrozen)).toBe(
      true,
    );
  });

  it('matches every document', () => {
    expect(rule.filter).toEqual({ match_all: {} });
  });
});

describe('a rule that says all', () => {
  const text = filesIn('test/fixtures/rules/good').find(({ file }) => file === 'every-key.yaml')?.text ?? '';
  const rule = ruleOf(text);

  it('is read key by key', () => {
    expect(rule).toMatchObject({
      id: 'every-key-1',
      name: 'every key',
      description: 'Has every key that a rule of any type may have.',
      options: { exact: true },
      source: {
        indices: ['traces-*', 'eu:logs-*', 'a', 'b'],
        timeField: 'event.ingested',
        ignoreMissingIndex: true,
        timeout: 10 * SECOND,
        frozen: true,
      },
      query: { language: 'kql', text: 'service.name:"stub" and not url.path:"/healthz"' },
      groupBy: ['service.name', 'url.path'],
      missing: 'include',
      maxGroups: 50,
      schedule: { kind: 'cron', pattern: '*/10 8-18 * * 1-5', timezone: 'Europe/Berlin' },
      window: 90 * MINUTE,
      delay: MINUTE,
      leveled: true,
      lifecycle: {
        for: { breaches: 3, of: 5 },
        keepFiringFor: 20 * MINUTE,
        noDataAfter: 90 * MINUTE,
        settle: 10 * MINUTE,
        levels: ['critical', 'warning'],
      },
      revisit: 15 * MINUTE,
      catchUp: 2 * HOUR,
      errorAfter: 5,
      labels: { team: 'todo', 'service.tier': '1' },
      receivers: ['todo', 'ops'],
      repeatInterval: DAY,
      evidence: { fields: ['message'], samples: 1, top: ['url.path'] },
      enabled: false,
    });
  });

  it('has compiled its conditions', () => {
    expect(rule.levels.map(({ condition }) => condition.evaluate({ count: 20 }).kind)).toEqual(['false', 'true']);
    expect(rule.recover?.evaluate({ count: 1 }).kind).toBe('true');
  });

  it('has compiled its texts', () => {
    const scope = { group: { 'service.name': 'stub' }, count: 7, window: '5m', labels: { team: 'todo' } };
    expect(rule.message.title?.render(scope)).toEqual({ ok: true, text: 'stub fails' });
    expect(rule.message.text?.render(scope)).toMatchObject({ ok: true, text: expect.stringContaining('7 errors in 5m') });
  });
});

describe('the keys of a rule', () => {
  it.each([
    ['a query in Lucene syntax', ['query: { lucene: "status:500" }'], { query: { language: 'lucene', text: 'status:500' } }],
    ['a query in Query DSL', ['query: { dsl: { term: { a: 1 } } }'], { filter: { term: { a: 1 } }, query: { language: 'dsl' } }],
    ['a severity among the labels', ['labels: { severity: critical }'], { lifecycle: { levels: ['critical'] } }],
    ['no_data_after follows the window', ['window: 10m'], { lifecycle: { noDataAfter: 10 * MINUTE } }],
    ['some evidence keeps the rest', ['evidence: { samples: 0 }'], { evidence: { ...DEFAULTS.evidence, samples: 0 } }],
    [
      'evidence with the logs of traces',
      ['evidence: { logs: { indices: [logs-shop-*, "eu:logs-*"], lines: 8 } }'],
      { evidence: { ...DEFAULTS.evidence, logs: { indices: ['logs-shop-*', 'eu:logs-*'], lines: 8 } } },
    ],
    ['evidence without the logs of traces', ['evidence: { logs: false }'], { evidence: { ...DEFAULTS.evidence, logs: false } }],
    ['evidence of no field', ['evidence: { fields: [] }'], { evidence: { fields: [] } }],
  ])('%s', (_what, lines, expected) => {
    expect(ruleOf(frequency(...lines))).toMatchObject(expected);
  });

  it('the fields that a rule measures are shown first, unless it names fields', () => {
    const metrics = 'metrics: { used: { max: memory.used }, oom: { increase: oom.kills }, errors: { count: "a:1" } }';
    const threshold = `name: a\ntype: threshold\nindex: x\n${metrics}\ncondition: used > oom + errors\n`;
    const spike = 'name: a\ntype: spike\nindex: x\nmetrics: { load: { avg: cpu.load } }\ncondition: current > reference * 2\n';
    expect(ruleOf(threshold).evidence.fields).toEqual(['memory.used', 'oom.kills', ...DEFAULTS.evidence.fields]);
    expect(ruleOf(spike).evidence.fields).toEqual(['cpu.load', ...DEFAULTS.evidence.fields]);
    expect(ruleOf(`${threshold}evidence: { fields: [message] }\n`).evidence.fields).toEqual(['message']);
  });

  it('revisit: off is no revisit', () => {
    expect('revisit' in ruleOf(frequency('revisit: off'))).toBe(false);
  });

  it('a flatline has a condition of its own', () => {
    const rule = ruleOf('name: a\ntype: flatline\nindex: x\ngroup_by: [host.name]\nforget_after: 2d\n');
    expect(rule.levels[0]?.condition.text).toBe('count < 1');
    expect(rule).toMatchObject({ options: { forgetAfter: 2 * DAY }, lifecycle: { forgetAfter: 2 * DAY } });
  });
});

describe('the definition of a rule', () => {
  const definition = (...lines: readonly string[]) => ruleOf(frequency(...lines)).definition;

  it('is another when it may be bad at other times, whatever it says of it', () => {
    const besides = [
      'description: x',
      'labels: { team: a }',
      'message: { title: x }',
      'repeat_interval: 1h',
      'send_resolved: false',
      'evidence: { samples: 1 }',
    ];
    expect(definition(...besides)).toBe(definition());
    for (const line of ['window: 10m', 'query: a:b', 'recover: count < 2', 'for: 1m', 'revisit: 10m', 'timeout: 10s'])
      expect(definition(line)).not.toBe(definition());
  });
});

describe('the shape of a rule', () => {
  const shape = (...lines: readonly string[]) => ruleOf(frequency(...lines)).shape;

  it('stays when texts, windows and conditions change', () => {
    expect(shape('window: 10m', 'for: 1m', 'recover: count < 2', 'description: x', 'query: a:b')).toBe(shape());
  });

  it.each([
    ['another group_by', shape('group_by: [host.name]')],
    ['another order of group_by', shape('group_by: [host.name, a]')],
    ['another type', ruleOf('name: sample\ntype: flatline\nindex: logs-*\n').shape],
  ])('changes with %s', (_what, other) => {
    expect(other).not.toBe(shape());
    expect(other).not.toBe(shape('group_by: [a, host.name]'));
  });
});

it.each(['tocsin-health', 'tocsin-received', 'ReceivedAlert', 'tocsin-noise'])('%s is a built-in rule, and no other', (name) => {
  expect(linesOf(frequency(`id: ${name}`))).toEqual([expect.stringContaining(`"${name}" is reserved for`)]);
  const named = frequency().replace('name: sample', `name: ${name}`);
  expect(linesOf(named)).toEqual([expect.stringContaining(`"${name}" is reserved for`)]);
});
