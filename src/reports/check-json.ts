import { type CheckReport, countProblems, hasFailed } from './check-report.ts';
import { printJson } from './json.ts';

/** A check for scripts: `{ok, files, rules, errors, warnings, notes, problems: [{severity, code, message, hint?, path?, file?, line?, column?}]}`. */
export function checkJson(report: CheckReport): string {
  const problems = report.problems.map(({ severity, code, message, hint, path, at }) => ({
    severity,
    code,
    message,
    hint,
    path,
    ...at,
  }));
  return printJson({ ok: !hasFailed(report), files: report.files, rules: report.rules, ...countProblems(report), problems });
}
