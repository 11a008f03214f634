import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globTest, nameTest, parseGlob } from '../../../src/core/glob.ts';

/** What a pattern means, said by a regular expression; fine for short texts, hopeless for hostile ones. */
function asExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\(.)|([*?])|([^*?\\])/gsu, (_all, escaped, wildcard, plain) =>
    wildcard === '*' ? '.*' : wildcard === '?' ? '.' : `\\u{${(escaped ?? plain).codePointAt(0).toString(16)}}`,
  );
  return new RegExp(`^${source}$`, 'su');
}

const piece = fc.constantFrom('a', 'b', 'ab', '*', '?', '\\*', '\\?', '\\\\', '京', '😀', '\n');
const letters = fc
  .array(fc.constantFrom('a', 'b', '*', '?', '\\', '京', '😀', '\n'), { maxLength: 12 })
  .map((all) => all.join(''));

describe('a pattern', () => {
  it('matches what the same regular expression matches', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), letters, (pieces, text) => {
        const pattern = pieces.join('');
        expect(globTest(parseGlob(pattern, 'any one'))(text)).toBe(asExpression(pattern).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a question mark literally unless it is a wildcard', () => {
    expect(globTest(parseGlob('a?'))('a?')).toBe(true);
    expect(globTest(parseGlob('a?'))('ab')).toBe(false);
    expect(globTest(parseGlob('a?', 'any one'))('ab')).toBe(true);
  });

  it('takes a backslash at its end literally', () => {
    expect(globTest(parseGlob('a\\'))('a\\')).toBe(true);
  });

  it('of names knows only the star', () => {
    expect(nameTest('a.*.c?')('a.b.c?')).toBe(true);
    expect(nameTest('a.*.c?')('a.b.cd')).toBe(false);
    expect(nameTest('a\\*')('a\\b')).toBe(true);
  });

  it('with many stars is quick on a long text that almost matches', () => {
    const hostile = `${'a*'.repeat(200)}b`;
    const text = 'a'.repeat(200_000);
    expect(globTest(parseGlob(hostile))(text)).toBe(false);
  });
});
