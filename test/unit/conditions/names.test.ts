import { expect, test } from 'vitest';
import { compileCondition } from '../../../src/conditions/compile.ts';
import { variableNameProblem } from '../../../src/conditions/names.ts';

test.each(['used', 'p95', '_x', 'max', 'timestamp', 'UsedBytes', 'has'])(
  'a metric may be called %s, and a condition can use it',
  (name) => {
    expect(variableNameProblem(name)).toBeUndefined();
    expect(compileCondition(`${name} > 1`, { [name]: 'number' })).toMatchObject({ ok: true });
  },
);

test.each([
  'in',
  'true',
  'null',
  'string',
  'int',
  'type',
  'dyn',
  'number',
  'google',
  'constructor',
  'toString',
  '__proto__',
  'while',
])('%s is a reserved word', (name) => {
  expect(variableNameProblem(name)).toBe(`\`${name}\` is a reserved word of conditions`);
});

test.each(['', '9lives', 'a.b', 'a-b', 'ä', 'a b', 'x'.repeat(65)])('%j is not a name', (name) => {
  expect(variableNameProblem(name)).toMatch(/^a name starts with/);
});
