import type { Duration } from '../core/time.ts';

/** One test and how it ended. */
export interface ReportedCase {
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  readonly duration: Duration;
  /** One line that says what was wrong; only of a failed test. */
  readonly message?: string;
  /** Expected, got, and the timeline that led there, over several lines; only of a failed test. */
  readonly details?: string;
}

/** The tests of one file; a file that could not be read has a problem instead of cases. */
export interface ReportedSuite {
  readonly file: string;
  readonly cases: readonly ReportedCase[];
  readonly problems: readonly string[];
  /** More about it, by name. */
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** What a run of tests gave. */
export interface SuiteReport {
  readonly suites: readonly ReportedSuite[];
  readonly duration: Duration;
}

/** How many tests passed and failed; a problem of a file counts as a failed one. */
export function countCases(suites: readonly ReportedSuite[]): { readonly passed: number; readonly failed: number } {
  const cases = suites.flatMap((suite) => suite.cases);
  const passed = cases.filter(({ outcome }) => outcome === 'passed').length;
  return { passed, failed: cases.length - passed + suites.reduce((sum, suite) => sum + suite.problems.length, 0) };
}
