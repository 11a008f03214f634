import { access } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { RuleId } from '../../core/ids.ts';
import type { Problem } from '../../core/problems.ts';
import type { ReportedRule } from '../../reports/pr/pr-report.ts';
import type { RuleChange } from '../../revisions/rule-changes.ts';
import { DEFAULT_LIMITS } from '../../rule-tests/budget.ts';
import { findTestFiles } from '../../rule-tests/find-test-files.ts';
import type { RuleTestFileResult, RuleTestReport } from '../../rule-tests/report.ts';
import { runRuleTests } from '../../rule-tests/run-rule-tests.ts';
import { loadRulesWithin } from '../../rules/load-rules.ts';
import { destinationsOf } from '../../service/destinations.ts';
import type { CommandLine } from '../command-line.ts';
import type { OpenedRevision } from '../open-revision.ts';

/** What the tests beside changed rules gave, and for each rule the tests of its file. */
export interface TestedChange {
  readonly report: RuleTestReport;
  readonly byRule: ReadonlyMap<RuleId, NonNullable<ReportedRule['tests']>>;
}

/** Runs the tests that lie beside changed rules, as they are in the working tree. */
export async function testChanged(
  changes: readonly RuleChange[],
  { config }: OpenedRevision,
  { folder, clock, signal }: CommandLine,
): Promise<TestedChange> {
  const fileOf = ({ after, kind, before }: RuleChange) => after?.file ?? (kind === 'broken' ? before?.file : undefined);
  const files = new Map<string, string>();
  for (const file of new Set(changes.flatMap((change) => fileOf(change) ?? []))) {
    const test = join(folder, file.replace(/(\.ya?ml)$/i, '.test$1'));
    if (await exists(test)) files.set(file, test);
  }
  const found = await findTestFiles([...files.values()]);
  const report = await runRuleTests(found.files, {
    within: found.folders,
    limits: DEFAULT_LIMITS,
    clock,
    signal,
    ...(config.ok && {
      delivery: {
        routing: config.value.routing,
        destination: destinationsOf(config.value),
        meta: config.value.meta,
        kibana: config.value.kibana,
        traceLogs: config.value.traceLogs,
      },
      load: (paths: readonly string[], within: readonly string[]) =>
        loadRulesWithin(paths, within, { receivers: Object.keys(config.value.routing.destinations) }),
    }),
  });
  const results = new Map(report.files.map((result) => [result.file, result]));
  const byRule = changes.flatMap((change) => {
    const result = results.get(files.get(fileOf(change) ?? '') ?? '');
    return result === undefined ? [] : [[change.id, countsOf(result)] as const];
  });
  return { report: near({ ...report, problems: [...found.problems, ...report.problems] }, folder), byRule: new Map(byRule) };
}

function countsOf({ tests, problems }: RuleTestFileResult): NonNullable<ReportedRule['tests']> {
  const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
  const unplayed = problems.some(({ severity }) => severity === 'error') ? 1 : 0;
  return { passed, failed: tests.length - passed + unplayed };
}

/** Files as they are named from the folder: a report goes to others, and absolute paths say nothing to them. */
function near(report: RuleTestReport, folder: string): RuleTestReport {
  const path = (file: string) => (isAbsolute(file) ? relative(folder, file).split(sep).join('/') : file);
  const place = <T extends { readonly file: string }>(at: T): T => ({ ...at, file: path(at.file) });
  const problem = (one: Problem): Problem => (one.at === undefined ? one : { ...one, at: place(one.at) });
  return {
    ...report,
    problems: report.problems.map(problem),
    files: report.files.map((result) => ({
      ...result,
      file: path(result.file),
      rules: result.rules.map(path),
      problems: result.problems.map(problem),
      tests: result.tests.map((test) => ({
        ...test,
        position: place(test.position),
        problems: test.problems.map(problem),
        failures: test.failures.map((failure) => ({ ...failure, position: place(failure.position) })),
      })),
    })),
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
