import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, openBudget } from '../../../src/rule-tests/budget.ts';
import { endedEarly, isGood } from '../../../src/rule-tests/report.ts';
import { type RuleTestOptions, runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const RULE = 'name: errors\ntype: frequency\nindex: logs-*\ncondition: count >= 5\ndelay: 0s\n';
const load = async () => compileRules([{ file: 'rules/errors.yaml', text: RULE }]);

function run(tests: readonly string[], options: RuleTestOptions = {}) {
  const text = `tests:\n${tests.map((test, index) => `  - { name: t${index}, ${test} }\n`).join('')}`;
  return runRuleTests([{ file: 'rules/errors.test.yaml', text }], { load, ...options });
}

const QUIET = 'checks: [{ at: 1m, alerts: none }]';
const DOCUMENTS = 'documents: [{ repeat: 60, every: 1s, document: { a: b } }]';

describe('a run of rule tests has one budget for all its tests', () => {
  test.each<readonly [string, readonly string[], RuleTestOptions, string]>([
    [
      'documents',
      [`${DOCUMENTS}, ${QUIET}`, `${DOCUMENTS}, ${QUIET}`],
      { limits: { documents: 100 } },
      'more than 100 documents',
    ],
    ['checks', [QUIET, QUIET, QUIET], { limits: { checks: 2 } }, 'more than 2 checks'],
  ])('of %s', async (_what, tests, options, said) => {
    const report = await run(tests, options);
    expect(report.problems.map(({ message }) => message).join()).toContain(said);
    expect(endedEarly(report)).toBe(true);
    expect(isGood(report)).toBe(false);
    expect(report.broken).toBe(1);
    expect(report.files[0]?.tests.at(-1)?.problems[0]?.code).toBe('rule-test/budget');
  });

  test('of time, which is looked at between turns', async () => {
    let now = 0;
    const clock = { monotonic: () => (now += 10), sleep: async () => undefined };
    const report = await run([QUIET.replace('1m', '2d'), QUIET], { clock, limits: { time: 1_000 } });
    expect(report.problems.map(({ message }) => message).join()).toContain('the run takes longer than 1s');
    expect(report.files[0]?.tests).toHaveLength(1);
  });

  test('that is enough for what people write', async () => {
    expect(isGood(await run(Array.from({ length: 20 }, () => QUIET)))).toBe(true);
  });

  test('of comparisons and of expressions', () => {
    const budget = openBudget(DEFAULT_LIMITS);
    expect(() => budget.spend('comparisons', 100_000_000)).toThrow('comparisons');
    expect(() => budget.spend('expressions', 10_000_000_000)).toThrow('regular expressions');
  });

  test('lets others have their turn, so that signals are heard', async () => {
    let now = 0;
    let turns = 0;
    const clock = {
      monotonic: () => (now += 30),
      sleep: async () => {
        turns++;
      },
    };
    await run([QUIET.replace('1m', '1h')], { clock });
    expect(turns).toBeGreaterThan(10);
  });
});

describe('more documents than one entry may make are an error, and none is left out in silence', () => {
  const many = (count: number) => `[${Array.from({ length: count }, (_, index) => index).join()}]`;
  test.each([
    ['by repeat', 'repeat: 100000, every: 1s, at: [0s, 1s], document: {}'],
    ['by for_each', `document: {}, for_each: { a: ${many(400)}, b: ${many(400)} }`],
    ['by a last field of for_each', `document: {}, for_each: { a: ${many(300)}, b: ${many(300)}, c: [x, y] }`],
    ['by both', `repeat: 1000, every: 1s, document: {}, for_each: { a: ${many(200)} }`],
  ])('%s', async (_how, entry) => {
    const report = await run([`documents: [{ ${entry} }], ${QUIET}`]);
    expect(report.files[0]?.problems.map(({ code }) => code)).toEqual(['rule-test/too-large']);
    expect(isGood(report)).toBe(false);
  });

  test('and those of all entries of a file are counted together, before one is made', async () => {
    const entry = '{ repeat: 100000, every: 1s, document: {} }';
    const report = await run([`documents: [${Array.from({ length: 2_000 }, () => entry).join()}], ${QUIET}`]);
    expect(report.files[0]?.problems[0]?.message).toContain('in one file');
  });
});
