import { Command, Option } from 'commander';
import { TocsinError } from '../core/errors.ts';
import { type Duration, timeLimit } from '../core/time.ts';
import { printJson } from '../reports/json.ts';
import { ruleTestsJunit } from '../reports/rule-tests-junit.ts';
import { ruleTestsText } from '../reports/rule-tests-text.ts';
import { counted } from '../reports/wording.ts';
import type { LinearRegex } from '../routing/regex.ts';
import { type BudgetLimits, DEFAULT_LIMITS } from '../rule-tests/budget.ts';
import { findTestFiles } from '../rule-tests/find-test-files.ts';
import { endedEarly, isGood, type RuleTestReport } from '../rule-tests/report.ts';
import { runRuleTests } from '../rule-tests/run-rule-tests.ts';
import { orphanedSnapshots } from '../rule-tests/snapshots/snapshot-book.ts';
import { countOption, formatOption, patternArgument, percentArgument, timeLimitOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, lookOf, type Printers, print, type Result } from './command-line.ts';
import { errorText } from './error-text.ts';
import { configFile } from './open-config.ts';
import { nearPath } from './open-rules.ts';
import { coverageIn, NOT_COVERED } from './test/coverage.ts';
import { attachTestInit } from './test/init.ts';
import { openCluster, openTests } from './test/open-tests.ts';
import { watchTests } from './test/watch.ts';

type Format = 'text' | 'json' | 'junit';

interface TestOptions extends GlobalOptions {
  readonly timeLimit?: Duration;
  readonly maxDocuments?: number;
  readonly maxChecks?: number;
  readonly elasticsearch?: string;
  readonly filter?: string;
  readonly name?: LinearRegex;
  readonly watch?: boolean;
  readonly coverage?: boolean;
  readonly coverageMin?: number;
  readonly update?: boolean;
  readonly ci?: boolean;
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
    .addOption(
      new Option('--name <pattern>', 'only tests whose name or rule matches: an RE2 expression').argParser(patternArgument),
    )
    .option('--watch', 'run tests again when files change, until Ctrl-C')
    .option('--coverage', "show which parts of each rule's life the tests reach, and rules without a test")
    .addOption(new Option('--coverage-min <percent>', 'fail below this coverage; implies --coverage').argParser(percentArgument))
    .option('--update', 'update the snapshots of messages, and remove obsolete ones')
    .option('--ci', 'fail on missing snapshots instead of writing them (default if CI is set)')
    .addOption(timeLimitOption(DEFAULT_LIMITS.time))
    .addOption(countOption('--max-documents <count>', 'documents of all tests together', DEFAULT_LIMITS.documents))
    .addOption(countOption('--max-checks <count>', 'checks of all tests together', DEFAULT_LIMITS.checks))
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<TestOptions>();
      if (options.watch === true) return watch(paths, line, options);
      const result = await test(paths, line, options);
      print(result.data, options.format, PRINTERS, line, options);
      settle(result.exitCode);
    });
  command.addCommand(attachTestInit(line, settle));
  return withExamples(command, [
    ['Write a first test for a rule from documents in the cluster', 'tocsin test init rules/stub-5xx.yaml --from now-1d'],
    ['Run all tests in this folder', 'tocsin test'],
    ['Run the tests of one rule', 'tocsin test rules/stub-5xx.yaml'],
    ['Run tests by name while you edit', "tocsin test --name '5xx|resolves' --watch"],
    ['Find rules that need more tests, and fail below lint.coverage in tocsin.yaml', 'tocsin test --coverage'],
    ['Accept the current messages as snapshots', 'tocsin test --update'],
    ['Run the tests on a real cluster', 'tocsin test --elasticsearch http://localhost:9200'],
    ['Continuous integration', 'tocsin test --ci --coverage-min 80 --format junit > rule-tests.xml'],
  ]);
};

/** Runs them again and again; what goes wrong with one run, such as a tocsin.yaml that is half written, is shown, and waits for the next. */
async function watch(paths: readonly string[], line: CommandLine, options: TestOptions): Promise<void> {
  if (options.format !== 'text')
    throw new TocsinError('cli/watch', `--watch shows text, not ${options.format}`, { hint: 'leave out --watch, or --format' });
  const { wanted } = await openTests(paths, line, options);
  await watchTests({
    line,
    color: options.color,
    paths: wanted.map((path) => nearPath(path, line.folder)),
    config: await configFile(line, options),
    run: async (only, signal) => {
      try {
        const { data } = await test(paths, { ...line, signal }, options, only);
        return ruleTestsText(data, lookOf(line.stdout, line.env, options.color));
      } catch (thrown) {
        return errorText(thrown, line);
      } finally {
        line.limitTime?.(undefined);
      }
    },
  });
}

/**
 * Runs rule tests, or only those of some files. Exit code 1: one failed, could not run, or there was none, or the coverage is too low; 2: the run
 * was ended by its budget, or by a signal.
 */
export async function test(
  paths: readonly string[],
  line: CommandLine,
  options: Omit<TestOptions, 'format'>,
  only?: ReadonlySet<string>,
): Promise<Result<RuleTestReport>> {
  const { config, configured: delivery, wanted } = await openTests(paths, line, options);
  const limits = { ...DEFAULT_LIMITS, ...limitsOf(options) };
  line.limitTime?.(limits.time);
  const found = await findTestFiles(wanted.map((path) => nearPath(path, line.folder)));
  const cluster =
    options.elasticsearch === undefined ? undefined : await openCluster(options.elasticsearch, config, line, options);
  try {
    const files = found.files.filter(({ file }) => only?.has(file) ?? true);
    const coverage = options.coverage === true || options.coverageMin !== undefined;
    const report = await runRuleTests(files, {
      ...(options.filter === undefined ? {} : { filter: options.filter }),
      ...(options.name === undefined ? {} : { name: options.name }),
      coverage,
      snapshots: options.update === true ? 'update' : isCi(options, line) ? 'nothing' : 'missing',
      ...delivery,
      ...(cluster === undefined ? {} : { open: cluster.open, deadline: timeLimit }),
      within: found.folders,
      limits,
      clock: line.clock,
      signal: line.signal,
    });
    const isPart = only !== undefined || options.filter !== undefined || options.name !== undefined;
    // What a part of the tests reaches says nothing of what all of them do.
    const policy = isPart ? undefined : config?.lint.coverage;
    const min = options.coverageMin ?? policy?.min;
    const asked = { require: policy?.require ?? [], ...(min !== undefined && { min }) };
    const covered = coverage ? await coverageIn(report, isPart ? [] : wanted, line.folder, asked) : NOT_COVERED;
    const orphans = await orphanedSnapshots(files.map(({ file }) => file));
    const data: RuleTestReport = {
      ...report,
      problems: [
        ...found.problems,
        ...report.problems,
        ...noneFound(report, found.problems.length, wanted, options),
        ...covered.problems,
      ],
      ...(orphans.length === 0 ? {} : { orphans }),
      ...(covered.coverage === undefined ? {} : { coverage: covered.coverage }),
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

/** As programs that run tests have it: any value but an empty one, 0 and false. */
function isCi({ ci }: Pick<TestOptions, 'ci'>, { env }: CommandLine): boolean {
  return ci === true || !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}

function noneFound(
  { files, skipped }: RuleTestReport,
  problems: number,
  paths: readonly string[],
  { name }: Pick<TestOptions, 'name'>,
): RuleTestReport['problems'] {
  if (files.length > 0 || problems > 0) return [];
  const what = name === undefined ? 'no test matches the filter' : 'no test or rule matches --name';
  const message = skipped > 0 ? `${what} (${counted(skipped, 'test')} skipped)` : `no rule tests in ${paths.join(', ')}`;
  const part =
    name === undefined
      ? 'use a part of the name, or of FILE > NAME'
      : 'use an expression for a part of a name, such as 5xx|resolves';
  const hint = skipped > 0 ? part : 'create NAME.test.yaml next to NAME.yaml, or run `tocsin test init RULE`';
  return [{ code: 'rule-test/none', severity: 'error', message, hint }];
}
