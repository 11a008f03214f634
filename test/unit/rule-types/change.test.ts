import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChangeOptions, change } from '../../../src/rule-types/change/change.ts';
import type { ChangeMemory } from '../../../src/rule-types/change/memory.ts';
import type { Input } from '../../../src/rule-types/rule-type.ts';
import { DELAY, type Doc, evaluate, inputAt, MINUTE, optionsOf, readTools, specOf, valuesByGroup } from './measuring.ts';

const at = 1_000 * MINUTE;
const GROUPED = ['pod'];
const spec = (keys: Record<string, unknown> = {}, more: { readonly maxGroups?: number } = {}) =>
  specOf({ options: optionsOf(change, { field: 'phase', ...keys }, GROUPED), groupBy: GROUPED, ...more });

/** Documents of one pod by seconds before `at`. */
const pod = (name: string, phases: Readonly<Record<number, string | number | null>>): Doc[] =>
  Object.entries(phases).map(([before, phase]) => ({ at: at - Number(before) * 1_000, pod: name, phase }));

type Tick = Partial<Input<ChangeOptions, ChangeMemory>>;

/** Evaluates ticks one minute apart, the last of them `at`, each with the memory of the one before. */
function play(documents: readonly Doc[], ticks: number, of = spec(), rest: Tick = {}) {
  let memory: ChangeMemory | undefined;
  let asked: readonly (readonly string[])[] = [];
  const readings: Record<string, unknown>[] = [];
  for (let left = ticks - 1; left >= 0; left--) {
    const tick = at - left * MINUTE;
    const previous = left === ticks - 1 ? {} : { previous: tick - MINUTE };
    const given = memory === undefined ? {} : { memory };
    const notified = evaluate(
      change,
      inputAt<ChangeOptions, ChangeMemory>(of, tick, { ...previous, ...given, ...rest }),
      documents,
    );
    memory = notified.measured.memory;
    asked = notified.asked;
    readings.push(valuesByGroup(notified.measured));
  }
  return { readings, last: readings.at(-1) ?? {}, memory, asked };
}

const seen = (previous: unknown, current: unknown, changed: boolean) => ({ previous, current, changed });

describe('change', () => {
  test.each<[string, Readonly<Record<number, string | number | null>>, object]>([
    ['a value that stays is no change', { 200: 'up', 100: 'up', 40: 'up' }, seen('up', 'up', false)],
    ['a new value is a change', { 200: 'up', 60: 'down' }, seen('up', 'down', true)],
    ['of several new values the last two are notified', { 200: 'up', 80: 'slow', 50: 'down' }, seen('slow', 'down', true)],
    ['what changed and changed back is a change', { 200: 'up', 80: 'down', 50: 'up' }, seen('down', 'up', true)],
    ['the same again after several is one too', { 200: 'up', 80: 'down', 60: 'slow', 50: 'up' }, seen('slow', 'up', true)],
    ['a number in place of its text is the same value', { 200: '5', 60: 5 }, seen('5', '5', false)],
    ['documents without the field say nothing', { 200: 'up', 60: null }, seen('up', 'up', false)],
    ['a change of the minute before was notified then', { 300: 'up', 130: 'down', 60: 'down' }, seen('down', 'down', false)],
    ['a change within the delay is for the next tick', { 200: 'up', 10: 'down' }, seen('up', 'up', false)],
  ])('%s', (_name, phases, expected) => {
    expect(play(pod('a', phases), 2).last).toEqual({ a: expected });
  });

  test('a change is seen by one tick, and is over at the next', () => {
    const { readings } = play(pod('a', { 300: 'up', 100: 'down' }), 3);
    expect(readings).toEqual([
      { a: seen('up', 'up', false) },
      { a: seen('up', 'down', true) },
      { a: seen('down', 'down', false) },
    ]);
  });

  test('a rule that starts late learns silently, and so is a group that is new', () => {
    expect(play(pod('a', { 200: 'up', 60: 'down' }), 1).last).toEqual({ a: seen('down', 'down', false) });
    const grown = [...pod('a', { 200: 'up' }), ...pod('b', { 60: 'down' })];
    expect(play(grown, 2).last).toEqual({ a: seen('up', 'up', false), b: seen('down', 'down', false) });
  });

  test('a group keeps its value while it is silent', () => {
    const documents = [...pod('a', { 900: 'up', 40: 'down' }), ...pod('b', { 900: 'up' })];
    const { last, memory } = play(documents, 15);
    expect(last).toEqual({ a: seen('up', 'down', true) });
    expect(memory?.last['["b"]']).toMatchObject({ value: 'up', heard: expect.any(Number) });
  });

  test('a group that is silent for long is forgotten, and learned again', () => {
    const documents = pod('a', { 900: 'up', 40: 'down' });
    expect(play(documents, 15, spec({ forget_after: '5m' })).last).toEqual({ a: seen('down', 'down', false) });
  });

  test('a known group without documents is as it was last seen', () => {
    const { last } = play(pod('a', { 900: 'up' }), 15, spec(), { known: [{ pod: 'a' }, { pod: 'never' }] });
    expect(last).toEqual({ a: seen('up', 'up', false), never: seen(null, null, false) });
  });

  test('with ignore_null: false a field that is gone from all documents is a change', () => {
    const documents = pod('a', { 400: 'up', 300: null, 40: null });
    const { readings } = play(documents, 4, spec({ ignore_null: false }));
    expect(readings.at(0)).toEqual({ a: seen('up', 'up', false) });
    expect(readings).toContainEqual({ a: seen('up', null, true) });
    expect(readings.at(-1)).toEqual({ a: seen(null, null, false) });
  });

  test('values are compared as numbers where they are numbers', () => {
    expect(play(pod('a', { 200: 1, 60: 2 }), 2, spec({ as: 'number' })).last).toEqual({ a: seen(1, 2, true) });
    expect(play(pod('a', { 200: 1, 60: 2 }), 2).last).toEqual({ a: seen('1', '2', true) });
  });

  test('values piece by piece are asked for only where a group had several', () => {
    expect(play(pod('a', { 200: 'up', 60: 'down' }), 2).asked).toEqual([['window', 'fresh']]);
    expect(play(pod('a', { 200: 'up', 80: 'up', 60: 'down' }), 2).asked).toEqual([['window', 'fresh'], ['steps']]);
  });

  test('groups that a truncated answer left out keep their value, and are asked for by name', () => {
    const documents = [...pod('a', { 200: 'up', 190: 'up', 180: 'up', 60: 'up' }), ...pod('b', { 190: 'up', 60: 'down' })];
    const both = play(documents, 2, spec());
    const { asked, memory } = evaluateTruncated(documents, both.memory);
    expect(asked[1]).toContain('window/only/0');
    expect(Object.keys(memory.last)).toEqual(['["a"]']);
  });

  test('a rule that now watches another field or other documents compares nothing with what it remembers', () => {
    const documents = pod('a', { 200: 'up', 60: 'down' }).map((doc) => ({ ...doc, state: 'ok' }));
    const { memory } = play(documents, 1);
    if (memory === undefined) throw new Error('there is no memory');
    for (const other of [spec({ field: 'state' }), { ...spec(), filter: { match_none: {} } }]) {
      const { measured } = evaluate(change, inputAt(other, at + MINUTE, { memory, previous: at }), documents);
      expect(valuesByGroup(measured)).toMatchObject({ a: { changed: false } });
    }
  });

  test('a revisit says nothing: what its window was compared with is gone', () => {
    const { measured } = evaluate(change, inputAt(spec(), at, { purpose: 'revisit' }), pod('a', { 200: 'up', 60: 'down' }));
    expect(measured).toMatchObject({ readings: [] });
  });

  test('the memory of a group that goes on reporting the same is not rewritten', () => {
    const documents = pod('a', Object.fromEntries(Array.from({ length: 30 }, (_, i) => [i * 20, 'up'])));
    expect(play(documents, 3).memory).toEqual(play(documents, 1).memory);
  });

  test('a very long value is remembered by its beginning', () => {
    const [a, b] = ['x'.repeat(40_000), `${'x'.repeat(39_999)}y`];
    const { last, memory } = play(pod('a', { 200: a, 60: b }), 2);
    expect(last).toMatchObject({ a: { changed: true } });
    expect(JSON.stringify(memory).length).toBeLessThan(1_000);
  });

  test('tells a change exactly when the values, in order, are not all the same', () => {
    const values = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom('a', 'b', 'c'), values, (before, later) => {
        const phases = Object.fromEntries(later.map((value, index) => [85 - index * 8, value]));
        const { last } = play(pod('p', { 200: before, ...phases }), 2);
        const all = [before, ...later];
        const step = all.findLastIndex((value) => value !== all.at(-1));
        expect(last).toEqual({ p: seen(all[Math.max(step, 0)], all.at(-1), step >= 0) });
      }),
    );
  });
});

/** The next tick over an answer with room for one group only. */
function evaluateTruncated(documents: readonly Doc[], memory: ChangeMemory | undefined) {
  if (memory === undefined) throw new Error('there is no memory');
  const input = inputAt<ChangeOptions, ChangeMemory>(spec({}, { maxGroups: 1 }), at + DELAY, { memory, previous: at });
  const { asked, measured } = evaluate(change, input, documents);
  return { asked, memory: measured.memory };
}

describe('the keys of a change rule', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['need a field', {}, 'field: expected the field to watch'],
    [
      'may not watch what the groups are made of',
      { field: 'pod' },
      'field: a field of `group_by` cannot change within its group',
    ],
    [
      'remember for a window at least',
      { field: 'phase', forget_after: '1m' },
      'forget_after: groups would be forgotten before the window has ended',
    ],
    ['hold durations', { field: 'phase', forget_after: 'soon' }, 'forget_after: not a duration'],
  ])('%s', (_name, keys, problem) => {
    const tools = readTools(GROUPED);
    change.read(keys, tools);
    expect(tools.problems).toEqual([problem]);
  });
});
