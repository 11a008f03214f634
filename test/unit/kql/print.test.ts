import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKql } from '../../../src/kql/parse.ts';
import type { KqlNode } from '../../../src/kql/tree.ts';
import { escapeKql, printKql, quoteKql } from '../../support/kql/print.ts';

type Bare<T> = T extends readonly (infer U)[]
  ? readonly Bare<U>[]
  : T extends object
    ? { readonly [K in keyof T as Exclude<K, 'offset'>]: Bare<T[K]> }
    : T;

function withoutOffsets(node: KqlNode): Bare<KqlNode> {
  return JSON.parse(JSON.stringify(node, (key, inner: unknown) => (key === 'offset' ? undefined : inner)));
}

function reparsed(text: string): Bare<KqlNode> | string {
  const result = parseKql(text);
  return result.ok ? withoutOffsets(result.node) : `${text} fails at ${result.offset}: ${result.message}`;
}

const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'abnort u0041\\():<>"*{}?.-\t\n\r\u3000') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
);
const text = fc.oneof(
  fc.array(character, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
  fc.constantFrom('and', 'OR', 'Not', 'and b', 'null', '5'),
);
const words = text.map((content) => ({ kind: 'words', text: content }) as const);
const phrase = fc.oneof(text, fc.constant('')).map((content) => ({ kind: 'phrase', text: content }) as const);
const piece = fc.oneof(text, fc.constant(''));
/** A glob whose inner pieces are not empty (a run of stars is one star). */
const glob = fc.tuple(piece, fc.array(text, { maxLength: 2 }), piece).map(([first, inner, last]) => [first, ...inner, last]);
const plain = text.filter((content) => !content.includes(' ')).map((content) => [content]);
const globs = fc
  .tuple(fc.array(plain, { maxLength: 2 }), glob, fc.array(fc.oneof(plain, glob), { maxLength: 2 }))
  .map(([before, one, after]) => ({ kind: 'glob', words: [...before, one, ...after] }) as const)
  .filter(({ words: [first, ...more] }) => more.length > 0 || first?.some((part) => part !== '') === true);
const field = text.filter((name) => !name.includes('*'));
const pattern = fc.tuple(fc.oneof(field, fc.constant('')), field).map((parts) => parts.join('*'));
const fields = fc.oneof(field, pattern);
const leaf: fc.Arbitrary<KqlNode> = fc.oneof(
  fc.constant({ kind: 'all', offset: 0 } as const),
  fields.map((name) => ({ kind: 'exists', field: name, offset: 0 }) as const),
  fc.record({
    kind: fc.constant('is' as const),
    field: fc.option(fields, { nil: undefined }),
    value: fc.oneof(words, phrase, globs),
    offset: fc.constant(0),
  }),
  fc.record({
    kind: fc.constant('range' as const),
    field,
    comparison: fc.constantFrom('gt', 'gte', 'lt', 'lte'),
    value: text,
    offset: fc.constant(0),
  }),
);
const trees: fc.Arbitrary<KqlNode> = fc.letrec<{ tree: KqlNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constant('not' as const), of: tie('tree'), offset: fc.constant(0) }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      offset: fc.constant(0),
    }),
  ),
})).tree;

describe('printing', () => {
  test.each([
    ['a:b c', 'a:b c'],
    ['a:(b or c) AND d > 5', '(a:b or a:c) and d > "5"'],
    ['a or b and not c', 'a or (b and not c)'],
    ['not (a or b)', 'not (a or b)'],
    ['"a b".c*:"d\\"e"', 'fails'],
    ['a\\ b.*:"d\\"e"', 'a\\ b.*:"d\\"e"'],
    ['state:OR', 'state:\\OR'],
    ['a:*', 'a:*'],
    ['* : *', '*'],
    ['', '*'],
  ])('%j is printed as %j', (source, printed) => {
    const result = parseKql(source);
    expect(result.ok ? printKql(result.node) : 'fails').toBe(printed);
  });

  test('a printed tree parses to itself', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        expect(reparsed(printKql(tree))).toEqual(withoutOffsets(tree));
      }),
      { numRuns: 2_000 },
    );
  });

  test('any text survives quoting and escaping', () => {
    fc.assert(
      fc.property(text, (content) => {
        expect(reparsed(`f:${quoteKql(content)}`)).toEqual({ kind: 'is', field: 'f', value: { kind: 'phrase', text: content } });
        expect(reparsed(`f:${escapeKql(content)}`)).toEqual({ kind: 'is', field: 'f', value: { kind: 'words', text: content } });
      }),
      { numRuns: 2_000 },
    );
  });
});
