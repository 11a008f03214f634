import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewTermMemory } from '../../../src/rule-types/new-term/memory.ts';
import { type NewTermOptions, newTerm } from '../../../src/rule-types/new-term/new-term.ts';
import type { Input } from '../../../src/rule-types/rule-type.ts';
import { DELAY, type Doc, evaluate, inputAt, MINUTE, optionsOf, readTools, specOf, valuesByGroup } from './measuring.ts';

const at = 1_000_000 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Setting {
  readonly keys?: Record<string, unknown>;
  readonly groupBy?: readonly string[];
  readonly maxGroups?: number;
}

const spec = ({ keys = {}, groupBy = ['user'], maxGroups = 1_000 }: Setting = {}) =>
  specOf({ options: optionsOf(newTerm, { field: 'user', ...keys }, groupBy), groupBy, maxGroups });

const doc = (user: string, before: number, more: Omit<Doc, 'at'> = {}): Doc => ({ at: at - before, user, ...more });

type Tick = Partial<Input<NewTermOptions, NewTermMemory>>;

function evaluateTick(documents: readonly Doc[], tick: Tick & { readonly at?: number } = {}, of = spec()) {
  const now = tick.at ?? at;
  const notified = evaluate(
    newTerm,
    inputAt<NewTermOptions, NewTermMemory>(of, now, { previous: now - MINUTE, ...tick }),
    documents,
  );
  return { ...notified, values: valuesByGroup(notified.measured), memory: notified.measured.memory };
}

/** Evaluates ticks one minute apart, the last of them `at`; `is_new` by term and tick. */
function story(documents: readonly Doc[], ticks: number, of = spec()): Record<string, boolean>[] {
  let memory: NewTermMemory | undefined;
  return Array.from({ length: ticks }, (_, index) => {
    const notified = evaluateTick(documents, { at: at - (ticks - 1 - index) * MINUTE, ...(memory && { memory }) }, of);
    memory = notified.memory;
    return Object.fromEntries(
      Object.entries(notified.values).map(([key, value]) => [key, (value as { is_new: boolean }).is_new]),
    );
  });
}

const OLD = doc('old', 2 * DAY);

describe('new_term', () => {
  test('a value that the lookback holds is not new, and one that it does not hold is', () => {
    const { values } = evaluateTick([OLD, doc('old', MINUTE), doc('eve', MINUTE), doc('eve', 2 * MINUTE)]);
    expect(values).toEqual({
      old: { count: 1, is_new: false, known: 0 },
      eve: { count: 2, is_new: true, known: 1 },
    });
  });

  test('a value is new for as long as the window holds its first document, then it is not', () => {
    const documents = [OLD, ...Array.from({ length: 60 }, (_, i) => doc('eve', 10 * MINUTE - i * 10_000))];
    // The first document is ten minutes old: in windows that end after it and begin before it.
    expect(story(documents, 12)).toEqual([{}, {}, ...Array(5).fill({ eve: true }), ...Array(5).fill({ eve: false })]);
  });

  test('a value that was last seen before the lookback is new again', () => {
    const documents = [OLD, doc('other', HOUR), doc('old', MINUTE)];
    expect(evaluateTick(documents, {}, spec({ keys: { lookback: '1d' } })).values).toMatchObject({ old: { is_new: true } });
    expect(evaluateTick(documents, {}, spec({ keys: { lookback: '3d' } })).values).toMatchObject({ old: { is_new: false } });
  });

  test('where there is no past, the first evaluation learns without a word, and what comes later is new', () => {
    const documents = [doc('a', 4 * MINUTE), doc('b', 4 * MINUTE), doc('c', MINUTE)];
    expect(story(documents, 3)).toEqual([
      { a: false, b: false },
      { a: false, b: false },
      { a: false, b: false, c: true },
    ]);
  });

  test('a value that comes when nothing else ever came is new, if the rule was there before', () => {
    expect(story([doc('first', MINUTE)], 3).at(-1)).toEqual({ first: true });
  });

  test('what memory knows is not asked for; what it does not know is, by name', () => {
    const first = evaluateTick([OLD, doc('old', MINUTE)]);
    expect(first.asked).toEqual([['lookback', 'window']]);
    const next = { at: at + MINUTE, memory: first.memory };
    expect(evaluateTick([OLD, doc('old', MINUTE)], next).asked).toEqual([['window']]);
    expect(evaluateTick([OLD, doc('old', MINUTE), doc('eve', 0 - 20_000)], next).asked).toEqual([['window'], ['before/0']]);
  });

  test('what came in a gap that nobody evaluated is not new', () => {
    const { memory } = evaluateTick([OLD], { at: at - DAY });
    expect(evaluateTick([OLD, doc('gap', HOUR), doc('gap', MINUTE)], { memory }).values).toMatchObject({
      gap: { is_new: false },
    });
  });

  test('what memory has outlives the documents', () => {
    const { memory } = evaluateTick([OLD]);
    expect(evaluateTick([doc('old', MINUTE)], { memory }).values).toMatchObject({ old: { is_new: false } });
  });

  test('memory forgets what was not seen for a lookback', () => {
    const { memory } = evaluateTick([OLD], { at: at - DAY });
    expect(Object.keys(memory.seen)).toEqual(['["old"]']);
    expect(evaluateTick([], { at: at + 6 * DAY, memory }).memory.seen).toEqual({});
  });

  test('memory is not rewritten by values that go on coming', () => {
    const documents = [OLD, ...Array.from({ length: 30 }, (_, i) => doc('old', i * MINUTE))];
    const first = evaluateTick(documents, { at: at - 10 * MINUTE });
    expect(evaluateTick(documents, { memory: first.memory }).memory).toEqual(first.memory);
  });

  test('known groups without documents count 0 and are not new', () => {
    expect(evaluateTick([OLD], { known: [{ user: 'eve' }] }).values).toEqual({ eve: { count: 0, is_new: false, known: 1 } });
  });

  test('known counts within the other fields of group_by', () => {
    const of = spec({ groupBy: ['host', 'user'] });
    const documents = [
      ...['a', 'b', 'c'].map((user) => doc(user, DAY, { host: 'one' })),
      doc('a', MINUTE, { host: 'two' }),
      doc('d', MINUTE, { host: 'one' }),
    ];
    expect(evaluateTick(documents, {}, of).values).toEqual({
      'two/a': { count: 1, is_new: true, known: 0 },
      'one/d': { count: 1, is_new: true, known: 3 },
    });
  });

  test('a revisit is evaluated by the documents, not by what memory learned since', () => {
    const documents = [OLD, doc('eve', MINUTE)];
    const { memory } = evaluateTick([...documents, doc('eve', -HOUR)], { at: at + HOUR });
    const revisit = evaluateTick(documents, { memory, purpose: 'revisit' });
    expect(revisit.values).toMatchObject({ eve: { is_new: true } });
    expect(revisit.asked).toEqual([['window'], ['before/0']]);
  });

  test('a rule that now looks at other documents learns again', () => {
    const { memory } = evaluateTick([OLD]);
    const { asked } = evaluateTick([OLD], { at: at + MINUTE, memory }, { ...spec(), filter: { match_none: {} } });
    expect(asked).toEqual([['lookback', 'window']]);
  });

  test.each([1, 2, 3])('with room for %i groups no value that was there before is ever called new', (maxGroups) => {
    const user = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const past = fc.array(fc.record({ at: fc.integer({ min: at - 5 * DAY, max: at - 20 * MINUTE }), user }), { maxLength: 20 });
    const present = fc.array(fc.record({ at: fc.integer({ min: at - 10 * MINUTE, max: at }), user }), { maxLength: 20 });
    fc.assert(
      fc.property(past, present, fc.uniqueArray(user), (before, now, living) => {
        const known = living.map((name) => ({ user: name }));
        const old = new Set<string>(before.map((one) => one.user));
        const of = spec({ maxGroups });
        let memory: NewTermMemory | undefined;
        for (const tick of [at - 3 * MINUTE, at]) {
          const notified = evaluateTick([...before, ...now], { at: tick, known, ...(memory && { memory }) }, of);
          memory = notified.memory;
          expect(Object.keys(memory.seen).length).toBeLessThanOrEqual(maxGroups);
          for (const [term, value] of Object.entries(notified.values))
            if (old.has(term)) expect(value).toMatchObject({ is_new: false });
        }
      }),
    );
  });

  test('a value is called new if the lookback and a window more hold none of it, and never if the lookback holds one', () => {
    const user = fc.constantFrom('a', 'b', 'c', 'd');
    const documents = fc.array(fc.record({ at: fc.integer({ min: at - 60 * MINUTE, max: at }), user }), { maxLength: 30 });
    const of = spec({ keys: { lookback: '30m' } });
    fc.assert(
      fc.property(documents, (docs) => {
        const all = [doc('z', 30 * MINUTE), ...docs];
        let memory: NewTermMemory | undefined;
        for (let tick = at - 15 * MINUTE; tick <= at; tick += MINUTE) {
          const notified = evaluateTick(all, { at: tick, ...(memory && { memory }) }, of);
          memory = notified.memory;
          const from = tick - DELAY - of.window;
          const since = (start: number) => new Set(all.filter((one) => one.at >= start && one.at < from).map((one) => one.user));
          const [near, far] = [since(from - 30 * MINUTE), since(from - 30 * MINUTE - of.window)];
          for (const [term, value] of Object.entries(notified.values)) {
            if (near.has(term)) expect(value).toMatchObject({ is_new: false });
            if (!far.has(term)) expect(value).toMatchObject({ is_new: true });
          }
        }
      }),
    );
  });
});

describe('the keys of a new_term rule', () => {
  test.each<[string, Record<string, unknown>, readonly string[], string]>([
    ['need a field', {}, ['user'], 'field: expected a field, or a list of fields'],
    ['need it in group_by', { field: 'user' }, [], 'field: not in `group_by`: user; each new value has its own alert'],
    [
      'need all of them in group_by',
      { field: ['user', 'ip', 'os'] },
      ['user'],
      'field: not in `group_by`: ip, os; each new value has its own alert',
    ],
    [
      'look back further than the window',
      { field: 'user', lookback: '1m' },
      ['user'],
      'lookback: the lookback is shorter than the window',
    ],
  ])('%s', (_name, keys, groupBy, problem) => {
    const tools = readTools(groupBy);
    newTerm.read(keys, tools);
    expect(tools.problems).toEqual([problem]);
  });
});
