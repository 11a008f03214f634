import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const RULE = `
name: role
type: change
index: audit-*
group_by: [user.name]
field: role
every: 1m
window: 5m
delay: 0s
send_resolved: false
`;

const TEST = `
index: audit-app
tests:
  - name: each change is an episode
    documents:
      - { at: 30s, document: { user.name: eve, role: viewer } }
      - { at: 90s, document: { user.name: eve, role: writer } }
      - { at: 150s, document: { user.name: eve, role: admin } }
    checks:
      - at: 10m
        exactly: true
        transitions:
          - { at: 2m, to: firing, values: { previous: viewer, current: writer } }
          - { at: 3m, to: inactive, reason: again }
          - { at: 3m, to: firing, reason: breach, values: { previous: writer, current: admin } }
          - { at: 4m, to: inactive, reason: recovered }
        notifications:
          - { at: 2m, reason: first }
          - { at: 3m, reason: first }
`;

test('a rule test sees each change of a value that changes in consecutive evaluations', async () => {
  const load = async () => compileRules([{ file: 'rules/role.yaml', text: RULE }]);
  const report = await runRuleTests([{ file: join('rules', 'role.test.yaml'), text: TEST }], { load });
  expect(report.passed, ruleTestsText(report, { color: false, columns: 300 })).toBe(1);
});
