import type { Problem } from '../core/problems.ts';

/** What a check found in rule files and the configuration; problems stand in the order of their files. */
export interface CheckReport {
  readonly files: number;
  readonly rules: number;
  readonly problems: readonly Problem[];
  /** Warnings count as errors. */
  readonly strict: boolean;
}

/** How many problems of a report are errors, and how many warnings. */
export function countProblems(report: Pick<CheckReport, 'problems'>): { readonly errors: number; readonly warnings: number } {
  const errors = report.problems.filter((problem) => problem.severity === 'error').length;
  return { errors, warnings: report.problems.length - errors };
}

/** Whether a report is to be answered by exit code 1. */
export function isBad(report: CheckReport): boolean {
  const { errors, warnings } = countProblems(report);
  return errors > 0 || (report.strict && warnings > 0);
}
