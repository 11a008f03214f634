import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { configuredNames } from '../../config/names.ts';
import type { RuleId } from '../../core/ids.ts';
import type { Problem } from '../../core/problems.ts';
import { isThere } from '../../files/open-file.ts';
import type { ReportedRule } from '../../reports/pr/pr-report.ts';
import type { RuleChange } from '../../revisions/rule-changes.ts';
import { DEFAULT_LIMITS } from '../../rule-tests/budget.ts';
import { type CoveredRule, coverageOf } from '../../rule-tests/coverage.ts';
import { type FoundTests, findTestFiles } from '../../rule-tests/find-test-files.ts';
import { readTestFile } from '../../rule-tests/read-test-file.ts';
import type { RuleTestFileResult, RuleTestReport } from '../../rule-tests/report.ts';
import { runRuleTests } from '../../rule-tests/run-rule-tests.ts';
import { loadRulesWithin } from '../../rules/load-rules.ts';
import { testFileBeside } from '../../rules/read-files.ts';
import type { CommandLine } from '../command-line.ts';
import type { OpenedRevision } from '../open-revision.ts';
import { missingParts } from '../test/coverage.ts';
import { configuredDelivery } from '../test/open-tests.ts';

/** What the tests of changed rules gave, and for each rule those that name its file. */
export interface TestedChange {
  readonly report: RuleTestReport;
  readonly byRule: ReadonlyMap<RuleId, NonNullable<ReportedRule['tests']>>;
}

/**
 * Runs the tests that name the files of changed rules, as they are in the working tree. What the policy requires of rules and the tests of changed
 * ones do not reach is a problem of the report.
 */
export async function testChanged(
  changes: readonly RuleChange[],
  { config, paths }: OpenedRevision,
  { folder, clock, signal }: CommandLine,
): Promise<TestedChange> {
  const fileOf = ({ after, kind, before }: RuleChange) => after?.file ?? (kind === 'broken' ? before?.file : undefined);
  const changed = new Set(changes.flatMap((change) => fileOf(change) ?? []).map((file) => join(folder, file)));
  const found = await testsOf(changed, paths);
  const report = await runRuleTests(found.files, {
    within: found.folders,
    limits: DEFAULT_LIMITS,
    coverage: true,
    clock,
    signal,
    ...(config.ok && {
      delivery: configuredDelivery(config.value),
      load: (given: readonly string[], within: readonly string[]) =>
        loadRulesWithin(given, within, configuredNames(config.value)),
    }),
  });
  const rules = changes.flatMap(({ after }) => (after === undefined ? [] : [after.rule]));
  const names = new Set(rules.map(({ name }) => name));
  const covered = coverageOf(
    report.files.flatMap((file) => file.covered ?? []),
    rules,
  ).rules.filter(({ rule }) => names.has(rule));
  const required = config.ok ? (config.value.lint.coverage?.require ?? []) : [];
  const byRule = changes.flatMap((change) => {
    const file = fileOf(change);
    const results = report.files.filter(
      ({ file: test, rules: named }) => file !== undefined && plays(test, named, join(folder, file)),
    );
    const counts = countsOf(
      results,
      covered.find(({ rule }) => rule === change.after?.rule.name),
    );
    return results.length === 0 ? [] : [[change.id, counts] as const];
  });
  const problems = [...found.problems, ...report.problems, ...missingParts(covered, required, rules)];
  return { report: near({ ...report, problems }, folder), byRule: new Map(byRule) };
}

/** Test files below the paths of rules that name one of these files; what is wrong with others is nothing of this change. */
async function testsOf(changed: ReadonlySet<string>, paths: readonly string[]): Promise<FoundTests> {
  if (changed.size === 0) return { files: [], problems: [], folders: [] };
  const folders = await Promise.all(paths.map(async (path) => ((await isFolder(path)) ? [path] : [])));
  const all = await findTestFiles(folders.flat());
  const naming = all.files.filter((source) => {
    const read = readTestFile(source);
    return read.ok && [...changed].some((file) => plays(source.file, read.value.rules, file));
  });
  const beside = await Promise.all(
    [...changed].map(async (file) => ((await isThere(testFileBeside(file))) ? [testFileBeside(file)] : [])),
  );
  const wanted = new Set([...naming.map(({ file }) => resolve(file)), ...beside.flat()]);
  const found = await findTestFiles([...wanted].sort());
  return { ...found, folders: [...new Set([...found.folders, ...all.folders])] };
}

/** Whether a test file plays a rule file: it names it, or lies beside it and cannot be read. */
function plays(test: string, named: readonly string[], file: string): boolean {
  return named.length === 0
    ? resolve(test) === resolve(testFileBeside(file))
    : named.some((path) => resolve(path) === resolve(file));
}

function countsOf(results: readonly RuleTestFileResult[], covered: CoveredRule | undefined): NonNullable<ReportedRule['tests']> {
  const tests = results.flatMap((result) => result.tests);
  const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
  const unplayed = results.filter(({ problems }) => problems.some(({ severity }) => severity === 'error')).length;
  const counts = { passed, failed: tests.length - passed + unplayed };
  if (covered === undefined) return counts;
  const missing = covered.parts.filter((part) => part.tests === 0).map(({ part }) => part);
  return { ...counts, reached: covered.parts.length - missing.length, parts: covered.parts.length, missing };
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

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
