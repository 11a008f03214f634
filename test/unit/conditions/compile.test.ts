import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../../src/conditions/compile.ts';
import type { ConditionValues, Verdict } from '../../../src/conditions/condition.ts';

const VARIABLES = { count: 'number', errors: 'number', total: 'number', state: 'string', up: 'bool' } as const;

function verdict(text: string, values: ConditionValues): Verdict {
  const compiled = compileCondition(text, VARIABLES);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
  return compiled.condition.evaluate(values);
}

describe('what conditions say', () => {
  test.each<[string, ConditionValues, 'true' | 'false']>([
    ['count >= 5', { count: 5 }, 'true'],
    ['count >= 5', { count: 4.999 }, 'false'],
    ['errors / total > 0.05', { errors: 1, total: 10 }, 'true'],
    ['errors / total > 0.05', { errors: 1, total: 100 }, 'false'],
    ['count > 5 / 2', { count: 2.4 }, 'false'],
    ['count > 5 / 2', { count: 2.6 }, 'true'],
    ['3 * count == 4.5', { count: 1.5 }, 'true'],
    ['count == 7.0', { count: 7 }, 'true'],
    ['count != 7', { count: 7.5 }, 'true'],
    ['count % 2 == 1', { count: 5 }, 'true'],
    ['-count < -4', { count: 5 }, 'true'],
    ['count - 10 > -6', { count: 5 }, 'true'],
    ['count in [1, 5.0, 9]', { count: 5 }, 'true'],
    ['count in [1, 2]', { count: 5 }, 'false'],
    ['abs(count) == 3', { count: -3 }, 'true'],
    ['errors / max(total, 1) >= 1', { errors: 1, total: 0 }, 'true'],
    ['min(errors, total) == 1', { errors: 1, total: 2 }, 'true'],
    ['round(count) == 3', { count: 2.5 }, 'true'],
    ['count > 2 ? errors > 1 : total > 1', { count: 3, errors: 2, total: 0 }, 'true'],
    ['state == "red"', { state: 'red' }, 'true'],
    ["state != 'red'", { state: 'red' }, 'false'],
    ['state in ["red", "yellow"]', { state: 'yellow' }, 'true'],
    ['state.contains("ye") && state.startsWith("y") && state.endsWith("w")', { state: 'yellow' }, 'true'],
    ['up', { up: true }, 'true'],
    ['!up', { up: true }, 'false'],
    ['up == false', { up: false }, 'true'],
    ['count > 1 // a remark', { count: 2 }, 'true'],
    ['count > 1\n  && errors > 1', { count: 2, errors: 2 }, 'true'],
    ['count > 99999999999999999999', { count: 1e20 }, 'false'],
  ])('%s with %j is %s', (text, values, expected) => {
    expect(verdict(text, values)).toEqual({ kind: expected });
  });
});

describe('what cannot be decided', () => {
  test.each<[string, ConditionValues, string]>([
    ['count > 5', { count: null }, '`count` has no value'],
    ['count > 5', {}, '`count` has no value'],
    ['state == "red"', { state: null }, '`state` has no value'],
    ['errors / total > 0.05', { errors: 1, total: 0 }, 'division by zero'],
    ['errors / total > 0.05', { errors: 0, total: 0 }, 'division by zero'],
    ['errors % total > 0', { errors: 1, total: 0 }, 'division by zero'],
    ['!(errors / total > 0.05)', { errors: 1, total: 0 }, 'division by zero'],
    ['count > 5', { count: Number.NaN }, '`count` is not a finite number'],
    ['count > 5', { count: Number.POSITIVE_INFINITY }, '`count` is not a finite number'],
    ['count * 1e308 > 5', { count: 1e300 }, 'arithmetic overflow'],
    ['count > 5', { count: '7' }, '`count` is a string, not a number'],
    ['up', { up: 1 }, '`up` is a number, not true or false'],
    ['count > 5 ? up : up', { count: null, up: true }, '`count` has no value'],
    ['count > 5 || errors > 5', { count: null, errors: 1 }, '`count` has no value'],
    ['count > 5 && errors > 5', { count: 9, errors: null }, '`errors` has no value'],
  ])('%s with %j is unknown', (text, values, because) => {
    expect(verdict(text, values)).toEqual({ kind: 'unknown', because });
  });

  test.each<[string, ConditionValues, 'true' | 'false']>([
    ['count > 5 && errors / total > 0.1', { count: 1, errors: 1, total: 0 }, 'false'],
    ['errors / total > 0.1 && count > 5', { count: 1, errors: 1, total: 0 }, 'false'],
    ['count > 5 || errors / total > 0.1', { count: 9, errors: 1, total: 0 }, 'true'],
    ['errors / total > 0.1 || count > 5', { count: 9, errors: 1, total: 0 }, 'true'],
    ['count > 5 && errors > 1', { count: 1, errors: null }, 'false'],
    ['errors > 1 || count > 5', { count: 9, errors: null }, 'true'],
    ['count > 5 ? up : errors > 1', { count: 9, up: true, errors: null }, 'true'],
  ])('%s with %j is %s, whatever the other side would say', (text, values, expected) => {
    expect(verdict(text, values)).toEqual({ kind: expected });
  });

  test('a name that every object has is still a value that is missing', () => {
    const compiled = compileCondition('valueOfIt > 1', { valueOfIt: 'number' });
    expect(compiled.ok && compiled.condition.evaluate({})).toEqual({ kind: 'unknown', because: '`valueOfIt` has no value' });
  });
});

describe('what is refused when a rule loads', () => {
  test.each<[string, number, string, string | undefined]>([
    ['cuont > 5', 0, 'unknown variable `cuont`', 'did you mean `count`?'],
    ['count > 1 || errros > 5', 13, 'unknown variable `errros`', 'did you mean `errors`?'],
    ['up\n  && cuont > 5', 8, 'unknown variable `cuont`', 'did you mean `count`?'],
    ['window > 5', 0, 'unknown variable `window`', 'known here: count, errors, total, state, up'],
    ['count', 0, 'a condition must be true or false, this is a number', 'compare it, as in `count > 5`'],
    ['count + 1', 0, 'a condition must be true or false, this is a number', 'compare it, as in `count > 5`'],
    ['state', 0, 'a condition must be true or false, this is a string', 'compare it, as in `count > 5`'],
    ['count > "5"', 8, '`>` does not work between a number and a string', 'write the number without quotes'],
    ['"5" < count', 0, '`<` does not work between a string and a number', 'write the number without quotes'],
    ['count == state', 9, '`==` does not work between a number and a string', undefined],
    ['state == 5', 0, '`==` does not work between a string and a number', undefined],
    ['up == 1', 0, '`==` does not work between true or false and a number', undefined],
    ['count > 1 && state', 13, '`&&` needs true or false on both sides, not a string', 'compare it, as in `count > 5`'],
    ['count || up', 0, '`||` needs true or false on both sides, not a number', 'compare it, as in `count > 5`'],
    ['!count', 1, '`!` does not work on a number', undefined],
    ['-state == state', 1, '`-` does not work on a string', undefined],
    ['count ? up : up', 0, 'a condition must be true or false here, not a number', 'compare it, as in `count > 5`'],
    ['up ? up : 5', 0, 'both outcomes of `? :` must have the same type', undefined],
    ['count in ["a"]', 9, '`in` does not work between a number and a list<string>', undefined],
    ['count in [1, "a"]', 13, 'the elements of a list must have the same type', undefined],
    ['state in state', 9, '`in` needs a list', 'write `x in [1, 2]`, or `text.contains("…")` for a part of a text'],
    ['count == null', 9, 'null cannot be compared', 'leave it out: a missing value makes the condition unknown'],
    ['count.value > 1', 0, 'a field of a value is not allowed in a condition', 'a condition compares named values'],
    ['state[0] == "a"', 0, 'an index is not allowed in a condition', 'a condition compares named values'],
    ['[1] == [1]', 0, 'a list is not allowed in a condition', 'a condition compares named values'],
    ['5u < count', 0, 'only numbers, strings, true and false are allowed here', undefined],
    ['b"x" == state', 0, 'only numbers, strings, true and false are allowed here', undefined],
    ['abss(count) > 1', 0, 'unknown function `abss`', 'did you mean `abs(number)`?'],
    ['min(count) > 1', 0, '`min` got arguments of the wrong number or type', 'it is called as `min(number, number)`'],
    ['state.contains(5)', 0, '`contains` got arguments of the wrong number or type', 'it is called as `text.contains(string)`'],
    ['timestamp("2026-01-01T00:00:00Z") == state', 0, 'unknown function `timestamp`', undefined],
    ['[1, 2].exists(x, x > count)', 7, 'unknown function `exists`', undefined],
    ['count = 5', 6, '`=` is not an operator of CEL', 'use `==`'],
    ['count > 5 and up', 10, '`and` is not an operator of CEL', 'use `&&`'],
    ['count > 5 OR up', 10, '`OR` is not an operator of CEL', 'use `||`'],
    ['(count > 5', 10, 'unexpected end of the condition', 'complete the expression'],
    ['count >', 7, 'unexpected end of the condition', 'complete the expression'],
    ['count > 5)', 9, 'unexpected `)`', undefined],
    ['count > 5 errors', 10, 'unexpected `errors`', undefined],
    ['count > 5;', 9, 'unexpected `;`', undefined],
    ['state == "red', 9, 'unclosed string', 'close it with the same quote'],
    ['', 0, 'empty condition', 'for example `count > 5`'],
    ['  \n ', 0, 'empty condition', 'for example `count > 5`'],
    ['Object.keys(count) > 1', 7, 'unknown function `keys`', undefined],
    ['__proto__ == 1', 0, 'unexpected `__proto__`', undefined],
    ['constructor == 1', 0, 'unknown variable `constructor`', undefined],
  ])('%j at %i: %s', (text, offset, message, hint) => {
    const compiled = compileCondition(text, VARIABLES);
    expect(compiled).toMatchObject({ ok: false, offset, message });
    if (hint !== undefined) expect(compiled).toMatchObject({ hint });
  });

  test('a regular expression is refused, since it can take forever, and the hint says what to use', () => {
    expect(compileCondition('state.matches("(a+)+$")', VARIABLES)).toMatchObject({
      ok: false,
      offset: 6,
      message: 'unknown function `matches`',
      hint: expect.stringContaining('text.contains(string)'),
    });
  });

  test.each([
    ['many characters', `count > ${'1'.repeat(5_000)}`],
    ['deep parentheses', `${'('.repeat(500)}up${')'.repeat(500)}`],
    ['deep negation', `${'!'.repeat(3_000)}up`],
    ['many operands', Array.from({ length: 700 }, () => 'up').join('&&')],
    ['a long list', `count in [${Array.from({ length: 300 }, (_, index) => index).join(',')}]`],
  ])('%s are too much', (_what, text) => {
    expect(compileCondition(text, VARIABLES)).toMatchObject({ ok: false, message: expect.stringMatching(/too large|at most/) });
  });
});

describe('what a compiled condition is', () => {
  test('it keeps its text and says which variables it uses, each once', () => {
    const compiled = compileCondition('errors / total > 0.1 && total > 5', VARIABLES);
    expect(compiled).toMatchObject({
      ok: true,
      uses: ['errors', 'total'],
      condition: { text: 'errors / total > 0.1 && total > 5' },
    });
  });

  test('it can be evaluated again and again, with other values each time', () => {
    const compiled = compileCondition('count > 5', VARIABLES);
    if (!compiled.ok) throw new Error(compiled.message);
    const kinds = [9, null, 1, 9].map((count) => compiled.condition.evaluate({ count }).kind);
    expect(kinds).toEqual(['true', 'unknown', 'false', 'true']);
  });

  test('what it said of a number it says again, and of no other value, however many it has met', () => {
    const ask = (text: string) => {
      const compiled = compileCondition(text, VARIABLES);
      if (!compiled.ok) throw new Error(compiled.message);
      return (count: ConditionValues[string] | undefined) => compiled.condition.evaluate(count === undefined ? {} : { count });
    };
    const values = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, '7', true, 2n ** 60n];
    const many = Array.from({ length: 1_500 }, (_, count) => count / 3);
    for (const text of ['count > 5', '1 / count > 0', 'count == 7', 'count % 2 == 1']) {
      const again = ask(text);
      for (const value of [...values, ...many, ...values, ...many.slice(0, 50)]) expect(again(value)).toEqual(ask(text)(value));
    }
  });

  test('whatever text comes, it is compiled or refused with a place inside the text, and evaluating never throws', () => {
    const word = fc.constantFrom(
      'count',
      'state',
      'up',
      '5',
      '0.5',
      '"a"',
      '(',
      ')',
      '&&',
      '||',
      '!',
      '-',
      '/',
      '>',
      '==',
      '?',
      ':',
      'in',
      '[',
      ']',
      ',',
      '.',
      'max',
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(texts, fc.option(fc.double()), (text, count) => {
        const compiled = compileCondition(text, VARIABLES);
        if (compiled.ok)
          return ['true', 'false', 'unknown'].includes(compiled.condition.evaluate({ count, state: 'a', up: true }).kind);
        return (
          compiled.offset >= 0 &&
          compiled.offset <= text.length &&
          compiled.message.length > 0 &&
          !compiled.message.includes('\n')
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('arithmetic is that of decimals, whichever way a number is written', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Math.round(value * 100) / 100);
    fc.assert(
      fc.property(number, number, (errors, total) => {
        const text = `errors * 2 + total - ${Math.abs(total)} >= errors`;
        return verdict(text, { errors, total }).kind === String(errors * 2 + total - Math.abs(total) >= errors);
      }),
    );
  });
});
