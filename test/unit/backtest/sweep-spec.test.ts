import { describe, expect, test } from 'vitest';
import { conditionWith, MOST_VALUES, readSweep, valueIn } from '../../../src/backtest/sweep-spec.ts';

const valuesOf = (...words: readonly string[]) => {
  const read = readSweep(words);
  return read.ok ? read.spec.values.map(({ text }) => text) : read.complaint.message;
};

describe('the values of a sweep', () => {
  test.each([
    ['N=1..5', ['1', '2', '3', '4', '5']],
    ['N=5,20,10,10', ['5', '10', '20']],
    ['N=7', ['7']],
    ['N=0.5..0.6/0.05', ['0.5', '0.55', '0.6']],
    ['N=1..10/4', ['1', '5', '9']],
    ['N=-2..1', ['-2', '-1', '0', '1']],
    ['N = 1 .. 3', ['1', '2', '3']],
  ])('%s', (assigned, values) => {
    expect(valuesOf('count >= N', assigned)).toEqual(values);
  });

  test.each([
    ['N=1..50', 50],
    ['N=0..1', 2],
    ['N=0.5..0.99', 50],
    ['N=1..1000', 50],
    ['N=0..200000', 41],
  ])('%s without a step has so many', (assigned, count) => {
    expect(valuesOf('count >= N', assigned)).toHaveLength(count);
  });

  test.each([
    ['for=1m..3m/1m', ['1m', '2m', '3m']],
    ['for=0s,90s,1h', ['0s', '1m30s', '1h']],
    ['keep_firing_for=5m', ['5m']],
  ])('%s', (assigned, values) => {
    expect(valuesOf(assigned)).toEqual(values);
  });

  test('a duration from a minute to half an hour goes minute by minute', () => expect(valuesOf('for=1m..30m')).toHaveLength(30));
});

describe('words that are no sweep', () => {
  test.each([
    [['count >= N'], 'no values'],
    [['count >= N', 'N=1..2', 'M=1..2'], '2 lists of values'],
    [['N=1..2'], 'no condition contains the number N'],
    [['window=1m..2m'], 'no condition contains the number window'],
    [['count >= M', 'N=1..2'], 'does not name N'],
    [['label == "N"', 'N=1..2'], 'does not name N'],
    [['count >= 1', 'for=1m..2m'], 'is a key of the rule'],
    [['count >= N', 'N=5..1'], 'before it begins'],
    [['count >= N', 'N=1..5/0'], 'more than 0'],
    [['count >= N', 'N=1..1000/1'], `more than the ${MOST_VALUES}`],
    [['count >= N', 'N=0..1e300/1e-300'], `more than the ${MOST_VALUES}`],
    [['count >= N', 'N=1,x'], 'expected a number, got "x"'],
    [['count >= N', 'N=1e999'], 'expected a number'],
    [['for=1m..x'], 'expected a duration such as 5m, got "x"'],
    [['count >= N', `N=${Array.from({ length: 300 }, (_, n) => n).join(',')}`], '300 values'],
  ])('%j', (words, message) => {
    expect(valuesOf(...words)).toContain(message);
  });
});

describe('a condition with a value in it', () => {
  test.each([
    ['count >= N', '7', 'count >= 7'],
    ['N < count && NN > N', '7', '7 < count && NN > 7'],
    ['a == "N" && b > N', '7', 'a == "N" && b > 7'],
    ["a == 'it\\'s N' || b > N", '7', "a == 'it\\'s N' || b > 7"],
  ])('%s', (condition, value, written) => expect(conditionWith(condition, 'N', value)).toBe(written));

  test.each([
    ['count >= 3', 'count >= N', 3],
    ['count>=3', 'count >= N', 3],
    ['count >= 0.5', 'count >= N', 0.5],
    ['count > 3', 'count >= N', undefined],
    ['a > 3 && b > 3', 'a > N && b > N', 3],
    ['a > 3 && b > 4', 'a > N && b > N', undefined],
    ['(a + b) * 2 > 10', '(a + b) * 2 > N', 10],
  ])('%s where %s names it: %s', (condition, swept, value) => expect(valueIn(condition, swept, 'N')).toBe(value));
});
