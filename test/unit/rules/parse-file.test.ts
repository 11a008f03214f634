import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { parseFile } from '../../../src/rules/parse-file.ts';
import { frequency, linesOf } from './rule-files.ts';

function parse(text: string) {
  const { documents, problems } = parseFile({ file: 'f', text });
  return { values: documents.map(({ value }) => value), problems: problems.map(formatProblem) };
}

describe('a file of rules', () => {
  it.each([
    ['empty', ''],
    ['of blank lines', '\n\n'],
    ['of comments', '# a\n# b\n'],
    ['of empty documents', '---\n---\n'],
  ])('that is %s has no rule, at its first character', (_what, text) => {
    expect(parse(text).problems).toEqual(['f:1:1: there is no rule in this file (write one, or remove the file)']);
  });

  it('holds documents, the empty ones left out', () => {
    expect(parse('---\na: 1\n---\n# nothing\n---\nb: 2\n')).toEqual({ values: [{ a: 1 }, { b: 2 }], problems: [] });
  });

  it('tells of a broken document and reads the others', () => {
    const { values, problems } = parse('a: [1\n---\nb: 2\n---\nc: 1\nc: 2\n');
    expect(values).toEqual([{ b: 2 }]);
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual(['f:2:1', 'f:6:1']);
  });

  it('may have line ends of Windows', () => {
    expect(linesOf(frequency('windw: 1m').replaceAll('\n', '\r\n'))).toEqual([
      '5:1 windw: unknown key "windw" (did you mean "window"?)',
    ]);
  });

  it('joins merge keys, its own keys first', () => {
    expect(parse('a: &x { p: 1, q: 2 }\nb: { <<: *x, q: 3 }\nc: { <<: [*x, { p: 4, r: 5 }] }\n').values).toEqual([
      { a: { p: 1, q: 2 }, b: { p: 1, q: 3 }, c: { p: 1, q: 2, r: 5 } },
    ]);
  });

  it('cannot change what objects are', () => {
    const { values } = parse('__proto__: { polluted: 1 }\n');
    expect(Object.keys(values[0] ?? {})).toEqual(['__proto__']);
    expect((values[0] as Readonly<Record<string, unknown>>)['polluted']).toBeUndefined();
  });
});

describe('a problem inside an alias or a merged key stands where the text stands', () => {
  it.each([
    ['alias', frequency('message: { title: &t "{{ cuont }}", text: *t }'), '5:26 message.title'],
    ['merge', frequency('labels: &l { tier: 1 }').replace('index', 'evidence: {}\nindex'), '6:20 labels.tier'],
  ])('%s', (_what, text, place) => {
    expect(linesOf(text)[0]?.startsWith(place)).toBe(true);
  });
});

describe('hostile YAML is refused in bounded time', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)];
  it.each([
    ['an alias bomb', () => bomb.join('\n'), 'more than 100000 values'],
    ['an alias inside itself', () => 'a: &a [*a]', 'stands inside what it refers to'],
    ['an alias of nothing', () => 'a: *b', 'refers to no anchor'],
    ['deep brackets', () => `a: ${'['.repeat(100_000)}`, 'nested deeper than 100 levels'],
    ['closed deep brackets', () => `a: ${'['.repeat(100)}${']'.repeat(100)}`, 'nested deeper than 100 levels'],
    ['keys that are keys', () => '? '.repeat(500), 'nested deeper than 100 levels'],
    ['a key that is a mapping', () => '? { a: 1 }\n: 2', 'a key must be a plain word'],
    ['steps', () => Array.from({ length: 800 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested deeper than 100 levels'],
    ['dashes', () => '- '.repeat(200_000), 'nested deeper than 100 levels'],
    ['seventy levels', () => Array.from({ length: 70 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested deeper than'],
    ['commas', () => `[${','.repeat(900_000)}]`, 'more than 200000 words and signs'],
    ['a hundred thousand documents', () => 'a: 1\n---\n'.repeat(6_000), 'more than 5000 documents'],
    ['many keys', () => Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join('\n'), undefined],
    ['the same key over and over', () => 'k: 1\n'.repeat(20_000), 'stands here twice'],
  ])('%s', (_what, text, said) => {
    const { problems } = parse(text());
    if (said === undefined) expect(problems).toEqual([]);
    else expect(problems[0]).toContain(said);
  });

  it.each([
    ['unknown keys', () => Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['wrong entries', () => `expect: [${'[],'.repeat(25_000)}]`],
    ['labels', () => `labels: {${Array.from({ length: 20_000 }, (_, i) => `l-${i}: 1`).join()}}`],
    ['a long key', () => `${'k'.repeat(1_000)}: 1`],
  ])('a rule of many %s gives at most 100 problems', (_what, lines) => {
    const { length } = linesOf(`name: a\ntype: flatline\nindex: x\n${lines()}\n`);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThanOrEqual(101);
  });
});
