import { describe, expect, test } from 'vitest';
import { flatline } from '../../../src/rule-types/flatline/flatline.ts';
import type { FlatlineMemory } from '../../../src/rule-types/flatline/memory.ts';
import {
  DELAY,
  type Doc,
  evaluate,
  inputAt,
  MINUTE,
  optionsOf,
  readTools,
  type Setting,
  specOf,
  valuesByGroup,
} from './measuring.ts';

const start = 100_000 * MINUTE;
const groupBy = ['host'];

/** A document of a host that the tick of this minute is the first to see. */
const seenAt = (minute: number, host: string): Doc => ({ at: start + minute * MINUTE - DELAY - 1, host });

/** Evaluates the ticks of these minutes in order, each from the memory that the one before left. */
function ticks(setting: Setting<ReturnType<typeof flatline.read>>, minutes: readonly number[], documents: readonly Doc[]) {
  let memory: FlatlineMemory | undefined;
  let previous: number | undefined;
  return minutes.map((minute) => {
    const at = start + minute * MINUTE;
    const seen = documents.filter((doc) => doc.at < at - DELAY);
    const { measured, asked } = evaluate(flatline, inputAt(specOf(setting), at, { memory, previous }), seen);
    if (measured.kind !== 'groups') throw new Error('expected groups');
    memory = JSON.parse(JSON.stringify(measured.memory)) as FlatlineMemory;
    previous = at;
    return { values: valuesByGroup(measured), expired: (measured.expired ?? []).map((group) => group['host']), memory, asked };
  });
}

describe('reading the keys', () => {
  test('defaults: nothing expected, forgotten after seven days, a condition of its own', () => {
    expect(optionsOf(flatline, {})).toEqual({ expect: [], forgetAfter: 7 * 86_400_000 });
    expect(flatline.defaultCondition).toBe('count < 1');
  });

  test('texts stand for the one field of group_by, objects for several', () => {
    expect(optionsOf(flatline, { expect: ['node-1', 2, true] }, groupBy).expect).toEqual([
      { host: 'node-1' },
      { host: '2' },
      { host: 'true' },
    ]);
    const several = optionsOf(flatline, { expect: [{ b: 1, a: 'x' }] }, ['a', 'b']);
    expect(several.expect).toEqual([{ a: 'x', b: '1' }]);
  });

  test.each<[string, readonly string[], Record<string, unknown>, string]>([
    ['expected groups without group_by', [], { expect: ['a'] }, 'expect: `expect` needs `group_by`'],
    ['a text with several fields', ['a', 'b'], { expect: ['x'] }, 'expect[0]: expected an object with a, b'],
    ['an object that lacks a field', ['a', 'b'], { expect: [{ a: 'x' }] }, 'expect[0]: expected a value for b'],
    ['a field that is not in group_by', ['a'], { expect: ['x', { a: 'x', c: 'y' }] }, 'expect[1].c: `c` is not in `group_by`'],
    [
      'forgetting within the window',
      ['a'],
      { forget_after: '1m' },
      'forget_after: groups would be forgotten before the window has ended',
    ],
    ['what is no duration', ['a'], { forget_after: 'soon' }, 'forget_after: not a duration'],
  ])('%s is reported', (_name, fields, keys, problem) => {
    const tools = readTools(fields);
    flatline.read(keys, tools);
    expect(tools.problems).toEqual([problem]);
  });
});

describe('going quiet', () => {
  const options = optionsOf(flatline, { forget_after: '1h' });
  const setting = { options, groupBy };

  test('a group is known from the first window that holds a document of it, and counts 0 when it is quiet', () => {
    const days = ticks(setting, [0, 1, 5, 6, 7], [seenAt(1, 'a')]);
    expect(days.map((tick) => tick.values)).toEqual([
      {},
      { a: { count: 1 } },
      { a: { count: 1 } },
      { a: { count: 0 } },
      { a: { count: 0 } },
    ]);
  });

  test('the memory changes when a group goes quiet or comes back, and at no other tick', () => {
    const documents = [...Array.from({ length: 11 }, (_, index) => seenAt(index, 'a')), seenAt(20, 'a')];
    const memories = ticks(setting, [5, 6, 7, 10, 15, 16, 17, 18, 20, 21], documents).map((tick) => tick.memory.last['["a"]']);
    expect(memories.slice(0, 4)).toEqual([null, null, null, null]);
    expect(memories.slice(4)).toEqual([
      start + 10 * MINUTE,
      start + 10 * MINUTE,
      start + 10 * MINUTE,
      start + 10 * MINUTE,
      null,
      null,
    ]);
  });

  test('a group that was quiet for forget_after is expired once, then unknown again', () => {
    const days = ticks(setting, [0, 4, 5, 63, 64, 65], [seenAt(0, 'a')]);
    expect(days.map((tick) => tick.expired)).toEqual([[], [], [], [], ['a'], []]);
    expect(days.map((tick) => tick.values['a'])).toEqual([
      { count: 1 },
      { count: 1 },
      { count: 0 },
      { count: 0 },
      undefined,
      undefined,
    ]);
    expect(days[4]?.memory).toEqual({ last: {} });
  });

  test('a group that comes back in time is not forgotten', () => {
    const days = ticks(setting, [0, 5, 40, 45, 80, 99], [seenAt(0, 'a'), seenAt(40, 'a')]);
    expect(days.map((tick) => tick.expired)).toEqual([[], [], [], [], [], []]);
  });

  test('a living alert that the memory does not know, after a reset, is counted and forgotten in its time', () => {
    const input = inputAt<typeof options, FlatlineMemory>(specOf(setting), start, {
      known: [{ host: 'a' }],
      previous: start - MINUTE,
    });
    const { measured } = evaluate(flatline, input, []);
    expect(valuesByGroup(measured)).toEqual({ a: { count: 0 } });
    expect(measured.memory).toEqual({ last: { '["a"]': start - MINUTE } });
  });

  test('memory of another group_by is not read as groups', () => {
    const memory = { last: { '["a","b"]': null, nonsense: null, '[5]': null } };
    const input = inputAt<typeof options, FlatlineMemory>(specOf(setting), start, { memory });
    expect(valuesByGroup(evaluate(flatline, input, []).measured)).toEqual({});
  });

  test('names that churn cannot grow the memory beyond max_groups: those quiet for longest go first', () => {
    const memory = { last: { '["old"]': start - 30 * MINUTE, '["older"]': start - 40 * MINUTE, '["live"]': null } };
    const input = inputAt<typeof options, FlatlineMemory>(specOf({ ...setting, maxGroups: 2 }), start, {
      memory,
      previous: start - MINUTE,
    });
    const { measured } = evaluate(flatline, input, [seenAt(0, 'live')]);
    expect(Object.keys((measured.memory as FlatlineMemory).last)).toEqual(['["live"]', '["old"]']);
  });
});

describe('expected groups', () => {
  const options = optionsOf(flatline, { expect: ['node-1', 'node-2'], forget_after: '1h' }, groupBy);

  test('are counted from the first tick and never forgotten', () => {
    const days = ticks({ options, groupBy }, [0, 1, 300], [seenAt(1, 'node-1')]);
    expect(days.map((tick) => tick.values)).toEqual([
      { 'node-1': { count: 0 }, 'node-2': { count: 0 } },
      { 'node-1': { count: 1 }, 'node-2': { count: 0 } },
      { 'node-1': { count: 0 }, 'node-2': { count: 0 } },
    ]);
    expect(days.map((tick) => tick.expired)).toEqual([[], [], []]);
    expect(days[2]?.memory).toEqual({ last: {} });
  });
});

describe('without group_by', () => {
  test('the one group is always known, from the first tick on and for ever', () => {
    const days = ticks({ options: optionsOf(flatline, { forget_after: '1h' }) }, [0, 1, 600], [seenAt(1, 'a')]);
    expect(days.map((tick) => tick.values)).toEqual([{ '': { count: 0 } }, { '': { count: 1 } }, { '': { count: 0 } }]);
    expect(days.map((tick) => tick.expired)).toEqual([[], [], []]);
  });
});

describe('truncated answers', () => {
  const options = optionsOf(flatline, { forget_after: '1h' });

  test('a remembered group that did not come back is asked for by name before it counts as quiet', () => {
    const memory = { last: { '["quiet"]': null, '["there"]': null } };
    const documents = [seenAt(0, 'loud'), seenAt(0, 'loud'), seenAt(0, 'there')];
    const input = inputAt<typeof options, FlatlineMemory>(specOf({ options, groupBy, maxGroups: 1 }), start, {
      memory,
      previous: start - MINUTE,
    });
    const { measured, asked } = evaluate(flatline, input, documents);
    expect(asked).toEqual([['window'], ['window/only/0']]);
    expect(valuesByGroup(measured)).toEqual({ loud: { count: 2 }, there: { count: 1 }, quiet: { count: 0 } });
  });

  test('a group of which nothing is known this time keeps its memory as it was', () => {
    const memory = { last: { '["a"]': null, '["b"]': start - 10 * MINUTE } };
    const input = inputAt<typeof options, FlatlineMemory>(specOf({ options, groupBy }), start, {
      memory,
      previous: start - MINUTE,
    });
    const { answers } = evaluate(flatline, input, []);
    const cut = new Map([...answers].map(([name, answer]) => [name, { ...answer, kind: 'truncated' as const }]));
    expect(flatline.measure(input, cut)).toEqual({ kind: 'groups', readings: [], expired: [], memory });
  });
});
