import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineDiff } from '../../../src/rule-tests/line-diff.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('a difference by lines', () => {
  test.each([
    ['of the same is empty', 'a\nb', 'a\nb', []],
    ['shows what was taken away and added', 'a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
    ['finds what both have', 'a\nb\nc\nd', 'b\nd\ne', ['-a', ' b', '-c', ' d', '+e']],
    ['of texts that have nothing in common is both', 'a', 'b', ['-a', '+b']],
  ])('%s', (_what, expected, got, diff) => {
    expect(lineDiff(expected, got)).toEqual(diff);
  });

  test('leaves out lines that are far from what differs', () => {
    const before = numbers(1, 20);
    const after = before.map((line) => (line === '10' ? 'ten' : line));
    expect(lineDiff(before.join('\n'), after.join('\n'))).toEqual([
      '@@',
      ...[' 7', ' 8', ' 9', '-10', '+ten', ' 11', ' 12', ' 13'],
      '@@',
    ]);
  });

  test('leads from one text to the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 6 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (expected, got) => {
        const diff = lineDiff(expected, got).filter((line) => line !== '@@');
        const side = (sign: string) =>
          diff.filter((line) => line.startsWith(sign) || line.startsWith(' ')).map((line) => line.slice(1));
        expect(expected).toContain(expected === got ? '' : side('-').join('\n'));
        expect(got).toContain(expected === got ? '' : side('+').join('\n'));
        expect(diff.length === 0).toBe(expected === got);
      }),
    );
  });

  test('of long texts with nothing in common is found at once', () => {
    const diff = lineDiff(numbers(1, 50_000).join('\n'), numbers(100_001, 150_000).join('\n'));
    expect(diff).toHaveLength(100_000);
  });
});
