import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { defaultConfig } from '../config/load.ts';
import { TocsinError } from '../core/errors.ts';
import { formatProblem } from '../core/problems.ts';
import { type Duration, timeLimit } from '../core/time.ts';
import { printJson } from '../reports/json.ts';
import { ruleTestsJunit } from '../reports/rule-tests-junit.ts';
import { ruleTestsText } from '../reports/rule-tests-text.ts';
import { type BudgetLimits, DEFAULT_LIMITS } from '../rule-tests/budget.ts';
import { findTestFiles } from '../rule-tests/find-test-files.ts';
import { endedEarly, isGood, type RuleTestReport } from '../rule-tests/report.ts';
import { type RuleTestOptions, runRuleTests } from '../rule-tests/run-rule-tests.ts';
import { loadRulesWithin } from '../rules/load-rules.ts';
import { destinationsOf } from '../service/destinations.ts';
import { countOption, formatOption, timeLimitOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, type Printers, print, type Result } from './command-line.ts';
import { configFile, openConfig } from './open-config.ts';
import { nearPath } from './open-rules.ts';

type Format = 'text' | 'json' | 'junit';

interface TestOptions extends GlobalOptions {
  readonly timeLimit?: Duration;
  readonly maxDocuments?: number;
  readonly maxChecks?: number;
  readonly elasticsearch?: string;
  readonly filter?: string;
  readonly format: Format;
}

const PRINTERS: Printers<RuleTestReport, Format> = { text: ruleTestsText, json: printJson, junit: ruleTestsJunit };

/** `tocsin test`: the rule tests beside the rules. */
export const attachTest: Attach = (line, settle) => {
  const command = new Command('test')
    .description(
      'Run rule tests (NAME.test.yaml next to the rules): index documents, advance a virtual clock, and check alerts and notifications. Sends nothing.',
    )
    .argument('[paths...]', 'test files, rule files or folders (default: the rules of tocsin.yaml, else rules/)')
    .option('--elasticsearch <url>', 'run the tests on this cluster, in temporary indices')
    .option('--filter <text>', 'only tests whose name, or FILE > NAME, contains this text')
    .addOption(timeLimitOption(DEFAULT_LIMITS.time))
    .addOption(countOption('--max-documents <count>', 'documents of all tests together', DEFAULT_LIMITS.documents))
    .addOption(countOption('--max-checks <count>', 'checks of all tests together', DEFAULT_LIMITS.checks))
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<TestOptions>();
      const result = await test(paths, line, options);
      print(result.data, options.format, PRINTERS, line, options);
      settle(result.exitCode);
    });
  return withExamples(command, [
    ['Run all tests in this folder', 'tocsin test'],
    ['Run the tests of one rule', 'tocsin test rules/stub-5xx.yaml'],
    ['Run the tests on a real cluster', 'tocsin test --elasticsearch http://localhost:9200'],
    ['Write a JUnit report', 'tocsin test --format junit > rule-tests.xml'],
  ]);
};

/** Runs rule tests. Exit code 1: one failed, could not run, or there was none; 2: the run was ended by its budget, or by a signal. */
export async function test(
  paths: readonly string[],
  line: CommandLine,
  options: Omit<TestOptions, 'format'>,
): Promise<Result<RuleTestReport>> {
  const config = (await configFile(line, options)) === undefined ? undefined : await openConfig(line, options, 'none');
  const wanted = paths.length > 0 ? paths : (config ?? (await plainConfig({}))).rules;
  const limits = { ...DEFAULT_LIMITS, ...limitsOf(options) };
  line.limitTime?.(limits.time);
  const found = await findTestFiles(wanted.map((path) => nearPath(path, line.folder)));
  const cluster =
    options.elasticsearch === undefined ? undefined : await openCluster(options.elasticsearch, config, line, options);
  try {
    const report = await runRuleTests(found.files, {
      ...(options.filter === undefined ? {} : { filter: options.filter }),
      ...(config === undefined ? {} : configured(config)),
      ...(cluster === undefined ? {} : { open: cluster.open, deadline: timeLimit }),
      within: found.folders,
      limits,
      clock: line.clock,
      signal: line.signal,
    });
    const data = {
      ...report,
      problems: [...found.problems, ...report.problems, ...noneFound(report, found.problems.length, wanted)],
    };
    return { data, exitCode: endedEarly(data) ? 2 : isGood(data) ? 0 : 1 };
  } finally {
    await cluster?.close();
  }
}

function limitsOf({ timeLimit, maxDocuments, maxChecks }: Omit<TestOptions, 'format'>): Partial<BudgetLimits> {
  return {
    ...(timeLimit === undefined ? {} : { time: timeLimit }),
    ...(maxDocuments === undefined ? {} : { documents: maxDocuments }),
    ...(maxChecks === undefined ? {} : { checks: maxChecks }),
  };
}

function noneFound({ files, skipped }: RuleTestReport, problems: number, paths: readonly string[]): RuleTestReport['problems'] {
  if (files.length > 0 || problems > 0) return [];
  const message = skipped > 0 ? `no test matches the filter (${skipped} tests skipped)` : `no rule tests in ${paths.join(', ')}`;
  const hint = skipped > 0 ? 'use a part of the name, or of FILE > NAME' : 'create NAME.test.yaml next to NAME.yaml';
  return [{ code: 'rule-test/none', severity: 'error', message, hint }];
}

/** With a tocsin.yaml, tests are notified as `run` would notify, and rules may name its receivers only. */
function configured(config: Config): Pick<RuleTestOptions, 'delivery' | 'load'> {
  return {
    delivery: {
      routing: config.routing,
      destination: destinationsOf(config),
      meta: config.meta,
      kibana: config.kibana,
      traceLogs: config.traceLogs,
    },
    load: (paths, within) => loadRulesWithin(paths, within, { receivers: Object.keys(config.routing.destinations) }),
  };
}

/** The cluster that was named; credentials of tocsin.yaml go to the clusters of tocsin.yaml alone. */
async function openCluster(url: string, config: Config | undefined, line: CommandLine, options: GlobalOptions) {
  const isKnown = config?.elasticsearch.urls.includes(url) === true;
  const known = isKnown ? (await openConfig(line, options, 'elasticsearch')).elasticsearch : undefined;
  const key = line.env['ELASTICSEARCH_API_KEY'];
  const env = { ELASTICSEARCH_URL: url, ...(key === undefined ? {} : { ELASTICSEARCH_API_KEY: key }) };
  const elasticsearch = known ?? (await plainConfig(env)).elasticsearch;
  const { clusterTests } = await import('./test-elasticsearch.ts');
  return clusterTests(elasticsearch, `tocsin-test-${randomBytes(4).toString('hex')}-`);
}

async function plainConfig(env: Readonly<Record<string, string>>): Promise<Config> {
  const checked = await defaultConfig(env);
  if (checked.ok) return checked.value;
  throw new TocsinError('cli/elasticsearch', checked.problems.map(formatProblem).join('; '), {
    hint: 'such as --elasticsearch http://localhost:9200',
  });
}
