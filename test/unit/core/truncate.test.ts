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
          first.length >= Math.min(text.length, limit) - 1 &&
          text.startsWith(first)
        );
      }),
    );
  });
});
