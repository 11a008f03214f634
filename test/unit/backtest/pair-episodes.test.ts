import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairEpisodes } from '../../../src/backtest/pair-episodes.ts';

const range = (text: string) => {
  const [from = 0, to = 0] = text.split('-').map(Number);
  return { from, to };
};
const shown = (one: { readonly from: number; readonly to: number } | undefined) =>
  one === undefined ? '∅' : `${one.from}-${one.to}`;
const paired = (before: string, after: string) => {
  const list = (text: string) => text.split(' ').filter(Boolean).map(range);
  return pairEpisodes(list(before), list(after))
    .map((pair) => `${shown(pair.before)}→${shown(pair.after)}`)
    .join(' ');
};

describe('episodes before and after a change', () => {
  test.each([
    ['nothing', '', '', ''],
    ['the same', '1-5', '1-5', '1-5→1-5'],
    ['moved', '1-5', '3-8', '1-5→3-8'],
    ['touching', '1-5', '5-8', '1-5→5-8'],
    ['apart', '1-5', '6-8', '1-5→∅ ∅→6-8'],
    ['vanished', '1-5 7-9', '7-9', '1-5→∅ 7-9→7-9'],
    ['split: the larger part is the one that it became', '1-10', '1-3 4-10', '1-10→4-10 ∅→1-3'],
    ['joined: the larger part is the one that it was', '1-7 8-10', '1-10', '1-7→1-10 8-10→∅'],
    ['a chain of overlaps', '0-10 12-20', '8-14 18-30', '0-10→8-14 12-20→18-30'],
  ])('%s', (_name, before, after, pairs) => {
    expect(paired(before, after)).toBe(pairs);
  });

  const episodes = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 })), { maxLength: 12 })
    .map((steps) => {
      let at = 0;
      return steps.map(([gap, length]) => {
        const from = at + gap;
        at = from + length;
        return { from, to: at };
      });
    });

  test('each is in one pair, and no two pairs cross', () => {
    fc.assert(
      fc.property(episodes, episodes, (before, after) => {
        const pairs = pairEpisodes(before, after);
        expect(pairs.flatMap((pair) => pair.before ?? []).toSorted((a, b) => a.from - b.from)).toEqual(before);
        expect(pairs.flatMap((pair) => pair.after ?? []).toSorted((a, b) => a.from - b.from)).toEqual(after);
        const both = pairs.flatMap((pair) => (pair.before && pair.after ? [{ one: pair.before, other: pair.after }] : []));
        for (const { one, other } of both)
          expect(Math.min(one.to, other.to)).toBeGreaterThanOrEqual(Math.max(one.from, other.from));
        const byBefore = both.toSorted((a, b) => a.one.from - b.one.from).map(({ other }) => other.from);
        expect(byBefore).toEqual(byBefore.toSorted((a, b) => a - b));
      }),
    );
  });
});
