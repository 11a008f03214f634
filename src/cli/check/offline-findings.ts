import { realpath } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { type LintPolicy, NO_POLICY } from '../../config/lint.ts';
import type { Problem } from '../../core/problems.ts';
import { plainFindings } from '../../lint/plain-reading.ts';
import { policyFindings } from '../../lint/policy.ts';
import { sameQuestions } from '../../lint/same-question.ts';
import type { Rule } from '../../rules/rule.ts';
import { testedFiles } from './tested-files.ts';

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
