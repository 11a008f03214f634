import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../src/core/time.ts';
import { matches } from '../../../src/routing/matches.ts';
import { compileRegex } from '../../../src/routing/regex.ts';

/** Time that this process has worked, ms: a machine may be busy with other things. */
const cpu = () => process.cpuUsage().user / 1_000;

function fits(pattern: string, text: string): boolean | undefined {
  const compiled = compileRegex(pattern);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.regex.matches(text);
}

describe('a pattern fits the whole text or not', () => {
  test.each([
    ['crit.*', 'critical', true],
    ['crit', 'critical', false],
    ['itical', 'critical', false],
    ['', '', true],
    ['', 'x', false],
    ['.+', '', false],
    ['.*', '', true],
    ['a|b', 'b', true],
    ['a|b', 'ab', false],
    ['(?:todo|shop)-(dev|prod)', 'shop-prod', true],
    ['^a$', 'a', true],
    ['^(a|b$)', 'b', true],
    ['a{2,3}', 'aaa', true],
    ['a{2,3}', 'aaaa', false],
    ['a{2}', 'aa', true],
    ['a{2,}', 'a', false],
    ['a{,2}', 'a{,2}', true],
    ['(ab)+?c', 'ababc', true],
    ['[a-c]+', 'abcab', true],
    ['[^a-c]', 'd', true],
    ['[]x]+', 'x]', true],
    ['[[a]+', '[a', true],
    ['[\\_\\-.]+', '_-.', true],
    ['\\d{3}', '404', true],
    ['node-\\d+\\.example\\.com', 'node-12.example.com', true],
    ['node\\.', 'nodex', false],
    ['(?i)CRIT.*', 'critical', true],
    ['(?i:CRIT)ical', 'criticAL', false],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?P<name>x)y', 'xy', true],
    ['\\pL+', 'größe', true],
    ['\\x{1F600}', '😀', true],
    ['.', '😀', true],
    ['(a*)*', 'aaa', true],
    ['(|a)+b', 'aab', true],
    ['[[:alpha:]]+', 'abc', true],
    ['.*\\bword\\b.*', 'a word here', true],
    ['.*\\bword\\b.*', 'swords', false],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });
});

describe('what cannot be matched in linear time, or not at all, is refused by name and place', () => {
  test.each([
    ['(a)\\1', 'back-references are not available', 3],
    ['(?=a)b', 'look-around', 0],
    ['a(?<!b)', 'look-around', 1],
    ['(a', "'(' is never closed", 0],
    ['a)', "unexpected ')'", 1],
    ['[a', "'[' is never closed", 0],
    ['*a', "'*' has nothing to repeat", 0],
    ['a**', 'a repetition cannot be repeated', 1],
    ['a{3,2}', 'not a valid number of repetitions', 1],
    ['a{9999}', 'at most 1000', 1],
    ['(a{1000}){1000}', 'too many repetitions in the pattern', 2],
    ['((((){1000}){1000}){1000}){1000}b', 'too many repetitions in the pattern', 0],
    ['\\q', "unknown escape '\\q'", 0],
    ['x\\', 'trailing backslash', 1],
    ['[z-a]', 'is not a valid character class', 1],
  ])('%j: %s', (pattern, message, offset) => {
    const compiled = compileRegex(pattern);
    expect(compiled).toMatchObject({ ok: false, offset });
    expect(compiled.ok ? '' : compiled.message).toContain(message);
  });
});

test.each([
  ['(?!shop).*', 'look-around is not available', /!~/],
  ['(?<=a)b', 'look-around is not available', /!~/],
  ['(a)\\1', 'back-references are not available', /alternatives/],
  ['(?P<x>a)\\k<x>', 'back-references are not available', /alternatives/],
  ['(?>a+)b', 'atomic groups are not available', /\(\?:…\)/],
  ['a++', 'possessive repetitions are not available', /second \+/],
  ['a{2}+', 'possessive repetitions are not available', /second \+/],
])('%s: what other engines have is refused with what does the same', (pattern, message, next) => {
  expect(compileRegex(pattern)).toMatchObject({ ok: false, message, hint: expect.stringMatching(next) });
});

test('a pattern is bounded in depth and length', () => {
  expect(compileRegex(`${'('.repeat(499)}${')'.repeat(499)}`)).toMatchObject({ ok: true });
  expect(compileRegex('(a{900}b{900}c{900})')).toMatchObject({ ok: false, message: 'too many repetitions in the pattern' });
  expect(compileRegex('a'.repeat(1_001))).toMatchObject({ ok: false, message: 'the pattern is longer than 1000 characters' });
});

test.each(['(a+)+', '(a|a)*', '(a|aa)+', '(.*)(.*)(.*)(.*)(.*)x'])(
  '%s on 20,000 letters takes no more than a moment',
  (pattern) => {
    const began = cpuTime();
    expect(fits(pattern, `${'a'.repeat(20_000)}!`)).toBe(false);
    expect(cpuTime() - began).toBeLessThan(2_000);
  },
);

test.each([
  ['(.*a){300}', 'a'.repeat(32_000)],
  ['(a?){300}', 'a'.repeat(32_000)],
  ['.*foo.*|bar.*', 'x'.repeat(1_048_576)],
])('%s is decided on a text as long as a field may be', (pattern, text) => {
  const began = cpu();
  expect(fits(pattern, `${text}!`)).toBe(false);
  expect(cpu() - began).toBeLessThan(3_000);
});

test('what would hold up everything else is not decided, whichever the sign of the matcher', () => {
  let seed = 1;
  const letter = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % 65_536 < 32_768 ? 'a' : 'b';
  };
  const text = Array.from({ length: 64_000 }, letter).join('');
  const pattern = '(a|b)*a(a|b){300}';
  const began = cpu();
  expect(fits(pattern, text)).toBeUndefined();
  for (const op of ['=~', '!~'] as const) expect(matches({ label: 'x', op, value: pattern }, { x: text })).toBe(false);
  expect(cpu() - began).toBeLessThan(500);
  expect(fits(pattern, text.slice(0, 32_000))).toBeDefined();
  expect(cpu() - began).toBeLessThan(8_000);
  expect(fits(pattern, `a${'b'.repeat(300)}`)).toBe(true);
});

test('generated patterns fit what JavaScript says they fit', () => {
  const leaf = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '');
  const pattern = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a}|${b})`),
      fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{1,2}', '{2}')).map(([a, sign]) => `(?:${a})${sign}`),
    ),
  })).node;
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (source, given) => {
      expect(fits(source, given)).toBe(new RegExp(`^(?:${source})$`, 'u').test(given));
    }),
    { numRuns: 500 },
  );
});
