import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../src/core/time.ts';
import { replaceInvisible, visible } from '../../../src/core/visible.ts';

const EVERY = Array.from({ length: 0x110000 }, (_, code) => code);

/** Format characters that have a glyph: signs before Arabic, Syriac and Kaithi numbers. */
const SEEN = new Set([0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6dd, 0x70f, 0x890, 0x891, 0x8e2, 0x110bd, 0x110cd]);

describe('every character of Unicode, alone between two letters', () => {
  test('is seen afterwards, by Unicode’s own properties', () => {
    const hidden = /^[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Variation_Selector}]$/u;
    const left = EVERY.filter((code) => {
      const char = String.fromCodePoint(code);
      if (!hidden.test(char) || visible(`a${char}b`) !== `a${char}b`) return false;
      // Blanks take room, line feeds and tabs are dealt with by whoever shows the text, unassigned characters show as boxes.
      return !/^[\p{Zs}\n\t\p{Cn}]$/u.test(char) && !SEEN.has(code);
    });
    expect(left.map((code) => code.toString(16))).toEqual([]);
  });

  test('stays if it has a glyph', () => {
    const lost = EVERY.filter((code) => {
      const char = String.fromCodePoint(code);
      const plain = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]$/u.test(char) && !/^\p{Default_Ignorable_Code_Point}$/u.test(char);
      return plain && visible(`a${char}b`) !== `a${char}b`;
    });
    expect(lost.map((code) => code.toString(16))).toEqual([]);
  });
});

describe('joiners and selectors stay where something is seen of them', () => {
  test.each([
    ['a family', '👨‍👩‍👧'],
    ['a waving hand with a skin', '👋🏽'],
    ['a woman of medicine with a skin', '👩🏽‍⚕️'],
    ['a red heart', '❤️'],
    ['a keycap', '1️⃣'],
    ['a rainbow flag', '🏳️‍🌈'],
    ['Persian', 'می‌خواهم'],
    ['Hindi', 'क्‍ष'],
    ['Sinhala', 'ශ්‍රී'],
    ['a number in Arabic', '؀١٢٣'],
  ])('%s', (_what, text) => {
    expect(visible(text)).toBe(text);
  });

  test.each([
    ['a joiner between Latin letters', 'pay\u200Dpal', 'pay�pal'],
    ['one that nothing follows', 'می\u200C', 'می�'],
    ['a selector behind a letter', 'a\uFE0Fb', 'a�b'],
    ['text smuggled in selectors', '😀\u{E0101}\u{E0102}', '😀��'],
    ['text smuggled in tags', 'a\u{E0041}\u{E0042}', 'a��'],
    ['a filler', 'a\u3164b\u115Fc', 'a�b�c'],
    ['a soft hyphen', 'pass\u00ADword', 'pass�word'],
    ['a word joiner and zero width blanks', 'a\u2060b\u200Bc\uFEFFd', 'a�b�c�d'],
    ['isolates', 'a\u2066b\u2069', 'a�b�'],
    ['half a character', 'a\uD800b', 'a�b'],
    ['a private picture', 'a\uE000b', 'a�b'],
  ])('%s is seen', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

test('what is not seen may be shown in another way', () => {
  expect(replaceInvisible('a\u0007b', (char) => `<${char.charCodeAt(0)}>`)).toBe('a<7>b');
});

test('a long text takes no longer than its length', () => {
  const began = cpuTime();
  visible('😀\u200D'.repeat(200_000));
  visible('\uFE0F'.repeat(200_000));
  expect(cpuTime() - began).toBeLessThan(3_000);
});
