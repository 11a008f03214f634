import { describe, expect, test } from 'vitest';
import { ruleTestsJunit } from '../../../src/reports/rule-tests-junit.ts';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import type { RuleTestReport, RuleTestResult } from '../../../src/rule-tests/report.ts';
import type { TimelineEvent } from '../../../src/rule-tests/timeline.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const MINUTE = 60_000;
const PLAIN = { color: false, columns: 120 };
const position = { file: 'rules/a.test.yaml', line: 7, column: 9 };
const group = { 'service.name': 'stub' };

function window(minute: number, count: number, kind: 'clear' | 'breach'): TimelineEvent {
  const at = START + minute * MINUTE;
  return {
    kind: 'window',
    at,
    rule: 'a',
    tick: at,
    window: { from: at - 5 * MINUTE, to: at },
    matched: count,
    groups: [{ group, finding: { kind }, values: { count } }],
  };
}

const failed: RuleTestResult = {
  name: 'fires <soon>',
  position,
  outcome: 'failed',
  start: START,
  problems: [],
  notes: [],
  checks: 1,
  turns: 3,
  took: 12.4,
  failures: [
    {
      kind: 'missing',
      message: 'no alert is as expected',
      position,
      at: START + 4 * MINUTE,
      list: 'alerts',
      expected: ['status: firing', 'values: count: 8'],
      got: ['a {service.name: stub} pending, critical, since +3m, count: 7\u001b[31m'],
      differences: [{ key: 'status', expected: 'firing', got: 'pending' }],
    },
  ],
  timeline: [
    { kind: 'documents', at: START - MINUTE, until: START + 3 * MINUTE, count: 1200, index: 'logs-app', late: 2 * MINUTE },
    window(1, 0, 'clear'),
    window(2, 0, 'clear'),
    window(3, 7, 'breach'),
    {
      kind: 'transition',
      at: START + 3 * MINUTE,
      rule: 'a',
      group,
      from: 'inactive',
      to: 'pending',
      reason: 'breach',
      severity: 'critical',
      tick: START + 3 * MINUTE,
      values: { count: 7 },
      why: 'pending: the condition holds; fires when held for 2m',
    },
    {
      kind: 'notification',
      at: START + 4 * MINUTE,
      receiver: 'default',
      channel: 'console',
      reason: 'first',
      title: '[FIRING] a',
    },
    window(5, 7, 'breach'),
  ],
};

function report(...tests: readonly RuleTestResult[]): RuleTestReport {
  const count = (outcome: string) => tests.filter((one) => one.outcome === outcome).length;
  const files = [{ file: 'rules/a.test.yaml', rules: ['rules/a.yaml'], problems: [], tests }];
  return { files, problems: [], passed: count('passed'), failed: count('failed'), broken: count('broken'), skipped: 0, took: 20 };
}

const passed: RuleTestResult = { ...failed, name: 'stays quiet', outcome: 'passed', failures: [], timeline: [] };

describe('the report of rule tests', () => {
  test('shows what was expected, what was there, and what led there', () => {
    expect(ruleTestsText(report(passed, failed), PLAIN)).toBe(
      `rules/a.test.yaml
  ✓ stays quiet 12 ms
  ✗ fires <soon> 12 ms
      rules/a.test.yaml:7:9 at +4m, alerts: no alert is as expected
        got       a {service.name: stub} pending, critical, since +3m, count: 7�[31m
        differs  expected  got
        status   firing    pending

      timeline from 2026-01-01T00:00:00.000Z:
        -1m       1,200 documents in logs-app, the last at +3m, each 2m late
        +1m       a: window [-4m, +1m) {service.name: stub} count 0: clear (and 1 window after it)
        +3m       a: window [-2m, +3m) {service.name: stub} count 7: breach
        +3m       a {service.name: stub}: inactive => pending, critical: the condition holds; fires when held for 2m
        +4m       to default by console, first: [FIRING] a

1 passed, 1 failed in 0.02 s
`,
    );
  });

  test('is painted where colours are wanted, and nowhere else', () => {
    expect(ruleTestsText(report(failed), { color: true, columns: 120 })).toContain('\u001b[31m');
    expect(ruleTestsText(report(failed), PLAIN)).not.toContain('\u001b');
  });

  test('shows long texts below each other, and texts of several lines as a diff', () => {
    const differences = [
      { key: 'severity', expected: 'critical', got: 'warning' },
      { key: 'rendered', expected: `holds "${'a'.repeat(60)}"`, got: '"b"' },
      { key: 'text', expected: 'is "a\\nb"', got: '"a\\nc"', diff: [' a', '-b', '+c\u001b[31m'] },
    ];
    const text = ruleTestsText(
      report({ ...failed, timeline: [], failures: failed.failures.map((one) => ({ ...one, differences })) }),
      PLAIN,
    );
    expect(text).toContain(`
        differs   expected  got
        severity  critical  warning
        differs  rendered
          - holds "${'a'.repeat(60)}"
          + "b"
        differs  text
          - expected
          + got
           a
          -b
          +c�[31m
`);
  });

  test('shows a message that differs from its snapshot as a diff, and what became of snapshots', () => {
    const snapshot = { kind: 'snapshot', message: 'the message is not as in a.txt', position, at: START } as const;
    const failures = [
      { ...snapshot, expected: ['"x" as it is kept'], got: [], differences: [], diff: [' a', '-b', '+  ::error::c', '@@'] },
    ];
    const whole = report({ ...failed, timeline: [], failures });
    const changes = { file: 'a.txt', written: ['k'], updated: ['l', 'm'], obsolete: ['n > 1'], removed: false };
    const files = whole.files.map((file) => ({ ...file, snapshots: changes }));
    const text = ruleTestsText({ ...whole, files, orphans: ['b.txt'] }, PLAIN);
    expect(text).toContain('         a\n        -b\n        +  : :error::c\n        @@\n');
    expect(text).toContain('  snapshots: 1 written, 2 updated in a.txt\n');
    expect(text).toContain('obsolete snapshot in a.txt: n > 1 (`tocsin test --update` removes it)\n');
    expect(text).toContain('obsolete snapshots: b.txt: its test file no longer exists (remove it)\n');
  });

  test('leaves out the middle of a long story', () => {
    const timeline = Array.from({ length: 200 }, (_, minute) => window(minute, minute, 'clear'));
    const long = ruleTestsText(
      report({ ...failed, timeline, failures: failed.failures.map((one) => ({ ...one, at: START + 200 * MINUTE })) }),
      PLAIN,
    );
    expect(long).toContain('… 140 lines left out …');
    expect(long.split('\n').length).toBeLessThan(80);
  });

  test('names files that cannot be read, and tests that cannot run', () => {
    const problem = {
      code: 'rule-test/unknown-key',
      severity: 'error',
      message: 'unknown key "ruls"',
      hint: 'did you mean "rules"?',
      at: position,
    } as const;
    const broken: RuleTestResult = { ...passed, outcome: 'broken', problems: [problem] };
    const text = ruleTestsText(
      { ...report(broken), files: [{ file: 'b.test.yaml', rules: [], problems: [problem], tests: [broken] }] },
      PLAIN,
    );
    expect(text).toContain('  rules/a.test.yaml:7:9: unknown key "ruls" (did you mean "rules"?)');
    expect(text).toContain('0 passed, 1 could not run, 1 file with problems');
  });

  test('is JUnit for continuous integration', () => {
    const xml = ruleTestsJunit(report(passed, failed));
    expect(xml).toContain('<testsuite name="rules/a.test.yaml" tests="2" failures="1"');
    expect(xml).toContain(
      '<testcase name="fires &lt;soon&gt;" classname="rules/a.test.yaml" time="0.012"><failure message="no alert is as expected">',
    );
    expect(xml).toContain('inactive =&gt; pending');
    expect(xml).not.toContain('\u001b');
  });
});
