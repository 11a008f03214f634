import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problems.ts';
import { dividedBy, ignoresOf } from '../../../src/yaml/ignores.ts';

const linesOf = (...lines: readonly string[]) =>
  ignoresOf({ file: 'a.yaml', text: `${lines.join('\n')}\n` }).map(({ lines: range }) => range);
const problem = (line: number, code = 'rule/x'): Problem => ({
  code,
  severity: 'warning',
  message: `line ${line}`,
  at: { file: 'a.yaml', line, column: 1 },
});

describe('a comment that ignores a finding is for', () => {
  test.each<[string, readonly string[], { from: number; to: number } | undefined]>([
    ['its own line', ['a: 1 # tocsin:ignore rule/x why', 'b: 2'], { from: 1, to: 1 }],
    ['the line below', ['# tocsin:ignore rule/x why', 'a: 1', 'b: 2'], { from: 2, to: 2 }],
    ['the next line with something in it', ['# tocsin:ignore rule/x why', '', '# a word', '---', 'a: 1'], { from: 5, to: 5 }],
    ['a block that begins in that line', ['# tocsin:ignore rule/x why', 'a: |', '  b', '', '  c', 'd: 1'], { from: 2, to: 5 }],
    [
      'a text in quotes over several lines',
      ['a: "b # tocsin:ignore-file rule/y why', '  c" # tocsin:ignore rule/x why'],
      { from: 2, to: 2 },
    ],
    [
      'a folded text with a comment behind its sign',
      ['a: >- # tocsin:ignore rule/x why', '  b', '  c', 'd: 1'],
      { from: 1, to: 3 },
    ],
    ['an entry of a list', ['a:', '  - b', '  - c # tocsin:ignore rule/x why'], { from: 3, to: 3 }],
    ['a line of a file from Windows', ['a: 1\r', '# tocsin:ignore rule/x why\r', 'b: 2\r'], { from: 3, to: 3 }],
    ['the whole file', ['a: 1', '# tocsin:ignore-file rule/x why'], undefined],
  ])('%s', (_name, lines, range) => expect(linesOf(...lines)).toEqual([range]));

  test.each([
    ['a text that looks like one', ['a: "# tocsin:ignore rule/x why"']],
    ['a line of a block', ['a: |', '  # tocsin:ignore rule/x why']],
    ['a sign without a blank before it', ['a: b#tocsin:ignore rule/x why']],
    ['other words of ours', ['# tocsin: ignore this', '# see tocsin:ignore rule/x why']],
  ])('nothing where it is %s', (_name, lines) => expect(linesOf(...lines)).toEqual([]));
});

describe('what a comment says', () => {
  test.each([
    ['# tocsin:ignore rule/x a good reason', 'ignore', 'rule/x', 'a good reason'],
    ['#tocsin:ignore   rule/x   why  ', 'ignore', 'rule/x', 'why'],
    ['# tocsin:ignore rule/x', 'ignore', 'rule/x', ''],
    ['# tocsin:ignore', 'ignore', '', ''],
    ['# tocsin:ignored rule/x why', 'ignored', 'rule/x', 'why'],
  ])('%s', (text, word, code, reason) => {
    expect(ignoresOf({ file: 'a.yaml', text: `a: 1 ${text}\n` })).toMatchObject([
      { word, code, reason, at: { line: 1, column: 6 } },
    ]);
  });

  test('is bounded in length and in number', () => {
    const long = ignoresOf({ file: 'a.yaml', text: `a: 1 # tocsin:ignore ${'c'.repeat(5_000)} ${'r'.repeat(5_000)}\n` });
    expect([long[0]?.code.length, long[0]?.reason.length]).toEqual([80, 300]);
    const many = ignoresOf({ file: 'a.yaml', text: '- a # tocsin:ignore rule/x why\n'.repeat(3_000) });
    expect(many.length).toBe(1_000);
  });
});

describe('problems', () => {
  const ignores = ignoresOf({ file: 'a.yaml', text: 'a: 1 # tocsin:ignore rule/x why\nb: 2 # tocsin:ignore rule/x\nc: 3\n' });

  test('of that code in that line are taken away, others stay', () => {
    const { kept, ignored } = dividedBy(ignores, [problem(1), problem(1, 'rule/y'), problem(3)], () => true);
    expect(kept.map(({ code, at }) => [code, at?.line])).toEqual([
      ['rule/y', 1],
      ['rule/x', 3],
    ]);
    expect(ignored.map(({ problem: { message }, ignore: { reason } }) => [message, reason])).toEqual([['line 1', 'why']]);
  });

  test('stay where no reason is given, where they may not be ignored, and in other files', () => {
    expect(dividedBy(ignores, [problem(2)], () => true).ignored).toEqual([]);
    expect(dividedBy(ignores, [problem(1)], () => false).ignored).toEqual([]);
    const other = { ...problem(1), at: { file: 'b.yaml', line: 1, column: 1 } };
    expect(dividedBy(ignores, [other], () => true).ignored).toEqual([]);
  });
});
