import { type ClusterTests, clusterTests } from '../../src/cli/test/elasticsearch.ts';
import { systemClock, timeLimit } from '../../src/core/time.ts';
import { failureLines } from '../../src/reports/rule-tests-text.ts';
import { runRuleTests } from '../../src/rule-tests/run-rule-tests.ts';
import { compileRules } from '../../src/rules/load-rules.ts';
import { es } from './elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from './elasticsearch/urls.ts';
import { testConfig } from './elasticsearch-backend/config.ts';

/** Rule tests in memory and on the Elasticsearch of this run. */
export interface BothBackends {
  /** What failed of the tests of some rules, both as YAML, in words, one list a backend. */
  failures(rules: string, tests: string): Promise<{ readonly memory: readonly string[]; readonly cluster: readonly string[] }>;
  close(): Promise<void>;
}

/** Opens both. */
export function bothBackends(): BothBackends {
  const prefix = uniquePrefix();
  const cluster: ClusterTests = clusterTests(testConfig(elasticsearchUrl()), prefix);
  const look = { color: false, columns: 160 };
  const failed = async (rules: string, tests: string, open: ClusterTests['open'] | undefined): Promise<readonly string[]> => {
    const load = async () => compileRules([{ file: 'rules.yaml', text: rules }]);
    const text = `rules: [rules.yaml]\n${tests}`;
    const ports = { ...(open && { open }), load, deadline: timeLimit, clock: systemClock };
    const report = await runRuleTests([{ file: 'rules.test.yaml', text }], ports);
    const problems = report.files.flatMap((one) => one.problems.map(({ message }) => message));
    const lines = report.files.flatMap((one) =>
      one.tests.flatMap((test) =>
        test.outcome === 'passed' ? [] : [test.name, ...test.problems.map(({ message }) => message), ...failureLines(test, look)],
      ),
    );
    return [...problems, ...lines];
  };
  return {
    failures: async (rules, tests) => ({
      memory: await failed(rules, tests, undefined),
      cluster: await failed(rules, tests, cluster.open),
    }),
    close: async () => {
      await cluster.close();
      await es(elasticsearchUrl()).removeIndices(prefix);
    },
  };
}
