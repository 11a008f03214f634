import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches } from '../../../src/routing/matches.ts';
import { formatMatcher, parseMatcher, parseMatchers } from '../../../src/routing/parse-matcher.ts';
import type { Matcher } from '../../../src/routing/route.ts';

describe('a matcher is read', () => {
  test.each<[string, Matcher]>([
    ['severity="critical"', { label: 'severity', op: '=', value: 'critical' }],
    ['severity=critical', { label: 'severity', op: '=', value: 'critical' }],
    [' severity != "x y" ', { label: 'severity', op: '!=', value: 'x y' }],
    ['severity=~"crit.*"', { label: 'severity', op: '=~', value: 'crit.*' }],
    ['team!~"a|b"', { label: 'team', op: '!~', value: 'a|b' }],
    ['service.name="stub"', { label: 'service.name', op: '=', value: 'stub' }],
    ['"a label"="x"', { label: 'a label', op: '=', value: 'x' }],
    ['größe=groß', { label: 'größe', op: '=', value: 'groß' }],
    ['path="C:\\\\x \\"y\\""', { label: 'path', op: '=', value: 'C:\\x "y"' }],
    ['host=~"node\\.\\d+"', { label: 'host', op: '=~', value: 'node\\.\\d+' }],
    ['empty=""', { label: 'empty', op: '=', value: '' }],
    ['{team="todo",}', { label: 'team', op: '=', value: 'todo' }],
  ])('%s', (text, matcher) => {
    expect(parseMatcher(text)).toEqual({ ok: true, matcher });
  });

  test('several at once, with braces or without', () => {
    const expected = {
      ok: true,
      matchers: [
        { label: 'a', op: '=', value: '1' },
        { label: 'b', op: '!~', value: 'x}' },
      ],
    };
    expect(parseMatchers('a="1", b!~"x}"')).toEqual(expected);
    expect(parseMatchers('{ a = 1 , b !~ "x}" }')).toEqual(expected);
    expect(parseMatchers('{}')).toEqual({ ok: true, matchers: [] });
  });
});

describe('what is no matcher is refused with its place', () => {
  test.each([
    ['', 'expected a matcher', 0],
    ['severity', 'expected =, !=, =~ or !~ after "severity"', 8],
    ['severity==critical', 'expected a value after =', 9],
    ['severity=', 'expected a value after =', 9],
    ['="x"', 'expected the name of a label', 0],
    ['""="x"', 'the name of a label is empty', 0],
    ['a="x', 'unclosed quote', 2],
    ['a="x" b="y"', 'expected a comma', 6],
    ['a="1",b="2"', 'expected one matcher', 0],
    ['{a="1"', "'{' is never closed", 0],
    ['a=~"(x"', "'(' is never closed", 4],
    ['a=~"(x)\\1"', 'back-references', 7],
  ])('%j: %s', (text, message, offset) => {
    const parsed = parseMatcher(text);
    expect(parsed).toMatchObject({ ok: false, offset });
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });
});

describe('labels fit or do not', () => {
  test.each([
    ['a="1"', { a: '1' }, true],
    ['a="1"', {}, false],
    ['a!="1"', {}, true],
    ['a=""', {}, true],
    ['a=~".*"', {}, true],
    ['a=~".+"', {}, false],
    ['a!~".+"', {}, true],
    ['a=~"1|2"', { a: '12' }, false],
    ['a!~"1|2"', { a: '12' }, true],
    ['constructor=""', {}, true],
  ])('%s with %j: %j', (text, labels, expected) => {
    const parsed = parseMatcher(text);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(matches(parsed.matcher, labels)).toBe(expected);
  });

  test('an expression that cannot be read fits nothing, whichever its sign', () => {
    expect(matches({ label: 'a', op: '=~', value: '(' }, { a: '(' })).toBe(false);
    expect(matches({ label: 'a', op: '!~', value: '(' }, { a: '(' })).toBe(false);
  });
});

test('what is written is read back the same', () => {
  const matcher = fc.record({
    label: fc.string({ minLength: 1 }),
    op: fc.constantFrom('=' as const, '!=' as const),
    value: fc.string(),
  });
  fc.assert(
    fc.property(matcher, (given) => {
      expect(parseMatcher(formatMatcher(given))).toEqual({ ok: true, matcher: given });
    }),
  );
});

test('any text is an answer, never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '!', '~', '"', '\\', '{', '}', ',', ' ', '(', '[') }), (text) => {
      expect(typeof parseMatchers(text).ok).toBe('boolean');
    }),
    { numRuns: 1_000 },
  );
});
