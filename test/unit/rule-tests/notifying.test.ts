import { join } from 'node:path';
import { expect, it } from 'vitest';
import { routeTree } from '../../../src/routing/tree.ts';
import { isGood } from '../../../src/rule-tests/report.ts';
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
mute_time_intervals: [lunch]
`;
const lunch = { name: 'lunch', parts: [{ times: [{ from: 12 * 60, to: 13 * 60 }], location: 'UTC' }] };
const routing = { root: routeTree({ receiver: 'default' }), destinations: {}, intervals: { lunch } };
const delivery = { routing, destination: () => undefined, meta: undefined, kibana: undefined };

async function run(checks: string) {
  const text = `
start: 2026-01-01T11:30:00Z
route:
  receiver: team
  repeat_interval: { first: 10m }
  escalate: [{ after: 15m, receiver: lead }]
tests:
  - name: a
    documents: [{ at: 0s, repeat: 6000, every: 1s, index: logs-app, document: { message: no } }]
    checks:
${checks}`;
  const load = async () => compileRules([{ file: 'rules/errors.yaml', text: RULE }]);
  return runRuleTests([{ file: join('rules', 'errors.test.yaml'), text }], { load, delivery });
}

it('a rule test sees reminders that grow, an escalation, and a muted time with the message after it', async () => {
  const report = await run(`
      - { at: 29m, exactly: true, notifications: [{ receiver: team, reason: first, at: 1m }, { receiver: team, reason: reminder, at: 11m }, { receiver: lead, at: 16m }, { receiver: lead, reason: reminder, at: 26m }] }
      - { at: 89m, notifications: none }
      - { at: 91m, notifications: [{ receiver: team, reason: reminder, at: 90m }] }
`);
  expect(
    report.files.flatMap(({ problems, tests }) => [...problems, ...tests.flatMap((one) => [...one.problems, ...one.failures])]),
  ).toEqual([]);
  expect(isGood(report)).toBe(true);
});

it('and fails where the muted time is expected to be loud', async () => {
  expect(isGood(await run('      - { at: 89m, notifications: [{ reason: reminder, at: 51m }] }'))).toBe(false);
});
