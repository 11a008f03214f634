import { type CheckReport, countProblems, isBad } from './check-report.ts';
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
  return printJson({ ok: !isBad(report), files: report.files, rules: report.rules, ...countProblems(report), problems });
}
