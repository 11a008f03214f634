import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../src/core/time.ts';
import { parseKql } from '../../../src/kql/parse.ts';
import type { KqlNode, KqlValue } from '../../../src/kql/tree.ts';
import { runs } from '../../support/thorough.ts';

function value(of: KqlValue): string {
  if (of.kind === 'phrase') return JSON.stringify(of.text);
  return of.kind === 'words' ? `<${of.text}>` : of.words.map((glob) => glob.join('%')).join(' ');
}

/** One line that shows a whole tree: `<words>`, `"phrase"`, `%` for a wildcard. */
function shape(node: KqlNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${node.kind} ${node.of.map(shape).join(' ')})`;
    case 'not':
      return `(not ${shape(node.of)})`;
    case 'all':
      return 'all';
    case 'exists':
      return `${node.field} exists`;
    case 'range':
      return `${node.field} ${node.comparison} <${node.value}>`;
    case 'is':
      return node.field === undefined ? value(node.value) : `${node.field}=${value(node.value)}`;
  }
}

function parsed(text: string): string {
  const result = parseKql(text);
  return result.ok ? shape(result.node) : `${result.offset}: ${result.message}`;
}

describe('a text becomes a tree', () => {
  test.each([
    ['blank text is everything', ' \t\n', 'all'],
    ['a star is everything', '*', 'all'],
    ['a run of stars is one star', '**', 'all'],
    ['any value of any field is everything', '*:*', 'all'],
    ['a field and a value', 'a:b', 'a=<b>'],
    ['dots, dashes, @ and slashes are ordinary characters', '@a.b-c:/x/-y,z=1', '@a.b-c=</x/-y,z=1>'],
    ['spaces around the colon do not matter', 'a : b', 'a=<b>'],
    ['a phrase', 'a:"b c"', 'a="b c"'],
    ['a word without a field', 'b', '<b>'],
    ['words without a field are one value', 'b  c\nd', '<b c d>'],
    ['a phrase without a field', '"b c"', '"b c"'],
    ['words after a field are one value', 'a:b  c', 'a=<b c>'],
    ['an empty phrase', 'a:""', 'a=""'],
    ['numbers, booleans and null stay text', 'a:5 and b:true and c:null', '(and a=<5> b=<true> c=<null>)'],
    ['a quoted field name', '"a b":c', 'a b=<c>'],
    ['any value of a field', 'a:*', 'a exists'],
    ['any value of fields that match a pattern', 'a.*:*', 'a.* exists'],
    ['a pattern of fields', 'a.*.c:d', 'a.*.c=<d>'],
    ['all fields', '*:b', '*=<b>'],
    ['wildcards in a value', 'a:b*c*', 'a=b%c%'],
    ['wildcards in one of several words', 'a:*b c*', 'a=%b c%'],
    ['wildcards without a field', 'b*', 'b%'],
    ['a star in quotes is a character', 'a:"b*"', 'a="b*"'],
    ['an escaped star is a character', 'a:b\\*', 'a=<b*>'],
    ['a question mark is a character', 'a:b?', 'a=<b?>'],
    ['greater', 'a > 1', 'a gt <1>'],
    ['ranges need no spaces', 'a>=1', 'a gte <1>'],
    ['less', 'a < -1.5', 'a lt <-1.5>'],
    ['less or equal, date math', 'a <= now-1d/d', 'a lte <now-1d/d>'],
    ['a quoted bound', 'a > "2026-01-01T00:00:00Z"', 'a gt <2026-01-01T00:00:00Z>'],
  ])('%s', (_name, text, tree) => expect(parsed(text)).toBe(tree));
});

describe('operators', () => {
  test.each([
    ['and binds tighter than or', 'a or b and c or d', '(or <a> (and <b> <c>) <d>)'],
    ['and before or', 'a:1 and b:2 or c:3', '(or (and a=<1> b=<2>) c=<3>)'],
    ['not binds tightest', 'not a and b', '(and (not <a>) <b>)'],
    ['not may be repeated', 'not not a', '(not (not <a>))'],
    ['not covers all words of its value', 'not a:b c', '(not a=<b c>)'],
    ['parentheses group', '(a or b) and c', '(and (or <a> <b>) <c>)'],
    ['parentheses may be redundant', '((a))', '<a>'],
    ['not before parentheses needs no space', 'not(a or b)', '(not (or <a> <b>))'],
    ['any case, any whitespace', 'a AND\tb\nOr\u3000NoT c', '(or (and <a> <b>) (not <c>))'],
    ['a longer word is no operator', 'android or notes', '(or <android> <notes>)'],
    ['an escaped operator is a word', 'a:b \\and c', 'a=<b and c>'],
    ['an escaped operator keeps its case', '\\NOT', '<NOT>'],
    ['a quoted operator is a phrase', '"or"', '"or"'],
    ['an operator alone after a field is its value', 'state:OR or state:not', '(or state=<OR> state=<not>)'],
    ['a group of values', 'a:(b or c and not d)', '(or a=<b> (and a=<c> (not a=<d>)))'],
    ['a group of values may nest', 'a:(b and (c* or "d"))', '(and a=<b> (or a=c% a="d"))'],
    ['a group of several words is one value', 'a:(b c)', 'a=<b c>'],
    ['a group may ask for any value', 'a:(not *)', '(not a exists)'],
    ['after a group of values fields are named again', 'a:(b) and c:d', '(and a=<b> c=<d>)'],
  ])('%s', (_name, text, tree) => expect(parsed(text)).toBe(tree));
});

describe('escapes', () => {
  test.each([
    ['special characters', 'a:\\\\\\(\\)\\:\\<\\>\\"\\*\\{\\}', 'a=<\\():<>"*{}>'],
    ['a space', 'a\\ b:c\\ d', 'a b=<c d>'],
    ['a special character in a field name', 'a\\:b:c', 'a:b=<c>'],
    ['whitespace', 'a:b\\tc\\rd\\ne', 'a=<b\tc\rd\ne>'],
    ['unicode', 'a:\\u0041\\u00e9', 'a=<Aé>'],
    ['\\not is the word, not a line break', 'a:\\nothing', 'a=<nothing>'],
    ['quotes in a phrase', 'a:"b \\"c\\""', 'a="b \\"c\\""'],
    ['a backslash in a phrase', 'a:"b\\\\"', 'a="b\\\\"'],
    ['unicode and whitespace in a phrase', 'a:"\\u0041\\t"', 'a="A\\t"'],
    ['a backslash before anything else in a phrase is itself', 'a:"C:\\dir\\*"', 'a="C:\\\\dir\\\\*"'],
    ['characters beyond the basic plane', 'a:🚨 and b:x', '(and a=<🚨> b=<x>)'],
  ])('%s', (_name, text, tree) => expect(parsed(text)).toBe(tree));
});

describe('an error points at the character', () => {
  const deep = (count: number) => `${'('.repeat(count)}a${')'.repeat(count)}`;
  test.each([
    ['no value', 'a:', 2, 'expected a value after ":", found the end of the text'],
    ['no value before an operator', 'a: and b', 3, 'expected a value after ":", found the operator and'],
    ['a colon twice', 'a::b', 2, 'expected a value after ":", found ":"'],
    ['a range with a colon', 'a:>5', 2, 'expected a value after ":", found >'],
    ['no field', ':b', 0, 'expected a condition, found ":"'],
    ['an empty field', '"":b', 0, 'expected a field name, found an empty one'],
    ['a literal star in a quoted field', '"a*":b', 0, 'a field name cannot contain a literal *'],
    ['a literal star in a field', 'x or a\\*:b', 5, 'a field name cannot contain a literal *'],
    ['no bound', 'a > ', 4, 'expected a value to compare a with, found the end of the text'],
    ['two signs', 'a > > 5', 4, 'expected a value to compare a with, found >'],
    ['a range with a wildcard', 'a > 5*', 4, 'a range cannot contain a wildcard'],
    ['a range over a pattern', 'b or a.* > 5', 5, 'a range needs one field, not a pattern'],
    ['nothing after and', 'a:b and', 7, 'expected a condition after and, found the end of the text'],
    ['nothing before or', 'or a', 0, 'expected a condition, found or'],
    ['two operators', 'a and or b', 6, 'expected a condition after and, found or'],
    ['nothing after not', 'a and not )', 10, 'expected a condition after not, found ")"'],
    ['not between words', 'a:b not c', 4, 'expected and, or, or the end, found not'],
    ['not at the start of a value', 'a:not b', 2, 'expected a value after ":", found the operator not'],
    ['not before a group', 'a:not (b or c)', 2, 'expected a value after ":", found the operator not'],
    ['two conditions in a row', 'a:b c:d', 4, 'expected and, or, or the end, found "c"'],
    ['a field name of two words', 'a b:c', 2, 'expected and, or, or the end, found "b"'],
    ['a second colon', 'url:http://x', 8, 'expected and, or, or the end, found ":"'],
    ['a word after a phrase', 'a:"b" c', 6, 'expected and, or, or the end, found "c"'],
    [
      'a long word, which is cut between characters',
      `a:"b" ${'x'.repeat(39)}😀y`,
      6,
      `expected and, or, or the end, found "${'x'.repeat(39)}…"`,
    ],
    ['a phrase after a word', 'a:b "c"', 4, 'expected and, or, or the end, found "c"'],
    ['a group after a word', 'a:b (c)', 4, 'expected and, or, or the end, found "("'],
    ['an open group', '(a or b', 7, 'expected ")", found the end of the text'],
    ['a group that was never opened', 'a or b)', 6, 'unmatched ")"'],
    ['an empty group', 'a:()', 3, 'expected a value after "(", found ")"'],
    ['a field in a group of values', 'a:(b or c:d)', 9, 'expected only values between the parentheses after a field'],
    ['a range in a group of values', 'a:(b or c > d)', 10, 'expected only values between the parentheses after a field'],
    ['an open quote', 'a:"b', 2, 'unclosed quote'],
    ['an unknown escape', 'a:b\\c', 3, 'expected a character that can be escaped after the backslash, found "c"'],
    [
      'a backslash at the end',
      'a:b\\',
      3,
      'expected a character that can be escaped after the backslash, found the end of the text',
    ],
    ['half an escape', 'a:\\u00g0', 2, 'expected four hexadecimal digits after \\u'],
    ['half an escape in a phrase', 'a:"C:\\users"', 5, 'expected four hexadecimal digits after \\u'],
    ['half a character', 'a:\\ud83d', 2, '\\ud83d is half of a character'],
    ['a nested query', 'a:{b:1}', 2, 'nested queries, a:{ … }, are not supported'],
    ['a brace', 'a:b}', 3, 'expected and, or, or the end, found "}"'],
    ['the first of two errors', 'a:) and "', 2, 'expected a value after ":", found ")"'],
    ['groups too deep', deep(201), 200, 'groups and negations are nested more than 200 deep'],
    ['negations too deep', `${'not '.repeat(201)}a`, 800, 'groups and negations are nested more than 200 deep'],
    ['a text too long', 'a'.repeat(100_001), 100_000, 'the query has 100001 characters; the maximum is 100000'],
  ])('%s', (_name, text, offset, message) => expect(parsed(text)).toBe(`${offset}: ${message}`));

  test.each([
    ['url:http://x', 'put a value that contains ":" in quotes'],
    ['a:not b', 'write not a:…, or put the value in quotes'],
    ['a:b not c', 'write and not, or put the value in quotes'],
    ['a:>5', 'write a range without a colon: a > …'],
    ['path:"C:\\"', 'a backslash before the closing quote is written \\\\'],
    ['(a', 'the "(" at character 1 is open'],
    ['a:', 'write a:* for any value'],
  ])('%s has a next step', (text, hint) => expect(parseKql(text)).toMatchObject({ ok: false, hint }));

  test('the deepest and the longest text that are allowed are parsed', () => {
    expect(parsed(deep(200))).toBe('<a>');
    expect(parsed('a'.repeat(100_000))).toBe(`<${'a'.repeat(100_000)}>`);
  });
});

describe('offsets', () => {
  test('every node knows where it begins', () => {
    const result = parseKql('a:b and (not c or d > 5)');
    expect(result).toMatchObject({
      ok: true,
      node: {
        offset: 0,
        of: [{ offset: 0 }, { kind: 'or', offset: 9, of: [{ kind: 'not', offset: 9, of: { offset: 13 } }, { offset: 18 }] }],
      },
    });
  });
});

describe('any text', () => {
  const fragments = [
    'a',
    'b.c',
    ':',
    '(',
    ')',
    '{',
    '}',
    '"',
    '*',
    '\\',
    '\\u00',
    ' ',
    '\n',
    ' and ',
    ' or ',
    'not ',
    '<',
    '>=',
    '5',
    '\ud83d',
    '?',
    '~',
  ];
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...fragments), { maxLength: 40 }).map((parts) => parts.join('')),
  );

  test('is parsed, or refused at a position inside it, and never throws', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const result = parseKql(text);
        if (result.ok) return;
        expect(result.offset).toBeGreaterThanOrEqual(0);
        expect(result.offset).toBeLessThanOrEqual(text.length);
        expect(result.message).not.toBe('');
      }),
      { numRuns: runs(3_000) },
    );
  });

  test.each(['(', ')', 'not ', 'a or ', 'a and ', 'a:(', '*', 'a* ', '"', '\\', '\\*', 'a ', '> ', '{'])(
    'of the greatest length, %j repeated, takes no second',
    (unit) => {
      const text = unit.repeat(Math.floor(100_000 / unit.length));
      const began = cpuTime();
      parseKql(text);
      expect(cpuTime() - began).toBeLessThan(1_000);
    },
  );
});
