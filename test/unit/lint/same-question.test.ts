import { describe, expect, test } from 'vitest';
import { sameQuestions } from '../../../src/lint/same-question.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const RULE = ['type: frequency', 'index: [logs-*, traces-*]', 'query: a:b', 'group_by: [x, y]'];

function found(first: readonly string[], second: readonly string[], base = RULE): readonly string[] {
  const file = (name: string, lines: readonly string[]) => ({
    file: `${name}.yaml`,
    text: `${[`name: ${name}`, ...base, ...lines].join('\n')}\n`,
  });
  const { rules } = compileRules([file('one', first), file('two', second)]);
  expect(rules.length).toBe(2);
  return sameQuestions(rules).map(({ at, message }) => `${at?.file}: ${message}`);
}

describe('two rules of one question', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['with one condition', ['condition: count > 5'], ['condition: count > 5']],
    [
      'by one calendar',
      ['condition: count > 5', 'schedule: "*/5 8-17 * * *"'],
      ['condition: count > 50', 'schedule: "*/5 8-17 * * *"'],
    ],
    ['that differ in how much is too much', ['condition: count > 5'], ['condition: count > 50']],
    [
      'of which one has levels',
      ['condition: count > 5'],
      ['levels: [{ severity: a, condition: count > 90 }, { severity: b, condition: count > 9 }]'],
    ],
  ])('%s are named at the second', (_name, first, second) => {
    expect(found(first, second)).toEqual(['two.yaml: same query and metrics as "one" at one.yaml:1']);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['too many and too few', ['condition: count > 100'], ['condition: count < 3']],
    ['with another window', ['condition: count > 5'], ['condition: count > 5', 'window: 1h']],
    [
      'more is too much at night than by day',
      ['condition: count > 5', 'schedule: "*/5 8-17 * * *"'],
      ['condition: count > 50', 'schedule: "*/5 0-7,18-23 * * *"'],
    ],
    ['of which one is paused', ['condition: count > 5', 'enabled: false'], ['condition: count > 5']],
  ])('are two for a reason: %s', (_name, first, second) => expect(found(first, second)).toEqual([]));
});
