import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../../src/conditions/compile.ts';
import type { Variables } from '../../../src/conditions/condition.ts';
import { allOf, isPossible, not } from '../../../src/conditions/possible.ts';
import { ANY, both, COUNTED, isEmpty, type Ranges, SHARE } from '../../../src/conditions/ranges.ts';

const VARIABLES: Variables = { count: 'number', all: 'number', used: 'number', any: 'number', state: 'string', is_new: 'bool' };
const RANGES: Ranges = { count: COUNTED, all: COUNTED, used: SHARE, 'count / all': SHARE };

function logicOf(text: string) {
  const compiled = compileCondition(text, VARIABLES);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
  return compiled.logic;
}

describe('what can never hold', () => {
  test.each([
    'count < 0',
    '0 > count',
    'count <= -1',
    'count > 2 && count < 3',
    'count > 5 && count < 3',
    'count == 1.5',
    'count * 2 == 3',
    'used > 1',
    'used * 100 > 150',
    'used >= 0.5 && used + 0.1 < 0.2',
    'count / all > 1.5',
    '-count > 0',
    'abs(any) < 0',
    'max(count, all) < 0',
    'min(count, 3) > 3',
    'count + all < 0',
    'any > 5 && !(any > 3)',
    'count > all && all > count',
    'all - all > 0',
    'state == "a" && state == "b"',
    'state == "a" && state != "a"',
    'state in ["a", "b"] && state == "c"',
    'is_new && !is_new',
    'is_new == false && is_new',
    'count > 5 ? false : count > 7',
    'state.contains("x") && !state.contains("x")',
    'count < 0 || used > 1',
  ])('%s', (text) => expect(isPossible(logicOf(text), RANGES)).toBe(false));
});

describe('what may hold', () => {
  test.each([
    'count < 1',
    'count >= 0',
    'used >= 1',
    'any < 0',
    'any * any < 0',
    'count / all == 1',
    'all / count > 1',
    'count - all < 0',
    'any / count > 5',
    'count % 2 == 1',
    'round(used) > 0.9',
    'state == "a" || state == "b"',
    'state != "a" && state != "b"',
    'is_new || !is_new',
    'count > all',
  ])('%s', (text) => expect(isPossible(logicOf(text), RANGES)).toBe(true));

  test('a condition with too many ways to hold, of which nothing is said', () => {
    const many = Array.from({ length: 12 }, (_, index) => `(any == ${index} || any == ${index + 100})`).join(' && ');
    expect(isPossible(logicOf(many), RANGES)).toBe(true);
  });
});

describe('what always holds', () => {
  test.each([
    'count >= 0',
    'used <= 1',
    'count > 5 || count < 9',
    '!(count < 0)',
    'count != 0.5',
    'state == "a" || state != "a"',
  ])('%s', (text) => expect(isPossible(not(logicOf(text)), RANGES)).toBe(false));
  test.each(['count > 0', 'any >= 0', 'count != 1'])('not %s', (text) =>
    expect(isPossible(not(logicOf(text)), RANGES)).toBe(true),
  );
});

describe('a part of another condition', () => {
  test.each([
    ['count > 50', 'count > 5', true],
    ['count / all > 0.5', 'count / all > 0.2', true],
    ['count > 50 && used > 0.9', 'count > 50', true],
    ['count > 5', 'count > 50', false],
  ])('whenever %s holds %s does: %s', (one, other, follows) => {
    expect(isPossible(allOf(logicOf(one), not(logicOf(other))), RANGES)).toBe(!follows);
  });
});

/** Conditions over three numbers and two texts, as people may write them. */
const number = fc.constantFrom('0', '1', '2', '5', '0.5', '-1', '10');
const term: fc.Arbitrary<string> = fc.letrec<{ term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('count', 'all', 'used', 'any'),
    number,
    fc.tuple(tie('term'), fc.constantFrom('+', '-', '*', '/', '%'), tie('term')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(fc.constantFrom('min', 'max'), tie('term'), tie('term')).map(([name, a, b]) => `${name}(${a}, ${b})`),
    fc.tuple(fc.constantFrom('abs', 'round', '-'), tie('term')).map(([name, a]) => `${name}(${a})`),
  ),
})).term;
const comparison = fc.tuple(term, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), term).map(([a, op, b]) => `${a} ${op} ${b}`);
const condition: fc.Arbitrary<string> = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    comparison,
    comparison,
    fc.constantFrom('is_new', 'state == "a"', 'state != "b"', 'state in ["a", "b"]', '"c" == state'),
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, op, b]) => `(${a}) ${op} (${b})`),
    tie('condition').map((one) => `!(${one})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
  ),
})).condition;
const values = fc
  .record({
    all: fc.integer({ min: 0, max: 12 }),
    part: fc.integer({ min: 0, max: 12 }),
    used: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
    any: fc.constantFrom(-10, -1, -0.5, 0, 0.5, 1, 2, 5, 10),
    state: fc.constantFrom('a', 'b', 'c'),
    is_new: fc.boolean(),
  })
  .map(({ part, ...rest }) => ({ ...rest, count: Math.min(part, rest.all) }));

describe('conditions of every kind', () => {
  test('hold for no values within their ranges when they are said never to, and for all when always', () => {
    fc.assert(
      fc.property(condition, fc.array(values, { minLength: 20, maxLength: 20 }), (text, samples) => {
        const compiled = compileCondition(text, VARIABLES);
        fc.pre(compiled.ok);
        if (!compiled.ok) return;
        const verdicts = samples.map((sample) => compiled.condition.evaluate(sample).kind);
        if (!isPossible(compiled.logic, RANGES)) expect(verdicts).not.toContain('true');
        if (!isPossible(not(compiled.logic), RANGES)) expect(verdicts).not.toContain('false');
      }),
      { numRuns: 600 },
    );
  });
});

describe('ranges', () => {
  test('that are whole begin and end with integers', () => {
    expect(both(COUNTED, { low: 1.2, high: 3.9 })).toMatchObject({ low: 2, high: 3 });
    expect(isEmpty(both(COUNTED, { low: 2, high: 3, openLow: true, openHigh: true }))).toBe(true);
    expect(isEmpty(both(SHARE, { ...ANY, low: 1, openLow: true }))).toBe(true);
  });
});
