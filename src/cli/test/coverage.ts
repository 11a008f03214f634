import type { CoveragePolicy } from '../../config/lint.ts';
import type { Problem } from '../../core/problems.ts';
import { type Coverage, type CoveredRule, coverageOf, requiredAndMissing } from '../../rule-tests/coverage.ts';
import type { RuleTestReport } from '../../rule-tests/report.ts';
import type { Rule } from '../../rules/rule.ts';
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
 * rest look better than it is. So is less than `min` percent, and a part that the policy requires and no test of a rule reaches.
 */
export async function coverageIn(
  { files }: RuleTestReport,
  paths: readonly string[],
  folder: string,
  { require, min }: CoveragePolicy,
): Promise<Covered> {
  const { rules, problems } = await openRulesOf(paths, [], folder);
  const coverage = coverageOf(
    files.flatMap(({ covered = [] }) => covered),
    rules,
    min,
  );
  const known = new Set(files.flatMap((file) => file.problems.map(({ message }) => message)));
  const errors = problems.filter(({ severity, message }) => severity === 'error' && !known.has(message));
  return { coverage, problems: [...errors, ...tooLittle(coverage), ...missingParts(coverage.rules, require, rules)] };
}

function tooLittle({ percent, least, rules }: Coverage): readonly Problem[] {
  if (least === undefined || percent >= least) return [];
  const short = rules.filter(({ parts }) => parts.some(({ tests }) => tests === 0)).map(({ rule }) => rule);
  const names = `${short.slice(0, RULES_NAMED).join(', ')}${short.length > RULES_NAMED ? ', …' : ''}`;
  const message = `coverage is ${percent} %, below the required ${least} %`;
  const hint = `\`tocsin test --coverage\` shows what is not reached of ${names}`;
  return [{ code: 'rule-test/coverage', severity: 'error', message, hint }];
}

/** What a policy requires of rules and their tests do not reach, a problem for each rule, at the rule where its place is known. */
export function missingParts(
  covered: readonly CoveredRule[],
  required: readonly string[],
  rules: readonly Pick<Rule, 'name' | 'position'>[],
): readonly Problem[] {
  const places = new Map(rules.map(({ name, position }) => [name, position]));
  return covered.flatMap((one): readonly Problem[] => {
    const missing = requiredAndMissing(one, required);
    if (missing.length === 0) return [];
    const lacks = one.tests === 0 ? 'no test covers it' : `no test reaches ${missing.map((part) => `"${part}"`).join(', ')}`;
    return [
      {
        code: 'rule-test/coverage',
        severity: 'error',
        message: `${one.rule}: ${lacks}`,
        hint: `lint.coverage of tocsin.yaml requires ${missing.join(', ')}; \`tocsin test init\` writes a first test`,
        at: places.get(one.rule) ?? { file: one.file, line: 1, column: 1 },
      },
    ];
  });
}
