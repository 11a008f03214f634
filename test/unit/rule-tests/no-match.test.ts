import { describe, expect, test } from 'vitest';
import { ruleTestsText } from '../../../src/reports/rule-tests-text.ts';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

const LOOK = { color: false, columns: 120 };

async function tested(query: string, document: string, parts: { readonly check?: string } = {}) {
  const rule = `
name: errors
type: frequency
index: logs-*
query: ${JSON.stringify(query)}
condition: count >= 5
every: 1m
window: 5m
delay: 0s
`;
  const { check = 'at: 1m, alerts: [{ status: firing }]' } = parts;
  const text = `tests:
  - name: a
    documents: [{ at: 0s, repeat: 5, every: 1s, index: logs-app, document: ${document} }]
    checks:
      - { ${check} }
`;
  const load = async () => compileRules([{ file: 'rules/errors.yaml', text: rule }]);
  const report = await runRuleTests([{ file: 'rules/errors.test.yaml', text }], { load });
  return { notes: report.files.flatMap((file) => file.tests.flatMap(({ notes }) => notes)), text: ruleTestsText(report, LOOK) };
}

describe('a failed test of which no document matches the query', () => {
  test.each([
    [
      'a value that differs',
      'event.outcome:"failure" and service.name:"stub"',
      '{ event.outcome: failur, service: { name: stub } }',
      'errors: none of the test’s documents matches its query: event.outcome differs: the documents contain failur',
    ],
    [
      'a field that no document has, with the nearest',
      'event.outcome:"failure"',
      '{ event.outcom: failure }',
      'errors: none of the test’s documents matches its query: no document has the field event.outcome; did you mean event.outcom?',
    ],
    [
      'a number out of range',
      'http.response.status_code >= 500',
      '{ http.response.status_code: 404 }',
      'errors: none of the test’s documents matches its query: http.response.status_code differs: the documents contain 404',
    ],
    [
      'what is excluded',
      'not service.name:"stub"',
      '{ service.name: stub }',
      'errors: none of the test’s documents matches its query: service.name differs: the documents contain stub',
    ],
  ])('says so, and that it is %s', async (_what, query, document, note) => {
    const { notes, text } = await tested(query, document);
    expect(notes).toEqual([note]);
    expect(text.replace(/\s+/g, ' ')).toContain(note);
  });

  test('says nothing of the kind where documents match, or where the test passes', async () => {
    expect((await tested('a: 1', '{ a: 1 }', { check: 'at: 1m, alerts: none' })).notes).toEqual([]);
    expect((await tested('a: 2', '{ a: 1 }', { check: 'at: 1m, alerts: none' })).notes).toEqual([]);
  });
});

test('dates among the values are printed as dates', async () => {
  const rule = `
name: backup
type: threshold
index: logs-*
metrics: { last_ok: { max: event.end }, size: { max: size } }
condition: last_ok > 0
every: 1m
window: 5m
delay: 0s
`;
  const text = `tests:
  - name: a
    start: 2026-01-01T00:00:00Z
    documents: [{ at: 0s, index: logs-app, document: { event.end: "2026-01-01T00:00:05Z", size: 1500000000000 } }]
    checks: [{ at: 1m, alerts: [{ status: inactive }] }]
`;
  const load = async () => compileRules([{ file: 'rules/backup.yaml', text: rule }]);
  const printed = ruleTestsText(await runRuleTests([{ file: 'rules/backup.test.yaml', text }], { load }), LOOK);
  expect(printed).toContain('last_ok: 2026-01-01T00:00:05.000Z,');
  expect(printed).toMatch(/last_ok 2026-01-01T00:00:05\.000Z, size 1500000000000/);
});
