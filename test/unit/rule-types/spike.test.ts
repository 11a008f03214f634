import { describe, expect, test } from 'vitest';
import { type SpikeOptions, spike } from '../../../src/rule-types/spike/spike.ts';
import { DELAY, type Doc, evaluate, inputAt, MINUTE, optionsOf, readTools, specOf, term, valuesByGroup } from './measuring.ts';

const at = 100_000 * MINUTE;
const to = at - DELAY;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function docs(host: string, count: number, ago: number, fields: Record<string, number> = {}): Doc[] {
  return Array.from({ length: count }, () => ({ at: to - 1 - ago, host, ...fields }));
}

describe('reading the keys', () => {
  test.each<[Record<string, unknown>, unknown]>([
    [{}, { reference: { kind: 'previous' } }],
    [{ reference: 'previous' }, { reference: { kind: 'previous' } }],
    [{ reference: { offset: '1d' } }, { reference: { kind: 'offset', offset: DAY } }],
    [{ reference: { average_of: 4, step: '7d' } }, { reference: { kind: 'average', of: 4, step: 7 * DAY } }],
    [{ metrics: { slow: { avg: 'took' } } }, { reference: { kind: 'previous' }, metric: { of: 'avg', field: 'took' } }],
  ])('%j', (keys, options) => {
    expect(optionsOf(spike, keys)).toEqual(options);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ reference: 'yesterday' }, 'reference: expected `previous`, { offset: 1d } or { average_of: 4, step: 7d }'],
    [{ reference: { average_of: 4 } }, 'reference: expected `previous`, { offset: 1d } or { average_of: 4, step: 7d }'],
    [
      { reference: { average_of: 31, step: '1d' } },
      'reference: expected `previous`, { offset: 1d } or { average_of: 4, step: 7d }',
    ],
    [
      { reference: { average_of: 1.5, step: '1d' } },
      'reference: expected `previous`, { offset: 1d } or { average_of: 4, step: 7d }',
    ],
    [{ reference: { offset: '0s' } }, 'reference.offset: the window would be compared with itself'],
    [{ reference: { offset: 'day' } }, 'reference.offset: not a duration'],
    [{ reference: { average_of: 2, step: '0s' } }, 'reference.step: the window would be compared with itself'],
    [{ metrics: { a: { max: 'x' }, b: { max: 'y' } } }, 'metrics: a spike compares one metric'],
    [{ metrics: { a: { last: 'x', as: 'string' } } }, 'metrics.a.as: a spike compares numbers'],
  ])('%j is reported', (keys, problem) => {
    const tools = readTools();
    spike.read(keys, tools);
    expect(tools.problems).toEqual([problem]);
  });
});

describe('comparing counts', () => {
  const groupBy = ['host'];
  const previous = { reference: { kind: 'previous' } } as const;

  test('both windows are asked for in one round', () => {
    const { asked } = evaluate(spike, inputAt(specOf({ options: previous, groupBy }), at), []);
    expect(asked).toEqual([['current', 'reference/0']]);
  });

  test('groups of either window are read, and count 0 in the other', () => {
    const documents = [
      ...docs('new', 3, 0),
      ...docs('both', 6, MINUTE),
      ...docs('both', 2, 6 * MINUTE),
      ...docs('gone', 4, 6 * MINUTE),
    ];
    const { measured } = evaluate(
      spike,
      inputAt(specOf({ options: previous, groupBy }), at, { known: [{ host: 'known' }] }),
      documents,
    );
    expect(valuesByGroup(measured)).toEqual({
      new: { current: 3, reference: 0 },
      both: { current: 6, reference: 2 },
      gone: { current: 0, reference: 4 },
      known: { current: 0, reference: 0 },
    });
    expect(measured.kind === 'groups' && measured.readings.every((reading) => reading.present)).toBe(true);
    expect(spike.absence(previous)).toBe('zero');
  });

  test('the previous window ends where the window begins', () => {
    const documents = [
      { at: to - 5 * MINUTE },
      { at: to - 5 * MINUTE - 1 },
      { at: to - 10 * MINUTE },
      { at: to - 10 * MINUTE - 1 },
    ];
    const { measured } = evaluate(spike, inputAt(specOf({ options: previous }), at), documents);
    expect(valuesByGroup(measured)).toEqual({ '': { current: 1, reference: 2 } });
  });

  test('an offset looks at the same window that much earlier', () => {
    const options = optionsOf(spike, { reference: { offset: '1d' } });
    const { measured } = evaluate(spike, inputAt(specOf({ options }), at), [
      ...docs('a', 9, 0),
      ...docs('a', 3, DAY),
      ...docs('a', 5, 6 * MINUTE),
    ]);
    expect(valuesByGroup(measured)).toEqual({ '': { current: 9, reference: 3 } });
  });

  const ofHostA = (options: SpikeOptions) => ({ ...specOf({ options }), filter: term('host:a') });
  const WEEK = 7 * DAY;
  const weeks = { reference: { average_of: 4, step: '7d' } };

  test('an average counts windows in which nothing matched as 0, as long as the source had documents', () => {
    const { measured, asked } = evaluate(spike, inputAt(ofHostA(optionsOf(spike, weeks)), at), [
      ...docs('a', 9, 0),
      ...docs('a', 4, WEEK),
      ...docs('b', 1, 2 * WEEK),
      ...docs('b', 1, 3 * WEEK),
      ...docs('a', 6, 4 * WEEK),
    ]);
    expect(asked).toEqual([
      ['current', 'reference/0', 'reference/1', 'reference/2', 'reference/3'],
      ['reference/1/source', 'reference/2/source'],
    ]);
    expect(valuesByGroup(measured)).toEqual({ '': { current: 9, reference: 2.5 } });
  });

  const [a1, a2, b2] = [docs('a', 8, WEEK, { took: 8 }), docs('a', 6, 2 * WEEK, { took: 6 }), docs('b', 1, 2 * WEEK)];
  const now = docs('a', 9, 0, { took: 9 });
  const averaged = { metrics: { slow: { avg: 'took' } } };
  test.each<[string, Record<string, unknown>, readonly Doc[], unknown, string | undefined]>([
    ['weeks before the data are left out', weeks, [...a1, ...a2], 7, '2 of 4 reference windows'],
    ['fewer than half of the weeks are no reference', weeks, a1, null, '3 of 4 reference windows'],
    ['nor are they of a metric', { ...weeks, ...averaged }, a1, null, '3 of 4 reference windows'],
    ['a metric leaves the same weeks out', { ...weeks, ...averaged }, [...a1, ...a2], 7, '2 of 4 reference windows'],
    ['a week of others is a week', weeks, [...a1, ...b2], 4, '2 of 4 reference windows'],
    ['one day without any document is no reference', { reference: { offset: '7d' } }, [], null, 'the reference window'],
    ['one day of others is one of 0', { reference: { offset: '14d' } }, b2, 0, undefined],
    ['the window just before counts 0: what was silent and speaks now is a jump', {}, [], 0, undefined],
  ])('%s', (_name, keys, documents, reference, where) => {
    const { measured } = evaluate(spike, inputAt(ofHostA(optionsOf(spike, keys)), at), [...now, ...documents]);
    expect(valuesByGroup(measured)).toEqual({ '': { current: 9, reference } });
    const note = where === undefined ? undefined : `the source has no documents in ${where}`;
    expect(measured.readings[0]?.note).toBe(note);
  });

  test('a group that is missing in a truncated reference is asked for there, not taken as 0', () => {
    const documents = [...docs('a', 9, 0), ...docs('big', 5, 6 * MINUTE), ...docs('a', 4, 6 * MINUTE)];
    const { measured, asked } = evaluate(spike, inputAt(specOf({ options: previous, groupBy, maxGroups: 1 }), at), documents);
    expect(asked).toEqual([['current', 'reference/0'], ['reference/0/only/0']]);
    expect(valuesByGroup(measured)).toEqual({ a: { current: 9, reference: 4 }, big: { current: 0, reference: 5 } });
  });
});

test('comparing the growth of a counter', () => {
  const options = optionsOf(spike, { reference: { offset: '1d' }, metrics: { more: { increase: 'served', by: 'pod' } } });
  const served = (host: string, pod: string, ago: number, ...values: readonly number[]) =>
    values.map((value, index): Doc => ({ at: to - 1 - ago - (values.length - index) * 1_000, host, pod, served: value }));
  const documents = [
    ...served('a', 'a-1', 0, 90, 95, 5),
    ...served('a', 'a-2', 0, 7, 8),
    ...served('a', 'a-1', DAY, 10, 13),
    ...served('b', 'b-1', DAY, 1, 1),
  ];
  const { measured } = evaluate(spike, inputAt(specOf({ options, groupBy: ['host'] }), at), documents);
  expect(valuesByGroup(measured)).toEqual({ a: { current: 11, reference: 3 }, b: { current: null, reference: 0 } });
  expect(spike.absence(options)).toBe('absent');
});

describe('comparing a metric', () => {
  const groupBy = ['host'];
  const options = optionsOf(spike, { metrics: { slow: { avg: 'took' } } });

  test('no document in the window is absent, no document in the reference is no value', () => {
    const documents = [...docs('new', 1, 0, { took: 7 }), ...docs('gone', 1, 6 * MINUTE, { took: 3 }), ...docs('silent', 2, 0)];
    const { measured } = evaluate(spike, inputAt(specOf({ options, groupBy }), at), documents);
    expect(measured.kind === 'groups' && measured.readings).toEqual([
      { group: { host: 'silent' }, present: true, values: { current: null, reference: null } },
      { group: { host: 'new' }, present: true, values: { current: 7, reference: null } },
      { group: { host: 'gone' }, present: false, values: { current: null, reference: 3 } },
    ]);
    expect(spike.absence(options)).toBe('absent');
  });

  test('an average is over the windows that have a value', () => {
    const averaged = optionsOf(spike, { reference: { average_of: 3, step: '1h' }, metrics: { slow: { avg: 'took' } } });
    const documents = [
      ...docs('a', 1, 0, { took: 9 }),
      ...docs('a', 1, HOUR, { took: 2 }),
      ...docs('a', 1, 3 * HOUR, { took: 4 }),
    ];
    expect(valuesByGroup(evaluate(spike, inputAt(specOf({ options: averaged, groupBy }), at), documents).measured)).toEqual({
      a: { current: 9, reference: 3 },
    });
  });
});
