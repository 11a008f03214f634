import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterTests, clusterTests } from '../../src/cli/test/elasticsearch.ts';
import { inParallel } from '../../src/core/parallel.ts';
import { systemClock, timeLimit } from '../../src/core/time.ts';
import { failureLines } from '../../src/reports/rule-tests-text.ts';
import { findTestFiles } from '../../src/rule-tests/find-test-files.ts';
import type { RuleTestReport } from '../../src/rule-tests/report.ts';
import { runRuleTests } from '../../src/rule-tests/run-rule-tests.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';
import { tried } from '../support/thorough.ts';

const prefix = uniquePrefix();
const rules = join(import.meta.dirname, '..', '..', 'rules');
let cluster: ClusterTests;

beforeAll(() => {
  cluster = clusterTests(testConfig(elasticsearchUrl()), prefix);
});

afterAll(async () => {
  await cluster.close();
  await es(elasticsearchUrl()).removeIndices(prefix);
});

function run(files: Awaited<ReturnType<typeof findTestFiles>>['files']): Promise<RuleTestReport> {
  return runRuleTests(files, { open: cluster.open, deadline: timeLimit, clock: systemClock });
}

function stories(report: RuleTestReport): readonly string[] {
  const look = { color: false, columns: 160 };
  return report.files.flatMap((file) =>
    file.tests.flatMap((one) => (one.outcome === 'passed' ? [] : [one.name, ...failureLines(one, look)])),
  );
}

describe('rule tests on Elasticsearch', () => {
  test('the example rules pass the same tests as in memory', async () => {
    const { files } = await findTestFiles([rules]);
    // The cluster makes and removes indices of its own for each test: files wait for it side by side.
    const reports = await inParallel(tried(files), 4, (file) => run([file]));
    expect(reports.flatMap(stories)).toEqual([]);
    expect(reports.reduce((sum, { passed }) => sum + passed, 0)).toBeGreaterThan(30);
    // Some hundred tests with indices of their own: seconds where nothing else runs, minutes where much does.
  }, 1_800_000);

  test('the indices of the tests are gone afterwards', async () => {
    const left = await es(elasticsearchUrl()).json('GET', `/_cat/indices/${prefix}*?format=json`);
    expect(left).toEqual([]);
  });

  test('a document that the mapping refuses breaks its test, and its indices are gone', async () => {
    const text = `
rules: ${join(rules, 'stub', 'stub-5xx.yaml')}
tests:
  - name: a bad document
    mapping: { properties: { http.response.status_code: { type: long } } }
    documents: [{ index: traces-apm-default, document: { http.response.status_code: many } }]
    checks: [{ at: 1m, alerts: none }]
`;
    const report = await run([{ file: join(rules, 'bad.test.yaml'), text }]);
    const [result] = report.files[0]?.tests ?? [];
    expect(result?.outcome).toBe('broken');
    expect(result?.problems[0]?.message).toContain('http.response.status_code');
    expect(await es(elasticsearchUrl()).json('GET', `/_cat/indices/${prefix}*?format=json`)).toEqual([]);
  });
});
