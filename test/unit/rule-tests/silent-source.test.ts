import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const RULE = (more: string) => `
name: job-silent
type: flatline
index: jobs-*
group_by: [job.name]
every: 1m
window: 2m
delay: 0s
evidence: { samples: 0 }
labels: { severity: critical }
${more}
`;

/** Three jobs that report each minute for ten minutes, and then none does. */
const SILENT = `
route: { receiver: default, routes: [{ receiver: on-call, matchers: [severity=critical], group_by: [job.name] }] }
documents: [{ at: 0s, repeat: 10, every: 1m, index: jobs-app, document: {}, for_each: { job.name: [a, b, c] } }]`;

/** Fails with the whole story of why the test does not pass. */
async function passes(rule: string, checks: string): Promise<void> {
  const load = async () => {
    const set = await compileRules([{ file: 'rules/job.yaml', text: rule }]);
    expect(set.problems).toEqual([]);
    return set;
  };
  const text = `tests:\n  - name: a\n    ${`${SILENT}\nchecks:\n${checks}`.trim().replaceAll('\n', '\n    ')}\n`;
  const report = await runRuleTests([{ file: join('rules', 'job.test.yaml'), text }], { load });
  expect(report.passed, ruleTestsText(report, { color: false, columns: 300 })).toBe(1);
}

describe('a rule test of a source that falls silent', () => {
  const AT_ONCE = 'title: 3 jobs stopped reporting at once';

  test('sees one message to those on call, and each job after an hour', () =>
    passes(
      RULE(''),
      `- { at: 1h, exactly: true, notifications: [{ receiver: on-call, reason: first, severity: critical, ${AT_ONCE} }] }
- at: 1h20m
  exactly: true
  notifications:
    - { receiver: on-call, group: { job.name: a } }
    - { receiver: on-call, group: { job.name: b } }
    - { receiver: on-call, group: { job.name: c } }`,
    ));

  test('sees a job that is expected at once', () =>
    passes(
      RULE('expect: [b]'),
      `- at: 30m
  exactly: true
  notifications:
    - { at: 12m, receiver: on-call, reason: first, severity: critical, ${AT_ONCE} }
    - { at: 12m, receiver: on-call, group: { job.name: b } }`,
    ));

  test.each(['outage_hold: off', 'expect: [a, b, c]'])('sees each job by itself with %s', (key) =>
    passes(
      RULE(key),
      `- at: 30m
  exactly: true
  notifications:
    - { receiver: on-call, group: { job.name: a } }
    - { receiver: on-call, group: { job.name: b } }
    - { receiver: on-call, group: { job.name: c } }`,
    ),
  );
});
