import { describe, expect, test } from 'vitest';
import { type Coverage, coverageOf, lifeParts, requiredAndMissing } from '../../../src/rule-tests/coverage.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const COUNT = 'name: a\ntype: frequency\nindex: logs-*\ncondition: count >= 3\ndelay: 0s\n';
const LEVELS = `name: a
type: threshold
index: metrics-*
metrics: { used: { max: disk.used } }
levels: [{ severity: critical, condition: used > 95 }, { severity: warning, condition: used > 90 }]
delay: 0s
`;
const MATCH = 'name: a\ntype: match\nindex: logs-*\nquery: message:out\ndelay: 0s\n';

function rulesOf(text: string) {
  const set = compileRules([{ file: 'a.yaml', text }]);
  expect(set.problems).toEqual([]);
  return set;
}

/** What one test over some documents reaches of a rule, watched for so long. */
async function reached(rule: string, documents: string, until = '20m'): Promise<readonly string[]> {
  const text = `tests: [{ name: t, documents: [${documents}], checks: [{ at: ${until}, alerts: [] , transitions: [] }] }]`;
  const checks = text.replace('alerts: [] , transitions: []', 'transitions: [{ not: { reason: rule_removed } }]');
  const report = await runRuleTests([{ file: 'a.test.yaml', text: checks }], { coverage: true, load: async () => rulesOf(rule) });
  expect(report.passed, JSON.stringify(report.files)).toBe(1);
  return report.files.flatMap(({ covered = [] }) => covered.flatMap((one) => one.reached));
}

const docs = (count: number, fields = 'message: out') => `{ at: 0s, repeat: ${count}, every: 1s, document: { ${fields} } }`;

describe('the parts of a rule', () => {
  test.each([
    ['that counts', COUNT, ['fires', 'does not fire', 'resolves', 'message']],
    ['with a wait', `${COUNT}for: 2m\n`, ['fires', 'does not fire', 'resolves', 'pending only', 'message']],
    [
      'with levels over a metric',
      LEVELS,
      ['fires', 'does not fire', 'resolves', 'no data', 'level critical', 'level warning', 'message'],
    ],
    [
      'with a text for the end',
      `${COUNT}message: { resolved_text: over }\n`,
      ['fires', 'does not fire', 'resolves', 'message', 'resolved message'],
    ],
    ['that reports documents', MATCH, ['event', 'no event', 'message']],
  ])('%s', (_what, rule, parts) => {
    expect(rulesOf(rule).rules.map(lifeParts)).toEqual([parts]);
  });
});

describe('what a test reaches', () => {
  test.each([
    ['enough documents, until they are over', COUNT, docs(3), '20m', ['fires', 'resolves', 'message']],
    ['enough documents, and no end', COUNT, docs(3), '1m', ['fires', 'message']],
    ['too few', COUNT, docs(2), '20m', ['does not fire']],
    [
      'one group that fires and one that does not',
      `${COUNT}group_by: [host.name]\n`,
      `${docs(3, 'host.name: a')}, ${docs(1, 'host.name: b')}`,
      '1m',
      ['fires', 'does not fire', 'message'],
    ],
    ['not for long enough', `${COUNT}for: 6m\n`, docs(3), '20m', ['does not fire', 'pending only']],
    ['a lower level', LEVELS, docs(1, 'disk.used: 92'), '2m', ['fires', 'level warning', 'message']],
    ['no data after some', LEVELS, docs(1, 'disk.used: 92'), '20m', ['fires', 'resolves', 'no data', 'level warning', 'message']],
    ['a document that is reported', MATCH, docs(1), '5m', ['event', 'message']],
    ['a document that is not', MATCH, docs(1, 'message: in'), '5m', ['no event']],
    [
      'a text for the end',
      `${COUNT}message: { resolved_text: over }\n`,
      docs(3),
      '20m',
      ['fires', 'resolves', 'message', 'resolved message'],
    ],
  ])('with %s', async (_what, rule, documents, until, parts) => {
    expect(await reached(rule, documents, until)).toEqual(parts);
  });
});

describe('the parts that a policy may require', () => {
  const known = ['fires', 'does_not_fire', 'resolves', 'no_data', 'levels', 'pending_only', 'message', 'resolved_message'];

  test.each([
    ['that counts', COUNT],
    ['with levels, a wait, and a text for the end', `${LEVELS}for: 2m\nmessage: { resolved_text: over }\n`],
    ['that reports documents', MATCH],
  ])('are together all parts of a rule %s', (_what, rule) => {
    const [covered] = coverageOf([], rulesOf(rule).rules).rules;
    if (covered === undefined) throw new Error('no rule');
    expect(requiredAndMissing(covered, known)).toEqual(covered.parts.map(({ part }) => part));
    expect(requiredAndMissing(covered, [])).toEqual([]);
  });

  test('of a rule that reports documents are the document and its absence', () => {
    const [covered] = coverageOf([], rulesOf(MATCH).rules).rules;
    if (covered === undefined) throw new Error('no rule');
    expect(requiredAndMissing(covered, ['fires', 'does_not_fire', 'resolves'])).toEqual(['event', 'no event']);
  });
});

describe('the coverage of all rules', () => {
  const other = compileRules([{ file: 'b.yaml', text: COUNT.replace('name: a', 'name: b') }]).rules;
  const tested = (test: string, ...reached: readonly string[]) => ({
    ...{ test, rule: 'a', file: 'a.yaml', parts: ['fires', 'does not fire', 'resolves', 'message'] },
    reached,
  });

  test('adds up tests, and counts rules without any', () => {
    const coverage: Coverage = coverageOf([tested('one', 'fires', 'message'), tested('two', 'fires', 'resolves')], other);
    expect(coverage).toMatchObject({ reached: 3, parts: 8, percent: 37 });
    expect(coverage.rules.map(({ rule, tests }) => [rule, tests])).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
    expect(coverage.rules[0]?.parts.map(({ tests }) => tests)).toEqual([2, 0, 1, 1]);
  });

  test('is 100 only where nothing is missing', () => {
    expect(coverageOf([], []).percent).toBe(100);
    expect(coverageOf([tested('one', 'fires', 'does not fire', 'resolves', 'message')], []).percent).toBe(100);
    expect(coverageOf([tested('one', 'fires', 'does not fire', 'resolves')], []).percent).toBe(75);
  });
});
