import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, isScalar, parseDocument, Scalar } from 'yaml';
import { offsetInSource } from '../../../src/yaml/scalar-position.ts';

/** The value's scalar in `key: …`. */
function scalarOf(source: string): Scalar {
  const node = parseDocument(source).get('key', true);
  if (!isScalar(node)) throw new Error(`no scalar in ${source}`);
  return node;
}

describe('a character of a scalar is found in the source', () => {
  it.each([
    ['plain', 'key: ab cd', 3, 'cd'],
    ['plain over two lines', 'key: ab\n  cd', 3, 'cd'],
    ['in single quotes', "key: 'it''s cd'", 5, "cd'"],
    ['in double quotes behind escapes', 'key: "a\\"\\t\\u0041 cd"', 5, 'cd"'],
    ['in double quotes, an escape itself', 'key: "a \\u0041b"', 2, '\\u0041b"'],
    ['in double quotes over two lines', 'key: "ab \\\n  cd"', 3, 'cd"'],
    ['in a literal block', 'key: |\n  ab\n\n    cd\n', 6, 'cd\n'],
    ['in a folded block', 'key: >-\n  ab\n  cd\n', 3, 'cd\n'],
    ['in a block whose head has a comment', 'key: | # why\n  ab\n', 0, 'ab\n'],
  ])('%s', (_style, source, offset, rest) => {
    expect(source.slice(offsetInSource(scalarOf(source), source, offset))).toBe(rest);
  });

  it.each([
    ['plain', 'key: ab # why', 2, 7],
    ['in quotes', 'key: "ab"', 2, 8],
    ['in a block', 'key: |\n  ab\nnext: 1', 3, 11],
  ])('the end of a text lies behind its last character: %s', (_style, source, offset, expected) => {
    expect(offsetInSource(scalarOf(source), source, offset)).toBe(expected);
  });

  it('whatever the text and the style', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c:d', "it's", 'x"y', '\\', 'é', '\n', ' ', '#1'), {
      minLength: 1,
      maxLength: 12,
    });
    const styles = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    fc.assert(
      fc.property(texts, styles, (parts, style) => {
        const scalar = new Scalar(parts.join(''));
        scalar.type = style as Scalar.Type;
        const source = new Document({ key: scalar }).toString({ lineWidth: 20, minContentWidth: 0 });
        const read = scalarOf(source);
        const value = String(read.value);
        for (const [offset, character] of value.split('').entries()) {
          if (/\s/.test(character)) continue;
          const found = source.slice(offsetInSource(read, source, offset));
          expect(found.startsWith(character) || found.startsWith(`\\${character}`)).toBe(true);
        }
      }),
    );
  });
});
