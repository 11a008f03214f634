import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const RULE = `
name: errors
type: frequency
index: logs-*
condition: count >= 5
every: 1m
window: 1m
delay: 0s
catch_up: 30m
evidence: { samples: 0 }
message: { title: errors, text: "{{ count }} errors" }
`;

/** Five documents in each of these minutes: a breach at the tick that ends it. */
const errors = (minutes: readonly number[], more = '') =>
  `documents: [{ at: [${minutes.map((minute) => `${minute}m`).join(', ')}], repeat: 5, every: 1s, index: logs-app, document: { a: 1 }${more} }]`;

async function play(test: string, rule = RULE) {
  const load = async () => compileRules([{ file: 'rules/errors.yaml', text: rule }]);
  const text = `tests:\n  - name: a\n    ${test.trim().replaceAll('\n', '\n    ')}\n`;
  const report = await runRuleTests([{ file: join('rules', 'errors.test.yaml'), text }], { load });
  return { passed: report.passed === 1, text: ruleTestsText(report, { color: false, columns: 300 }) };
}

/** A test that passes, or the whole story of why it does not. */
async function passes(test: string, rule?: string): Promise<void> {
  const { passed, text } = await play(test, rule);
  expect(passed, text).toBe(true);
}

describe('down', () => {
  test('evaluates what was missed when it is over, each tick once and with its own time', () =>
    passes(`
${errors([4, 6])}
down: [{ from: 5m, until: 15m }]
checks:
  - { at: 4m, transitions: none }
  - { at: 14m, transitions: none, notifications: none }
  - at: 15m
    exactly: true
    alerts: none
    transitions:
      - { at: 5m, from: inactive, to: firing, values: { count: 5 } }
      - { at: 6m, from: firing, to: inactive, reason: recovered }
      - { at: 7m, from: inactive, to: firing }
      - { at: 8m, from: firing, to: inactive, reason: recovered }
    notifications: [{ at: 15m, status: resolved, rendered: 'evaluated late, while catching up' }]
  - { at: 1h, transitions: none, notifications: none }`));

  test('shows in a check what the stopped process left behind', () =>
    passes(`
${errors([2, 3, 4, 5, 6])}
down: [{ from: 5m, until: 15m }]
checks:
  - { at: 4m, alerts: [{ status: firing, since: 3m }], notifications: [{ reason: first }] }
  - { at: 10m, alerts: [{ status: firing, since: 3m }], notifications: none }
  - { at: 20m, alerts: none, notifications: [{ reason: resolved }] }`));

  test('makes a gap of what is older than catch_up, which has to be minded', async () => {
    const story = `
${errors([2, 10, 50])}
down: [{ from: 5m, until: 1h }]`;
    const { passed, text } = await play(`${story}\nchecks: [{ at: 2h, alerts: none }]`);
    expect(passed).toBe(false);
    expect(text).toContain('unexpected health alert about the rule errors');
    expect(text).toContain('+5m       Tocsin is not running, until +1h');
    expect(text).toContain('errors: the ticks after +4m until +29m are too old to be evaluated: a gap');
    await passes(`${story}
checks:
  - at: 1h
    exactly: true
    alerts: none
    transitions: # that of minute 10 is in the gap
      - { at: 3m, to: firing }
      - { at: 4m, to: inactive }
      - { at: 51m, to: firing }
      - { at: 52m, to: inactive }
    health: none # the gap is notified once, and over with the next turn
    notifications:
      - { at: 3m, reason: first }
      - { at: 1h, reason: resolved, rule: errors }
      - { at: 1h, rule: TocsinHealth, rendered: 'the windows of 2026-01-01T00:04:00.000Z to 2026-01-01T00:29:00.000Z were not evaluated' }
      - { at: 1h, rule: errors, rendered: evaluated late }
  - { at: 2h, health: none, notifications: [{ rule: TocsinHealth, reason: resolved }] }`);
  });

  test('may come more than once, and at the very end', () =>
    passes(`
${errors([4, 14, 29])}
down: [{ from: 5m, until: 8m }, { from: 15m, until: 18m }, { from: 30m, until: 2h }]
checks:
  - { at: 8m, transitions: [{ at: 5m, to: firing }, { at: 6m, to: inactive }] }
  - { at: 18m, transitions: [{ at: 15m, to: firing }, { at: 16m, to: inactive }] }
  - { at: 1h, exactly: true, transitions: none }`));
});

describe('search_fails', () => {
  test('keeps alerts where they are, and the windows due until an answer comes', () =>
    passes(`
${errors([3, 4, 5])}
search_fails: [{ from: 5m, until: 10m, problem: overloaded }]
checks:
  - { at: 4m, alerts: [{ status: firing }] }
  - at: 9m
    alerts: [{ status: firing, since: 4m }]
    transitions: none
    health: [{ rule: TocsinHealth, group: { subject: errors } }]
    notifications: [{ rule: TocsinHealth, rendered: overloaded }]
  - { at: 10m, exactly: true, transitions: [{ at: 7m, from: firing, to: inactive }], alerts: none, health: none }`));

  test('needs no look at health while there are fewer than error_after', () =>
    passes(`
${errors([3])}
search_fails: [{ from: 5m, until: 7m }]
checks: [{ at: 9m, transitions: [{ at: 4m, to: firing }, { at: 5m, to: inactive }] }]`));

  test('does not excuse a window that fails for another reason', async () => {
    const other = `${RULE}---\n${RULE.replace('name: errors', 'name: other').replace('logs-*', 'absent-*')}`;
    const { passed, text } = await play(
      `${errors([3])}\nsearch_fails: [{ from: 5m, until: 6m }]\nchecks: [{ at: 9m, alerts: none }]`,
      other,
    );
    expect(passed).toBe(false);
    expect(text).toMatch(/windows of other could not be evaluated, first at \+1m/);
  });
});

describe('revisit', () => {
  test('tells what came late, once', () =>
    passes(
      `
${errors([9], ', arrives_after: 5m')}
checks:
  - { at: 19m, transitions: none }
  - at: 21m
    exactly: true
    transitions:
      - { at: 10m, from: inactive, to: firing, reason: late_documents, values: { count: 5 } }
      - { at: 11m, from: firing, to: inactive, reason: recovered }
    notifications: [{ at: 20m, reason: first, rendered: late documents }]
  - { at: 1h, exactly: true, transitions: none, notifications: [{ reason: resolved }] }`,
      `${RULE}revisit: 10m\n`,
    ));
});
