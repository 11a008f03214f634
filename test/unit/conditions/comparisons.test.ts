import { expect, test } from 'vitest';
import { comparisonsOf } from '../../../src/conditions/comparisons.ts';
import type { ConditionValues } from '../../../src/conditions/condition.ts';

const LONG = '1234567890123456789';

test.each<[string, string, ConditionValues, readonly string[]]>([
  ['an integer beyond 2^53', 'size > 5', { size: LONG }, ['size > 5']],
  ['a keyword of digits beside a number', `order == "${LONG}" && n > 5`, { order: LONG, n: 6 }, ['n > 5']],
  ['a keyword of digits that the condition does not name', 'n > 5', { order: LONG, n: 6 }, ['n > 5']],
  ['nothing that fits', 'n > 5', { n: 'many' }, []],
])('what was compared with %s', (_what, text, values, expected) => {
  const found = comparisonsOf(text, values, {}).map(({ op, left, right }) => `${left.text} ${op} ${right.text}`);
  expect(found).toEqual(expected);
});

test('what is compiled for one rule says nothing of another one', () => {
  const [one, other] = [{}, {}];
  const names = (owner: object, values: ConditionValues) => comparisonsOf('n > 5', values, owner).map(({ left }) => left.text);
  for (const owner of [one, other, one]) {
    expect(names(owner, { n: 6 })).toEqual(['n']);
    expect(names(owner, { n: 'many' })).toEqual([]);
  }
  // Conditions of more than are kept are compiled again, with the same result.
  for (let limit = 0; limit < 250; limit++) expect(comparisonsOf(`n > ${limit}`, { n: 300 }, one)).toHaveLength(1);
  expect(names(one, { n: 6 })).toEqual(['n']);
});
