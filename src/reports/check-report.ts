import type { Problem } from '../core/problems.ts';
import type { Ignored } from '../yaml/ignores.ts';

/** What a check found in rule files and the configuration; problems are in the order of their files. */
export interface CheckReport {
  readonly files: number;
  /** The files of the configurations, such as `tocsin.yaml`, that were checked beside them. */
  readonly configurations?: readonly string[];
  readonly rules: number;
  readonly problems: readonly Problem[];
  /** Problems that comments ignore, with the reasons; none by default. */
  readonly ignored?: readonly Ignored[];
  /** The mildest severity that fails the check. */
  readonly failOn: Problem['severity'];
  /** What --fix did or would do; absent without it. */
  readonly fixes?: CheckFixes;
}

/** Files that were repaired or, with `written: false`, would be. */
interface CheckFixes {
  readonly written: boolean;
  readonly files: readonly {
    readonly file: string;
    readonly before: string;
    readonly after: string;
    readonly problems: readonly Problem[];
  }[];
  /** What could not be repaired without changing more than its lines. */
  readonly left: readonly Problem[];
}

/** How many problems of a report are errors, warnings and notes. */
export interface ProblemCounts {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}

/** Counts the problems of a report by their severity. */
export function countProblems({ problems }: Pick<CheckReport, 'problems'>): ProblemCounts {
  const count = (severity: Problem['severity']) => problems.filter((problem) => problem.severity === severity).length;
  return { errors: count('error'), warnings: count('warning'), notes: count('note') };
}

/** Whether a report is to be answered by exit code 1. */
export function hasFailed(report: CheckReport): boolean {
  const { errors, warnings, notes } = countProblems(report);
  const failing = { error: errors, warning: errors + warnings, note: errors + warnings + notes };
  return failing[report.failOn] > 0;
}
