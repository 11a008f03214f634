import { FINDING_CODES } from '../core/finding-codes.ts';
import { own } from '../core/record.ts';
import { type CheckReport, countProblems, hasFailed } from './check-report.ts';
import { printJson } from './json.ts';
import { unifiedDiff } from './unified-diff.ts';

/** A check for scripts: `{ok, files, rules, errors, warnings, notes, problems: [{severity, code, message, hint?, path?, fixable?, file?, line?, column?}], ignored: [{code, message, reason, …}], fixes?}`. */
export function checkJson(report: CheckReport): string {
  const problems = report.problems.map(({ severity, code, message, hint, path, at }) => ({
    severity,
    code,
    message,
    hint,
    path,
    ...(own(FINDING_CODES, code)?.fixable === true && { fixable: true }),
    ...at,
  }));
  const ignored = (report.ignored ?? []).map(({ problem: { code, message, path, at }, ignore: { reason } }) => ({
    code,
    message,
    reason,
    path,
    ...at,
  }));
  const { fixes } = report;
  const fixed = fixes?.files.map(({ file, before, after, problems: settled }) => ({
    file,
    findings: settled.map(({ code, message, at }) => ({ code, message, line: at?.line })),
    diff: unifiedDiff(file, before, after),
  }));
  return printJson({
    ok: !hasFailed(report),
    files: report.files + (report.configurations?.length ?? 0),
    rules: report.rules,
    ...countProblems(report),
    problems,
    ignored,
    ...(fixes !== undefined && {
      fixes: {
        written: fixes.written,
        files: fixed,
        left: fixes.left.map(({ code, message, at }) => ({ code, message, ...at })),
      },
    }),
  });
}
