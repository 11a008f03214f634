import { realpath } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { type LintPolicy, NO_POLICY } from '../../config/lint.ts';
import type { Problem } from '../../core/problems.ts';
import { plainFindings } from '../../lint/plain-reading.ts';
import { policyFindings } from '../../lint/policy.ts';
import { sameQuestions } from '../../lint/same-question.ts';
import { findTestFiles } from '../../rule-tests/find-test-files.ts';
import { readTestFile } from '../../rule-tests/read-test-file.ts';
import type { Rule } from '../../rules/rule.ts';

/** What the policy of the house and a look at all rules together say; `paths`: where rules and their tests are. */
export async function offlineFindings(
  rules: readonly Rule[],
  { lint = NO_POLICY }: Partial<Pick<Config, 'lint'>>,
  paths: readonly string[],
): Promise<readonly Problem[]> {
  const tested = await testsOf(rules, lint, paths);
  const single = rules.flatMap((rule) => [...plainFindings(rule), ...policyFindings(rule, lint, tested?.(rule))]);
  return [...sameQuestions(rules), ...single];
}

/** Says of each rule whether a test names its file; undefined where no policy asks. */
async function testsOf(rules: readonly Rule[], { require }: LintPolicy, paths: readonly string[]) {
  if (!require.includes('test')) return undefined;
  const files = [...new Set(rules.map(({ position }) => position.file))];
  const real = new Map(await Promise.all(files.map(async (file) => [file, await realpath(file).catch(() => file)] as const)));
  const tested = await testedFiles(paths);
  return ({ position: { file } }: Rule) => tested.has(real.get(file) ?? file);
}

/** Real paths of the rule files that rule tests below these paths, or beside these files, name. Tests that cannot be read name none. */
async function testedFiles(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const { files } = await findTestFiles(paths);
  const named = files.flatMap((source) => {
    const read = readTestFile(source);
    return read.ok ? read.value.rules : [];
  });
  const real = await Promise.all([...new Set(named)].map((path) => realpath(path).catch(() => undefined)));
  return new Set(real.filter((path) => path !== undefined));
}
