import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frequency } from '../../../src/rule-types/frequency/frequency.ts';
import { highestCount } from '../../../src/rule-types/frequency/peak.ts';
import { answer, DELAY, type Doc, evaluate, inputAt, MINUTE, specOf, valuesByGroup } from './measuring.ts';

const at = 1_000 * MINUTE;
const to = at - DELAY;

/** Documents of a host at seconds before the window's end. */
function burst(end: number, host: string, ...seconds: readonly number[]): Doc[] {
  return seconds.map((second) => ({ at: end - second * 1_000, host }));
}

describe('counting the window', () => {
  const options = { exact: false };

  test('without group_by there is one group, present with its count, also with 0', () => {
    const spec = specOf({ options });
    const { measured, asked } = evaluate(frequency, inputAt(spec, at), burst(to, 'a', 1, 299, 300, 301));
    expect(asked).toEqual([['window']]);
    expect(measured).toEqual({ kind: 'groups', readings: [{ group: {}, present: true, values: { count: 3 } }], memory: null });
    expect(evaluate(frequency, inputAt(spec, at), []).measured).toMatchObject({
      readings: [{ present: true, values: { count: 0 } }],
    });
  });

  test('the window is half-open: its beginning counts, its end does not', () => {
    const documents = [{ at: to }, { at: to - 5 * MINUTE }, { at: to - 5 * MINUTE - 1 }];
    expect(valuesByGroup(evaluate(frequency, inputAt(specOf({ options }), at), documents).measured)).toEqual({
      '': { count: 1 },
    });
  });

  test('a known group without documents is present with 0, an unknown one is not there', () => {
    const input = inputAt(specOf({ options, groupBy: ['host'] }), at, { known: [{ host: 'b' }] });
    const { measured } = evaluate(frequency, input, burst(to, 'a', 1, 2));
    expect(valuesByGroup(measured)).toEqual({ a: { count: 2 }, b: { count: 0 } });
  });

  test('groups that a truncated answer left out are asked for by name, and only then count 0', () => {
    const spec = specOf({ options, groupBy: ['host'], maxGroups: 1 });
    const documents = [...burst(to, 'a', 1, 2, 3), ...burst(to, 'b', 1)];
    const input = inputAt(spec, at, { known: [{ host: 'a' }, { host: 'b' }, { host: 'c' }] });
    const { measured, asked } = evaluate(frequency, input, documents);
    expect(asked).toEqual([['window'], ['window/only/0']]);
    expect(valuesByGroup(measured)).toEqual({ a: { count: 3 }, b: { count: 1 }, c: { count: 0 } });
  });

  test('a group that not even the second answer reports stays unknown', () => {
    const input = inputAt(specOf({ options, groupBy: ['host'], maxGroups: 1 }), at, { known: [{ host: 'b' }] });
    const first = answer({ ...onlyGroups(input), maxGroups: 1 }, [...burst(to, 'a', 1, 2), ...burst(to, 'b', 1)]);
    const answers = new Map([
      ['window', first],
      ['window/only/0', { ...first, groups: [] }],
    ]);
    expect(valuesByGroup(frequency.measure(input, answers))).toEqual({ a: { count: 2 } });
  });

  test('many known groups are asked for in several questions', () => {
    const known = Array.from({ length: 1_200 }, (_, index) => ({ host: `h${index}` }));
    const documents = [...burst(to, 'x', 1, 2), ...burst(to, 'y', 1), ...burst(to, 'h1100', 1)];
    const { measured, asked } = evaluate(
      frequency,
      inputAt(specOf({ options, groupBy: ['host'], maxGroups: 1 }), at, { known }),
      documents,
    );
    expect(asked[1]).toEqual(['window/only/0', 'window/only/1', 'window/only/2']);
    const values = valuesByGroup(measured);
    expect(Object.keys(values)).toHaveLength(1_201);
    expect(values).toMatchObject({ x: { count: 2 }, h1100: { count: 1 }, h0: { count: 0 } });
  });
});

function onlyGroups(input: Parameters<typeof frequency.ask>[0]) {
  const [query] = frequency.ask(input, new Map());
  if (query?.kind !== 'groups') throw new Error('expected a question about groups');
  return query;
}

describe('exact counting', () => {
  const options = { exact: true };
  const previous = at - 2 * MINUTE;

  test('a burst that two windows share is counted whole', () => {
    const shared = burst(to, 'a', 250, 260, 270, 280, 310, 320, 330, 400);
    const { measured, asked } = evaluate(frequency, inputAt(specOf({ options, groupBy: ['host'] }), at, { previous }), shared);
    expect(asked).toEqual([['window', 'span'], ['events']]);
    expect(valuesByGroup(measured)).toEqual({ a: { count: 8 } });
  });

  test('ranges that ended before the previous tick’s window are not looked at again', () => {
    const old = burst(to - 2 * MINUTE, 'a', 290, 291, 292, 293);
    const { measured } = evaluate(
      frequency,
      inputAt(specOf({ options, groupBy: ['host'] }), at, { previous, known: [{ host: 'a' }] }),
      old,
    );
    expect(valuesByGroup(measured)).toEqual({ a: { count: 4 } });
    const older = burst(to - 2 * MINUTE, 'a', 300, 300, 300);
    const none = evaluate(
      frequency,
      inputAt(specOf({ options, groupBy: ['host'] }), at, { previous, known: [{ host: 'a' }] }),
      older,
    );
    expect(valuesByGroup(none.measured)).toEqual({ a: { count: 0 } });
  });

  test('a group that has left the window but had a burst since the last tick is read too', () => {
    const { measured } = evaluate(
      frequency,
      inputAt(specOf({ options, groupBy: ['host'] }), at, { previous }),
      burst(to, 'a', 330, 331, 332),
    );
    expect(valuesByGroup(measured)).toEqual({ a: { count: 3 } });
  });

  test('when the window holds all there is, nothing more is asked', () => {
    const { asked } = evaluate(frequency, inputAt(specOf({ options }), at, { previous }), burst(to, 'a', 10, 20));
    expect(asked).toEqual([['window', 'span']]);
  });

  test('the first tick has only its own window', () => {
    const { measured, asked } = evaluate(frequency, inputAt(specOf({ options }), at), burst(to, 'a', 10, 310));
    expect(asked).toEqual([['window']]);
    expect(valuesByGroup(measured)).toEqual({ '': { count: 1 } });
  });

  test('with too many documents a few ranges are counted, and the reading says so', () => {
    const many = Array.from({ length: 10_500 }, () => to - 400_000).map((time) => ({ at: time, host: 'a' }));
    const { measured, asked } = evaluate(frequency, inputAt(specOf({ options, groupBy: ['host'] }), at, { previous }), many);
    expect(asked[1]).toHaveLength(7);
    expect(measured).toMatchObject({
      readings: [{ values: { count: 10_500 }, note: 'at least this many: not all ranges were counted' }],
    });
  });

  test('a known group that a truncated answer left out of the longer range is counted in its window, and the reading says so', () => {
    const documents = [...burst(to, 'a', 1, 2, 3, 310), ...burst(to, 'b', 1, 310)];
    const spec = specOf({ options, groupBy: ['host'], maxGroups: 1 });
    const { measured } = evaluate(frequency, inputAt(spec, at, { previous, known: [{ host: 'b' }] }), documents);
    expect(measured.kind === 'groups' && measured.readings).toEqual([
      { group: { host: 'a' }, present: true, values: { count: 3 } },
      { group: { host: 'b' }, present: true, values: { count: 1 }, note: 'at least this many: not all ranges were counted' },
    ]);
  });

  test('it is the highest count of all ranges, as counting each of them gives', () => {
    const times = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (seen, length, gap) => {
        const window = { from: 50 - length, to: 50 };
        const counts = Array.from({ length: gap }, (_, index) => 50 - index).map(
          (end) => seen.filter((time) => time >= end - length && time < end).length,
        );
        return highestCount(seen, window, 50 - gap) === Math.max(...counts);
      }),
      { numRuns: 500 },
    );
  });
});
