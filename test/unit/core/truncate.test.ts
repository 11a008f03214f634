import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { firstUnits, truncate } from '../../../src/core/truncate.ts';

describe('truncate', () => {
  it.each([
    ['what fits', 'abc', 3, 'abc'],
    ['what is longer', 'abcd', 3, 'abc…'],
    ['a character of two units at the cut', 'ab😀d', 3, 'ab…'],
    ['one before the cut', 'a😀bc', 3, 'a😀…'],
    ['nothing', '', 0, ''],
    ['a letter and its mark at the cut', 'cafe\u0301s', 4, 'caf…'],
    ['a letter whose mark is kept', 'cafe\u0301s', 5, 'cafe\u0301…'],
    ['a joined emoji at the cut', 'ab👩\u200D👩\u200D👧!', 6, 'ab…'],
    ['a flag at the cut', 'ab🇩🇪!', 4, 'ab…'],
    ['a key of a keypad', 'ab1\uFE0F\u20E3!', 4, 'ab…'],
    ['a line end of two', 'ab\r\ncd', 3, 'ab…'],
    ['a character that is all there is', '👩\u200D👩\u200D👧!', 4, '👩\u200D…'],
    ['more marks than any letter has', `ab${'\u0301'.repeat(500)}`, 300, `ab${'\u0301'.repeat(298)}…`],
  ])('%s', (_name, text, limit, expected) => {
    expect(truncate(text, limit)).toBe(expected);
  });

  test('leaves no half of a character, wherever the cut falls', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 20 }), (text, limit) => {
        const first = firstUnits(text, limit);
        return (
          !/\p{Surrogate}/u.test(first) &&
          first.length <= limit &&
          text.startsWith(first) &&
          text.length - first.length <= Math.max(0, text.length - limit) + longestCharacter(text) - 1
        );
      }),
    );
  });

  test('cuts between characters as people see them, unless the first one alone is longer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 20 }), (text, limit) => {
        const { length } = firstUnits(text, limit);
        const starts = [...CHARACTERS.segment(text)].map(({ index }) => index);
        return length === text.length || starts.includes(length) || length < longestCharacter(text);
      }),
    );
  });
});

const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

function longestCharacter(text: string): number {
  return Math.max(1, ...[...CHARACTERS.segment(text)].map(({ segment }) => segment.length));
}
