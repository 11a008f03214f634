import { describe, expect, test } from 'vitest';
import { match } from '../../../src/rule-types/match/match.ts';
import { type MatchMemory, MOST_REMEMBERED, pruned } from '../../../src/rule-types/match/memory.ts';
import type { MatchOptions } from '../../../src/rule-types/match/read-options.ts';
import type { Input } from '../../../src/rule-types/rule-type.ts';
import { DELAY, type Doc, evaluate, inputAt, MINUTE, optionsOf, readTools, specOf } from './measuring.ts';

const START = 1_000_000 * MINUTE;

interface Setting {
  readonly keys?: Record<string, unknown>;
  readonly groupBy?: readonly string[];
  readonly window?: number;
}

const spec = ({ keys = {}, groupBy = [], window = 5 * MINUTE }: Setting = {}) =>
  specOf({ options: optionsOf(match, keys, groupBy), groupBy, window });

/** A document of the minute (as the ticks count them), which the search sees from the tick `seen` on. */
type Arriving = readonly [name: string, minute: number, seen?: number];
const doc = ([name, minute]: Arriving): Doc => ({ at: START + minute * MINUTE, name, host: name.slice(0, 1) });

type Tick = Partial<Input<MatchOptions, MatchMemory>>;

function evaluateTick(documents: readonly Doc[], at: number, tick: Tick = {}, of = spec()) {
  const { measured } = evaluate(match, inputAt<MatchOptions, MatchMemory>(of, at, { previous: at - MINUTE, ...tick }), documents);
  if (measured.kind !== 'events') throw new Error('expected events');
  const named = (time: number) => documents.find((one) => one.at === time)?.['name'];
  return { ...measured, names: measured.events.map(({ at: time }) => named(time)) };
}

/** Evaluates one tick a minute and gives what each notified: the documents' names, newest first. */
function story(documents: readonly Arriving[], ticks: number, setting: Setting = {}, memories: (MatchMemory | undefined)[] = []) {
  const all = documents.map(doc);
  let memory: MatchMemory | undefined;
  return Array.from({ length: ticks }, (_, tick) => {
    const here = all.filter((_doc, index) => (documents[index]?.[2] ?? 0) <= tick);
    const notified = evaluateTick(here, START + tick * MINUTE + DELAY, memory === undefined ? {} : { memory }, spec(setting));
    // Every tick begins with what a restart would find: memory as it was stored.
    memory = JSON.parse(JSON.stringify(notified.memory)) as MatchMemory;
    memories.push(memory);
    return { names: notified.names, values: notified.readings.map(({ values }) => values) };
  });
}

const names = (...notified: Parameters<typeof story>) => story(...notified).map((tick) => tick.names.join(' '));

describe('match', () => {
  test.each<[string, readonly Arriving[], number, Setting, readonly string[]]>([
    ['a document is notified once, though five windows hold it', [['a', 0.5]], 7, {}, ['', 'a', '', '', '', '', '']],
    [
      'each document is notified, newest first',
      [
        ['a', 0.2],
        ['b', 0.4],
        ['c', 1.5],
      ],
      3,
      {},
      ['', 'b a', 'c'],
    ],
    ['a document that came late within its window is notified', [['a', 0.5, 3]], 5, {}, ['', '', '', 'a', '']],
    ['a document that came too late for its window is notified', [['a', 0.5, 9]], 11, {}, [...Array(9).fill(''), 'a', '']],
    ['one that came later than `late` is not', [['a', 0.5, 9]], 11, { keys: { late: '2m' } }, Array(11).fill('')],
    [
      'what is older than the first window is no news',
      [
        ['old', -5.5],
        ['a', -4.5],
      ],
      3,
      {},
      ['a', '', ''],
    ],
    ['not even when it arrives late', [['old', -5.5, 1]], 3, {}, ['', '', '']],
    [
      'windows that do not overlap leave nothing out',
      [
        ['a', 0.5],
        ['b', 1.5],
      ],
      4,
      { window: MINUTE },
      ['', 'a', 'b', ''],
    ],
    [
      'of too many the newest are notified, and the others not afterwards',
      [
        ['a', 0.2],
        ['b', 0.4],
        ['c', 0.6],
      ],
      4,
      { keys: { max_events: 2 } },
      ['', 'c b', '', ''],
    ],
    [
      'what was notified before takes no place of what is new',
      [
        ['a', 0.2],
        ['b', 0.4],
        ['c', 1.2],
        ['d', 0.3, 2],
      ],
      4,
      { keys: { max_events: 2 } },
      ['', 'b a', 'c d', ''],
    ],
  ])('%s', (_name, documents, ticks, setting, notified) => {
    expect(names(documents, ticks, setting)).toEqual(notified);
  });

  test('a reading counts the new documents of its group, and those that came late', () => {
    const notified = story(
      [
        ['a1', 0.2],
        ['b1', 0.4],
        ['a2', 0.6],
        ['a3', 0.7, 2],
      ],
      3,
      { groupBy: ['host'] },
    );
    expect(notified.map(({ values }) => values)).toEqual([
      [],
      [
        { events: 2, late: 0, suppressed: 0, left_out: 0 },
        { events: 1, late: 0, suppressed: 0, left_out: 0 },
      ],
      [{ events: 1, late: 1, suppressed: 0, left_out: 0 }],
    ]);
  });

  test('what is left out is counted', () => {
    const documents = Array.from({ length: 30 }, (_, index): Arriving => [`n${index}`, 0.1 + index / 100]);
    const notified = story(documents, 2, { keys: { max_events: 4 } });
    expect(notified[1]?.values).toEqual([{ events: 4, late: 0, suppressed: 0, left_out: 26 }]);
  });

  test('a key is notified at most once in its throttle, and the next time says how many were held back', () => {
    const documents = Array.from({ length: 12 }, (_, minute): Arriving => [`a${minute}`, minute + 0.5]);
    const notified = story([...documents, ['b', 3.6]], 13, { keys: { key: 'host', throttle: '5m' } });
    expect(notified.map((tick) => tick.names.join(' '))).toEqual([
      ...['', 'a0', '', '', 'b', '', 'a5', '', '', '', '', 'a10', ''],
    ]);
    expect(notified.flatMap(({ values }) => values).map(({ suppressed }) => suppressed)).toEqual([0, 0, 4, 4]);
  });

  test('of several documents of a key in one window the first is notified, and the others are counted with it', () => {
    const [, notified] = story(
      [
        ['a1', 0.2],
        ['a2', 0.3],
        ['a3', 0.4],
      ],
      2,
      { keys: { key: ['host'] } },
    );
    expect(notified).toEqual({ names: ['a1'], values: [{ events: 1, late: 0, suppressed: 2, left_out: 0 }] });
  });

  test('a window that is asked about once more tells all that it holds, and remembers nothing', () => {
    const documents = [doc(['a', 0.5]), doc(['b', -9])];
    const first = evaluateTick(documents, START + MINUTE + DELAY);
    const again = evaluateTick(documents, START + MINUTE + DELAY, { memory: first.memory, purpose: 'revisit' });
    expect([first.names, again.names]).toEqual([['a'], ['a']]);
  });

  test('a rule that was edited tells nothing of the past, and nothing twice', () => {
    const documents = [doc(['a', -0.5]), doc(['old', -7])];
    const first = evaluateTick(documents, START + DELAY, {}, spec({ keys: { late: '1m' } }));
    const memory = { ...first.memory, floor: 0 };
    const edited = evaluateTick(documents, START + MINUTE + DELAY, { memory }, spec({ keys: { late: '1h' } }));
    expect([first.names, edited.names]).toEqual([['a'], []]);
  });

  test('memory holds what a question can still reach, and stays the same while nothing comes', () => {
    const memories: (MatchMemory | undefined)[] = [];
    story([['a', 0.5]], 40, { keys: { key: 'host' } }, memories);
    expect(memories.map((memory) => Object.keys(memory?.seen ?? {}).length)).toEqual([
      0,
      ...Array(20).fill(1),
      ...Array(19).fill(0),
    ]);
    expect(memories[39]).toEqual(memories[25]);
    expect(memories[39]?.keys).toEqual({});
  });

  test('beyond its bound memory forgets the oldest, and never looks at that time again', () => {
    const seen = Object.fromEntries(Array.from({ length: MOST_REMEMBERED + 10 }, (_, index) => [`d${index}`, START + index]));
    const memory = pruned({ subject: '', floor: 0, seen, keys: {} }, START, START, MINUTE, MINUTE);
    expect(Object.keys(memory.seen)).toHaveLength(MOST_REMEMBERED);
    expect(memory.floor).toBe(START + 10);
    expect(Math.min(...Object.values(memory.seen))).toBe(START + 10);
  });

  test('documents without a field of group_by are not asked for, unless they are a group of their own', () => {
    const of = spec({ groupBy: ['host'] });
    const filterOf = (given: typeof of) => match.ask(inputAt<MatchOptions, MatchMemory>(given, START), new Map())[0]?.filter;
    expect(filterOf(of)).toEqual({ bool: { filter: [{ match_all: {} }, { exists: { field: 'host' } }] } });
    expect(filterOf({ ...of, missing: 'include' })).toEqual({ match_all: {} });
  });

  test('a document with several values is an event of each of their groups', () => {
    const input = inputAt<MatchOptions, MatchMemory>(spec({ groupBy: ['host'] }), START);
    const hit = { id: '1', index: 'logs', at: START - MINUTE, fields: { host: ['a', 'b'] } };
    const [query] = match.ask(input, new Map());
    if (query === undefined) throw new Error('nothing asked');
    const { answers } = evaluate(match, input, []);
    const answer = answers.get(query.name);
    if (answer === undefined) throw new Error('nothing answered');
    const measured = match.measure(input, new Map([[query.name, { ...answer, hits: [hit], matched: 1 }]]));
    expect(measured.kind === 'events' && measured.readings.map(({ group }) => group)).toEqual([{ host: 'a' }, { host: 'b' }]);
  });

  test.each([
    [{ throttle: '5m' }, ['throttle: `throttle` has no effect without `key`']],
    [{ key: ['user', 1] }, ['key: expected a field, or a list of fields']],
    [{ late: 'soon' }, ['late: not a duration']],
    [{ key: 'user', throttle: '1m', late: '0s', max_events: 1 }, []],
  ])('the keys %j are read, or reported', (keys, problems) => {
    const tools = readTools();
    match.read(keys, tools);
    expect(tools.problems).toEqual(problems);
  });
});
