import { describe, expect, test } from 'vitest';
import { threshold } from '../../../src/rule-types/threshold/threshold.ts';
import { DELAY, type Doc, evaluate, inputAt, MINUTE, optionsOf, readTools, specOf, term, valuesByGroup } from './measuring.ts';

const at = 1_000 * MINUTE;
const now = at - DELAY - 1;

describe('reading the key metrics', () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ['the highest value', { max: 'a.b' }, { of: 'max', field: 'a.b' }],
    ['the average', { avg: 'a' }, { of: 'avg', field: 'a' }],
    ['the newest value', { last: 'a' }, { of: 'last', field: 'a' }],
    ['different values', { cardinality: 'a' }, { of: 'cardinality', field: 'a' }],
    ['how many values', { value_count: 'a' }, { of: 'value_count', field: 'a' }],
    ['a percentile', { p95: 'a' }, { of: 'percentile', field: 'a', percent: 95 }],
    ['a finer percentile', { 'p99.9': 'a' }, { of: 'percentile', field: 'a', percent: 99.9 }],
    ['the hundredth percentile', { p100: 'a' }, { of: 'percentile', field: 'a', percent: 100 }],
    ['all documents', { count: '*' }, { of: 'count' }],
    ['documents of a filter', { count: 'a:b' }, { of: 'count', where: term('a:b') }],
    ['a metric with a filter', { sum: 'a', where: 'b:c' }, { of: 'sum', field: 'a', where: term('b:c') }],
  ])('%s', (_name, metric, expected) => {
    expect(optionsOf(threshold, { metrics: { m: metric } }).metrics).toEqual({ m: expected });
  });

  test.each<[string, Record<string, unknown>, unknown]>([
    ['a counter', { increase: 'a' }, { of: 'increase', field: 'a', by: [] }],
    ['a counter a Pod', { increase: 'a', by: 'pod' }, { of: 'increase', field: 'a', by: ['pod'] }],
    [
      'with a filter',
      { increase: 'a', by: ['b', 'c'], where: 'd:e' },
      { of: 'increase', field: 'a', by: ['b', 'c'], where: term('d:e') },
    ],
  ])('the growth of %s', (_name, metric, expected) => {
    const options = optionsOf(threshold, { metrics: { m: metric, n: { max: 'x' } } });
    expect(options.increases).toEqual({ m: expected });
    expect(options.metrics).toEqual({ n: { of: 'max', field: 'x' } });
    expect(threshold.variables(options)).toEqual({ m: 'number', n: 'number' });
  });

  test('names are variables: numbers, unless `last` says otherwise', () => {
    const options = optionsOf(threshold, { metrics: { used: { max: 'a' }, state: { last: 'b', as: 'string' } } });
    expect(threshold.variables(options)).toEqual({ used: 'number', state: 'string' });
  });

  test.each<[string, unknown, string]>([
    ['no metric', {}, 'metrics: expected at least one metric'],
    ['no metrics at all', undefined, 'metrics: expected at least one metric'],
    ['no measure', { m: {} }, 'metrics.m: expected a measure'],
    ['a field alone', { m: 'a.b' }, 'metrics.m: expected a measure'],
    ['two measures', { m: { max: 'a', min: 'b' } }, 'metrics.m: expected one measure, not max and min'],
    ['a misspelt measure', { m: { maxx: 'a' } }, 'metrics.m.maxx: unknown measure `maxx`'],
    ['a percentile above a hundred', { m: { p101: 'a' } }, 'metrics.m.p101: unknown measure `p101`'],
    ['a field that is no text', { m: { max: 5 } }, 'metrics.m.max: expected a field name'],
    ['an empty field', { m: { max: ' ' } }, 'metrics.m.max: expected a field name'],
    ['a count with two filters', { m: { count: 'a:b', where: 'c:d' } }, 'metrics.m.where: `count` already has a query'],
    [
      'a type of what is always a number',
      { m: { max: 'a', as: 'string' } },
      'metrics.m.as: `as` works only with `last`; `max` is always a number',
    ],
    [
      '`by` of what has no counters',
      { m: { max: 'a', by: 'pod' } },
      'metrics.m.by: `by` works only with `increase`, not with `max`',
    ],
    ['`by` that is no field', { m: { increase: 'a', by: [' '] } }, 'metrics.m.by: expected a field, or a list of fields'],
    ['a reserved name', { in: { max: 'a' } }, 'metrics.in: `in` is a reserved word of conditions'],
    [
      'a name with a dash',
      { 'a-b': { max: 'a' } },
      'metrics.a-b: a name starts with a letter or `_`, followed by letters, digits and `_`; at most 64 characters',
    ],
  ])('%s is reported', (_name, metrics, problem) => {
    const tools = readTools();
    threshold.read({ metrics }, tools);
    expect(tools.problems).toEqual([problem]);
  });
});

describe('measuring', () => {
  const memory = optionsOf(threshold, { metrics: { used: { max: 'usage' }, limit: { max: 'limit' }, all: { count: '*' } } });

  test('use and limit may stand in different documents of one window', () => {
    const documents: Doc[] = [
      { at: now, pod: 'a', usage: 95 },
      { at: now - MINUTE, pod: 'a', limit: 100 },
      { at: now, pod: 'b', usage: 10 },
    ];
    const { measured } = evaluate(threshold, inputAt(specOf({ options: memory, groupBy: ['pod'] }), at), documents);
    expect(valuesByGroup(measured)).toEqual({ a: { used: 95, limit: 100, all: 2 }, b: { used: 10, limit: null, all: 1 } });
  });

  test('a metric may have its own filter', () => {
    const options = optionsOf(threshold, { metrics: { errors: { count: 'outcome:failure' }, total: { count: '*' } } });
    const documents: Doc[] = [{ at: now, outcome: 'failure' }, { at: now, outcome: 'success' }, { at: now }];
    expect(valuesByGroup(evaluate(threshold, inputAt(specOf({ options }), at), documents).measured)).toEqual({
      '': { errors: 1, total: 3 },
    });
  });

  test('no document is absent, with or without group_by; documents without a value are present', () => {
    const alone = evaluate(threshold, inputAt(specOf({ options: memory }), at), []);
    expect(alone.measured).toMatchObject({
      readings: [{ group: {}, present: false, values: { used: null, limit: null, all: 0 } }],
    });
    const known = inputAt(specOf({ options: memory, groupBy: ['pod'] }), at, { known: [{ pod: 'gone' }] });
    const { measured } = evaluate(threshold, known, [{ at: now, pod: 'a', other: 1 }]);
    expect(measured).toMatchObject({
      readings: [
        { group: { pod: 'a' }, present: true, values: { used: null, limit: null, all: 1 } },
        { group: { pod: 'gone' }, present: false, values: { used: null, limit: null, all: 0 } },
      ],
    });
  });

  test('the newest value may be a text', () => {
    const options = optionsOf(threshold, { metrics: { state: { last: 'state', as: 'string' } } });
    const documents: Doc[] = [
      { at: now, state: 'red' },
      { at: now - MINUTE, state: 'green' },
    ];
    expect(valuesByGroup(evaluate(threshold, inputAt(specOf({ options }), at), documents).measured)).toEqual({
      '': { state: 'red' },
    });
  });

  test('groups that a truncated answer left out are asked for by name', () => {
    const documents: Doc[] = ['a', 'a', 'b'].map((pod) => ({ at: now, pod, usage: 1, limit: 2 }));
    const spec = specOf({ options: memory, groupBy: ['pod'], maxGroups: 1 });
    const { measured, asked } = evaluate(threshold, inputAt(spec, at, { known: [{ pod: 'b' }] }), documents);
    expect(asked).toEqual([['window'], ['window/only/0']]);
    expect(valuesByGroup(measured)).toMatchObject({ b: { used: 1, limit: 2, all: 1 } });
  });
});
