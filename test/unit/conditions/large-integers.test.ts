import { expect, test } from 'vitest';
import { compileCondition } from '../../../src/conditions/compile.ts';

const ID = 1703462528114626665n;

test.each<[string, number | bigint | string, string]>([
  ['id == 1703462528114626665', ID, 'true'],
  ['id == 1703462528114626664', ID, 'false'],
  ['id != 1703462528114626664', ID, 'true'],
  ['id > 1703462528114626664', ID, 'true'],
  ['id - 1703462528114626664 == 1', ID, 'true'],
  ['id % 10 == 5', ID, 'true'],
  ['id / 2 > 1', ID, 'true'],
  ['abs(-id) == id && min(id, 3) == 3 && max(id, 3) == id && round(id) == id', ID, 'true'],
  ['id == 1703462528114626665', '1703462528114626665', 'true'],
  ['id == 1703462528114626665', Number(ID), 'true'],
  ['id > 0.5', ID, 'true'],
])('%s with %s is %s', (text, id, expected) => {
  const compiled = compileCondition(text, { id: 'number' });
  if (!compiled.ok) throw new Error(compiled.message);
  expect(compiled.condition.evaluate({ id }).kind).toBe(expected);
});
