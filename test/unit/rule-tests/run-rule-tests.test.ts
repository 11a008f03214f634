import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import type { RuleTestReport } from '../../../src/rule-tests/report.ts';
import { isGood } from '../../../src/rule-tests/report.ts';
import { type RuleTestOptions, runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const RULE = `
name: errors
type: frequency
index: logs-*
group_by: [service.name]
condition: count >= 5
every: 1m
window: 5m
delay: 0s
labels: { severity: critical, team: todo }
message: { title: "{{ group['service.name'] }} fails", text: "{{ count }} errors" }
`;
const ERRORS = "documents: [{ at: 0s, repeat: 5, every: 1s, index: logs-app, document: { service.name: stub, message: 'no' } }]";

function run(test: string, options: RuleTestOptions & { readonly rule?: string } = {}): Promise<RuleTestReport> {
  const { rule = RULE, ...rest } = options;
  const load = async () => compileRules([{ file: 'rules/errors.yaml', text: rule }]);
  return runRuleTests(
    [{ file: join('rules', 'errors.test.yaml'), text: `tests:\n  - name: a\n    ${test.replaceAll('\n', '\n    ')}\n` }],
    { load, ...rest },
  );
}

async function failures(test: string, options: RuleTestOptions & { readonly rule?: string } = {}): Promise<readonly string[]> {
  const report = await run(test, options);
  return report.files.flatMap((file) => [
    ...file.problems.map(({ message }) => message),
    ...file.tests.flatMap((one) => [...one.problems, ...one.failures].map(({ message }) => message)),
  ]);
}

async function differences(test: string): Promise<readonly string[]> {
  const report = await run(test);
  const found = report.files.flatMap((file) =>
    file.tests.flatMap((one) => one.failures.flatMap((failure) => failure.differences)),
  );
  return found.map(({ key, expected, got }) => `${key}: ${expected}, not ${got}`);
}

const checks = (...lines: readonly string[]) => `${ERRORS}\nchecks:\n${lines.map((line) => `  - { ${line} }`).join('\n')}`;

describe('a check passes', () => {
  test.each([
    ['by part of an alert', 'at: 1m, alerts: [{ status: firing }]'],
    [
      'by all of an alert',
      "at: 1m, exactly: true, alerts: [{ rule: errors, group: { service.name: stub }, status: firing, severity: critical, since: 1m, labels: { team: todo, service.name: /^st/ }, values: { count: '>= 5' } }]",
    ],
    ['by an alert that is not there', 'at: 1m, alerts: [{ not: { group: { service.name: other } } }]'],
    ['by a group of which nothing is known', 'at: 1m, alerts: [{ group: { service.name: other }, status: inactive }]'],
    ['by no alert', 'at: 0s, alerts: none'],
    [
      'by a notification',
      'at: 1m, notifications: [{ receiver: default, channel: console, at: 1m, reason: first, status: firing, severity: critical, rule: errors, group: { service.name: stub }, firing: 1, resolved: 0, title: stub fails, text: { is: 5 errors }, rendered: [stub, 5 errors] }]',
    ],
    ['by a notification that was not sent', 'at: 1m, notifications: [{ not: { receiver: other } }]'],
    [
      'by a transition',
      'at: 1m, exactly: true, transitions: [{ at: 1m, from: inactive, to: firing, reason: breach, severity: critical, values: { count: 5 } }]',
    ],
    ['by no complaint of health', 'at: 1m, health: none'],
  ])('%s', async (_how, line) => {
    expect(await failures(checks(line))).toEqual([]);
  });

  test('by what happened since the check before, only', async () => {
    expect(
      await failures(
        checks(
          'at: 1m, notifications: [{ reason: first }]',
          'at: 3m, notifications: none, transitions: none',
          'at: 7m, notifications: [{ reason: resolved }]',
        ),
      ),
    ).toEqual([]);
  });

  test('in the same moment as a turn, after it', async () => {
    expect(
      await failures(checks('at: 59s, alerts: none', 'at: 1m, alerts: [{ status: firing }]', 'at: 1m, notifications: none')),
    ).toEqual([]);
  });
});

describe('a check fails', () => {
  test.each([
    ['without the alert', 'at: 0s, alerts: [{ status: firing }]', 'no alert'],
    ['with another alert', 'at: 1m, alerts: [{ status: pending }]', 'no alert is as expected'],
    ['with an alert where there should be none', 'at: 1m, alerts: none', 'unexpected alert'],
    [
      'with an alert where one should be inactive',
      'at: 1m, alerts: [{ group: { service.name: stub }, status: inactive }]',
      'no alert is as expected',
    ],
    ['with one that may not be', 'at: 1m, alerts: [{ not: { status: firing } }]', 'an alert where none is allowed'],
    [
      'with an alert for two expectations',
      'at: 1m, alerts: [{ status: firing }, { group: { service.name: stub } }]',
      'no alert is as expected',
    ],
    ['with a notification nobody expects', 'at: 1m, exactly: true, notifications: []', 'unexpected notification'],
    [
      'with a notification that may not be',
      'at: 1m, notifications: [{ not: { title: fails } }]',
      'a notification where none is allowed',
    ],
    ['with a group that the rule does not have', 'at: 1m, alerts: [{ group: { host.name: stub } }]', 'no alert is as expected'],
  ])('%s', async (_how, line, message) => {
    expect(await failures(checks(line))).toEqual([message.replace('a alert', 'an alert')]);
  });

  test('and says how what was there differs', async () => {
    const line =
      'at: 1m, alerts: [{ group: { service.name: stub }, status: pending, severity: warning, since: 2m, values: { count: 4, ratio: 1 }, labels: { team: shop } }]';
    expect(await differences(checks(line))).toEqual([
      'status: pending, not firing',
      'severity: warning, not critical',
      'since: +2m, not +1m',
      'labels.team: contains "shop", not "todo"',
      'values.count: 4, not 5',
      'values.ratio: 1, not nothing measured',
    ]);
  });

  test('with the story that led there', async () => {
    const report = await run(checks('at: 2m, alerts: none'));
    const story = report.files[0]?.tests[0]?.timeline.map(
      (event) => `${event.kind} ${event.at - Date.parse('2026-01-01T00:00:00Z')}`,
    );
    expect(story).toEqual(['documents 0', 'window 60000', 'transition 60000', 'notification 60000', 'window 120000']);
  });
});

describe('a test', () => {
  test('of a rule that does not load shows what is wrong with the rule, and is not played', async () => {
    const report = await run(checks('at: 1m, alerts: none'), { rule: RULE.replace('count >=', 'cuont >=') });
    expect(report.files[0]).toMatchObject({ tests: [], problems: [{ at: { file: 'rules/errors.yaml' } }] });
    expect(isGood(report)).toBe(false);
  });

  test('in which a window could not be evaluated is no quiet test', async () => {
    const rule = RULE.replace('index: logs-*', 'index: metrics-*');
    expect(await failures(checks('at: 1m, alerts: none'), { rule })).toEqual([
      'a window of errors could not be evaluated, first at +1m',
    ]);
    expect(await failures(checks('at: 1m, alerts: none, health: none'), { rule })).toEqual([]);
  });

  test('of a rule that only a cluster can answer could not run, and says why and what to do once', async () => {
    const rule =
      'name: rows\ntype: esql\nindex: logs-*\nesql: "| STATS count = COUNT(*)"\nvariables: { count: number }\ncondition: count >= 5';
    const load = async () => compileRules([{ file: 'rules/rows.yaml', text: rule }]);
    const test = (name: string) =>
      `  - name: ${name}\n    ${checks('at: 9m, alerts: [{ status: firing }], notifications: [{ reason: first }]').replaceAll('\n', '\n    ')}`;
    const text = `tests:\n${test('a')}\n${test('b')}\n`;
    const report = await runRuleTests([{ file: 'rules/rows.test.yaml', text }], { load });
    expect([report.passed, report.failed, report.broken]).toEqual([0, 0, 2]);
    for (const one of report.files[0]?.tests ?? [])
      expect(one).toMatchObject({ outcome: 'broken', failures: [], timeline: [], problems: [{ code: 'rule-test/unsupported' }] });
    const lines = ruleTestsText(report, { color: false, columns: 120 }).split('\n');
    expect(lines.filter((line) => /unsupported|does not support/.test(line))).toEqual([
      expect.stringMatching(/rows: the embedded backend does not support ES\|QL \(.*test --elasticsearch URL/),
    ]);
    expect(lines.filter((line) => line.includes('✗'))).toEqual([expect.stringMatching(/✗ a \d+ ms/), '  ✗ b as above']);
  });

  test('may look at what Tocsin itself complains of', async () => {
    const rule = RULE.replace('index: logs-*', 'index: metrics-*');
    const line =
      'at: 5m, health: [{ rule: tocsin-health, group: { kind: rule, subject: errors }, status: firing }], notifications: [{ title: Tocsin }]';
    expect(await failures(checks(line), { rule })).toEqual([]);
  });

  test('fails with a complaint that it does not speak of', async () => {
    const text =
      'documents: [{ at: 0s, repeat: 9, every: 20s, index: logs-app, document: { a: 1 } }]\nchecks: [{ at: 5m, alerts: none }]';
    expect(await failures(text)).toEqual(['unexpected health alert about the rule errors']);
  });

  test('routes by its own tree, and waits with it', async () => {
    const route =
      'route: { receiver: all, group_wait: 30s, routes: [{ receiver: pager, matchers: [severity="critical"], continue: true }, { receiver: todo, matchers: [team=todo] }] }';
    const line = 'at: 2m, exactly: true, notifications: [{ receiver: pager, at: 1m30s }, { receiver: todo, at: 1m30s }]';
    expect(await failures(`${route}\n${checks(line)}`)).toEqual([]);
  });

  test('tells the receivers of a rule', async () => {
    expect(
      await failures(checks('at: 1m, exactly: true, notifications: [{ receiver: mine }]'), { rule: `${RULE}receivers: [mine]` }),
    ).toEqual([]);
  });

  test('silences', async () => {
    const silences = 'silences: [{ matchers: [team="todo"], until: 3m }]';
    expect(
      await failures(
        `${silences}\n${checks('at: 2m, alerts: [{ status: firing }], notifications: none', 'at: 4m, notifications: [{ reason: first }]')}`,
      ),
    ).toEqual([]);
  });

  test('sees late documents when they arrive', async () => {
    const late = ERRORS.replace('at: 0s', 'at: 0s, arrives_after: 2m');
    expect(
      await failures(
        `${late}\nchecks:\n  - { at: 2m, alerts: [{ status: inactive, values: { count: 1 } }] }\n  - { at: 3m, alerts: [{ status: firing }] }`,
      ),
    ).toEqual([]);
  });

  test('reads documents of a file, moved to its time', async () => {
    const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'rule-tests');
    const file = join(folder, 'errors.ndjson');
    const text = `documents: [{ file: ${file}, at: 10s }]\nchecks: [{ at: 1m, alerts: [{ status: firing, values: { count: 5 } }] }]`;
    expect(await failures(text, { within: [folder] })).toEqual([]);
    expect((await failures(text))[0]).toContain('the link points outside its folder');
    expect((await failures('documents: [{ file: gone.ndjson }]\nchecks: [{ at: 1m, alerts: none }]'))[0]).toContain(
      'gone.ndjson cannot be read',
    );
  });

  test('takes the types of fields from its mapping', async () => {
    const text = (mapping: string) =>
      `${mapping}\ndocuments: [{ at: 0s, repeat: 5, every: 1s, index: logs-app, document: { service.name: Stub, code: '500' } }]\nchecks: [{ at: 1m, alerts: [{ status: firing }] }]`;
    const rule = RULE.replace('index:', "query: 'code >= 60'\nindex:");
    expect(await failures(text('mapping: { properties: { code: { type: long } } }'), { rule })).toEqual([]);
    expect(await failures(text(''), { rule })).toEqual(['no alert']);
  });

  test('that a filter leaves out is counted, not run', async () => {
    expect(await run(checks('at: 1m, alerts: none'), { filter: 'other' })).toMatchObject({ files: [], skipped: 1 });
    expect(await run(checks('at: 1m, alerts: none'), { filter: 'errors.test.yaml > a' })).toMatchObject({
      failed: 1,
      skipped: 0,
    });
  });

  test('for which there is no place is broken, and its place is given back', async () => {
    const broken = await run(checks('at: 1m, alerts: none'), { open: () => Promise.reject(new Error('no cluster')) });
    expect(broken).toMatchObject({
      broken: 1,
      files: [{ tests: [{ outcome: 'broken', problems: [{ message: 'no cluster' }] }] }],
    });
    let closed = 0;
    const open = async () => ({
      search: { ask: async () => [] },
      advance: () => Promise.reject(new Error('gone')),
      close: async () => void closed++,
    });
    expect(await run(checks('at: 1m, alerts: none'), { open })).toMatchObject({ broken: 1 });
    expect(closed).toBe(1);
  });

  test('leaves nothing to the next one', async () => {
    const text = `tests:\n  - name: a\n    ${ERRORS}\n    checks: [{ at: 2m, alerts: [{ status: firing }] }]\n  - { name: b, checks: [{ at: 2m, alerts: none }] }\n`;
    const load = async () => compileRules([{ file: 'rules/errors.yaml', text: RULE }]);
    expect(await runRuleTests([{ file: 'rules/errors.test.yaml', text }], { load })).toMatchObject({ passed: 2, failed: 0 });
  });
});
