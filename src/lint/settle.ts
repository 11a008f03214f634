import type { LintPolicy } from '../config/lint.ts';
import { FINDING_CODES, LINT_CODES } from '../core/finding-codes.ts';
import { nearest } from '../core/nearest.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { dividedBy, type Ignore, type Ignored, isWhole } from '../yaml/ignores.ts';
import { finding } from './finding.ts';

/** The scope of the check: a comment is unused only if its code was looked for. */
export interface LintScope {
  /** All rules and all routes, each without an error. */
  readonly rules: boolean;
  readonly cluster: boolean;
  /** Files whose rules did not load, so some checks did not run on them. */
  readonly broken: ReadonlySet<string>;
}

/** Findings after comments and the policy are applied. */
export interface SettledFindings {
  readonly problems: readonly Problem[];
  readonly ignored: readonly Ignored[];
}

/**
 * Removes findings that comments ignore or the policy turns off, applies the severities of the policy, and adds problems of the
 * comments. `before`: what was ignored already.
 */
export function settleFindings(
  found: readonly Problem[],
  ignores: readonly Ignore[],
  before: readonly Ignored[],
  { severity }: Pick<LintPolicy, 'severity'>,
  scope: LintScope,
): SettledFindings {
  const { kept, ignored } = dividedBy(ignores, eachMistakeOnce(found), mayBeIgnored);
  const all = [...before, ...ignored];
  const used = new Set(all.map(({ ignore }) => ignore));
  const ofComments = ignores.flatMap((ignore) => commentFindings(ignore, used.has(ignore), kept, scope));
  const settled = [...kept, ...ofComments].flatMap((problem) => {
    const wanted = mayBeIgnored(problem) ? own(severity, problem.code) : undefined;
    if (wanted === undefined) return [problem];
    return wanted === 'off' ? [] : [{ ...problem, severity: wanted }];
  });
  return { problems: settled, ignored: all };
}

/** A misspelt severity that a route asks for is named by the finding that says so. */
function eachMistakeOnce(found: readonly Problem[]): readonly Problem[] {
  const routed = found.filter(({ code }) => code === 'rule/label-value');
  const isRepeat = ({ hint, at }: Problem) =>
    routed.some((one) => one.hint === hint && one.at?.file === at?.file && one.at?.line === at?.line);
  return found.filter((problem) => problem.code !== 'rule/severity' || !isRepeat(problem));
}

/** Errors that keep a rule from loading are neither ignored nor made milder. */
function mayBeIgnored({ code, severity }: Problem): boolean {
  return Object.hasOwn(LINT_CODES, code) && (severity !== 'error' || /^(?:policy|cluster)\//.test(code));
}

function commentFindings(ignore: Ignore, used: boolean, kept: readonly Problem[], scope: LintScope): readonly Problem[] {
  if (used) return [];
  const { at, code } = ignore;
  const wrong = wrongWith(ignore);
  if (wrong !== undefined) return [finding('lint/bad-ignore', at, wrong.message, wrong.hint)];
  const error = kept.find((problem) => problem.code === code && problem.severity === 'error' && isAt(ignore, problem));
  if (error !== undefined) {
    return [
      finding(
        'lint/bad-ignore',
        at,
        `${code} is an error here and cannot be ignored`,
        'fix the problem, then remove the comment',
      ),
    ];
  }
  const asks = own(FINDING_CODES, code)?.asks;
  const isUnknown = (asks === 'cluster' && !scope.cluster) || (asks === 'rules' && !scope.rules) || scope.broken.has(at.file);
  if (isUnknown) return [];
  const where = ignore.lines === undefined ? 'in this file' : 'in that line';
  return [finding('lint/unused-ignore', at, `unused comment: no ${code} ${where}`, 'remove the comment')];
}

function isAt({ at, lines }: Ignore, problem: Problem): boolean {
  if (problem.at?.file !== at.file) return false;
  return lines === undefined || (lines.from <= problem.at.line && problem.at.line <= lines.to);
}

function wrongWith(ignore: Ignore): { readonly message: string; readonly hint: string } | undefined {
  const { word, code, reason } = ignore;
  const form = '# tocsin:ignore CODE reason';
  if (word !== 'ignore' && word !== 'ignore-file')
    return { message: `unknown comment: tocsin:${word}`, hint: `write ${form}, or # tocsin:ignore-file CODE reason` };
  if (code === '') return { message: 'the comment ignores nothing: it names no code', hint: `write ${form}` };
  if (!Object.hasOwn(FINDING_CODES, code)) {
    const near = nearest(code, Object.keys(LINT_CODES));
    return {
      message: `unknown code: ${code}`,
      hint: near === undefined ? 'see docs/problems.md for all codes' : `did you mean ${near}?`,
    };
  }
  if (!Object.hasOwn(LINT_CODES, code))
    return { message: `${code} cannot be ignored`, hint: 'fix the problem, then remove the comment' };
  if (isWhole(ignore) || reason !== '') return undefined;
  return {
    message: `the comment ignores nothing: it gives no reason for ignoring ${code}`,
    hint: `write # tocsin:ignore ${code} REASON`,
  };
}
