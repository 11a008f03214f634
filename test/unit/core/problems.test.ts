import { expect, test } from 'vitest';
import { formatProblem, type Problem } from '../../../src/core/problems.ts';

const AT = { file: 'rules/a.yaml', line: 3, column: 7 };

test.each<[Problem, string]>([
  [
    {
      code: 'rule/unknown-key',
      severity: 'error',
      message: 'unknown key',
      hint: 'did you mean `window`?',
      path: 'windw',
      at: AT,
    },
    'rules/a.yaml:3:7 windw: unknown key (did you mean `window`?)',
  ],
  [{ code: 'rule/empty', severity: 'error', message: 'no rule in this file', at: AT }, 'rules/a.yaml:3:7: no rule in this file'],
  [{ code: 'x', severity: 'error', message: 'wrong', path: 'a.b' }, 'a.b: wrong'],
  [{ code: 'x', severity: 'error', message: 'wrong' }, 'wrong'],
  [{ code: 'x', severity: 'warning', message: 'odd', path: 'a', at: AT }, 'rules/a.yaml:3:7 a: warning: odd'],
  [{ code: 'x', severity: 'warning', message: 'odd' }, 'warning: odd'],
])('a problem prints as one line that editors can jump to (%#)', (problem, line) => {
  expect(formatProblem(problem)).toBe(line);
});
