import type { Problem } from '../../core/problems.ts';
import { type Coverage, coverageOf } from '../../rule-tests/coverage.ts';
import type { RuleTestReport } from '../../rule-tests/report.ts';
import { openRulesOf } from '../open-rules.ts';

/** What tests reached, and what is wrong with that. */
interface Covered {
  readonly coverage?: Coverage;
  readonly problems: readonly Problem[];
}

/** No coverage was asked for. */
export const NOT_COVERED: Covered = { problems: [] };

const RULES_NAMED = 5;

/**
 * Adds up what tests reached of the rules of `paths`, and of those that they played. A rule that does not load is a problem: left out, it would make the
 * rest look better than it is. So is less than `least` percent.
 */
export async function coverageIn(
  { files }: RuleTestReport,
  paths: readonly string[],
  folder: string,
  least: number | undefined,
): Promise<Covered> {
  const { rules, problems } = await openRulesOf(paths, [], folder);
  const coverage = coverageOf(
    files.flatMap(({ covered = [] }) => covered),
    rules,
    least,
  );
  const known = new Set(files.flatMap((file) => file.problems.map(({ message }) => message)));
  const errors = problems.filter(({ severity, message }) => severity === 'error' && !known.has(message));
  if (least === undefined || coverage.percent >= least) return { coverage, problems: errors };
  const short = coverage.rules.filter(({ parts }) => parts.some(({ tests }) => tests === 0)).map(({ rule }) => rule);
  const names = `${short.slice(0, RULES_NAMED).join(', ')}${short.length > RULES_NAMED ? ', …' : ''}`;
  const message = `coverage is ${coverage.percent} %, below the required ${least} %`;
  const hint = `\`tocsin test --coverage\` shows what is not reached of ${names}`;
  return { coverage, problems: [...errors, { code: 'rule-test/coverage', severity: 'error', message, hint }] };
}
