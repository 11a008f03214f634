import type { Position, Problem } from '../core/problems.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Difference } from './compare.ts';
import type { Coverage, TestedRule } from './coverage.ts';
import type { LineDiff } from './line-diff.ts';
import type { SnapshotChanges } from './snapshots/snapshot-book.ts';
import type { TimelineEvent } from './timeline.ts';

/** What a check looked at. */
export type CheckedList = 'alerts' | 'health' | 'transitions' | 'notifications';

/** An unmet expectation, or an unexpected item. */
export interface Failure {
  readonly kind: 'missing' | 'unwanted' | 'unexpected' | 'failed_window' | 'complaint' | 'snapshot';
  /** One line: what is wrong. */
  readonly message: string;
  /** Position of the expectation in the test file. */
  readonly position: Position;
  /** Virtual time. */
  readonly at: Instant;
  readonly list?: CheckedList;
  /** What was expected, one line each. */
  readonly expected: readonly string[];
  /** What was there in its place, one line each. */
  readonly got: readonly string[];
  /** Between the expectation and what comes nearest to it. */
  readonly differences: readonly Difference[];
  /** Of a snapshot: how the message differs from it. */
  readonly diff?: LineDiff;
}

/** One test and what came of it. */
export interface RuleTestResult {
  readonly name: string;
  readonly position: Position;
  /** `broken`: it could not be played. */
  readonly outcome: 'passed' | 'failed' | 'broken';
  readonly start: Instant;
  readonly failures: readonly Failure[];
  readonly problems: readonly Problem[];
  /** Of a failed test: why rules met no document. */
  readonly notes: readonly string[];
  /** What happened; empty for a test that passed. */
  readonly timeline: readonly TimelineEvent[];
  readonly checks: number;
  readonly turns: number;
  /** Machine time, ms. */
  readonly took: Duration;
}

/** One test file and its tests; `problems` of the file or of its rules mean that none was played. */
export interface RuleTestFileResult {
  readonly file: string;
  readonly rules: readonly string[];
  readonly problems: readonly Problem[];
  readonly tests: readonly RuleTestResult[];
  /** The outcome of its snapshots; absent: nothing but that they were compared. */
  readonly snapshots?: SnapshotChanges;
  /** Which parts of each rule's life its tests reached; only with `coverage`. */
  readonly covered?: readonly TestedRule[];
}

/** What came of all test files: plain data. */
export interface RuleTestReport {
  readonly files: readonly RuleTestFileResult[];
  /** Of paths that could not be read. */
  readonly problems: readonly Problem[];
  readonly passed: number;
  readonly failed: number;
  readonly broken: number;
  /** Tests that a filter left out. */
  readonly skipped: number;
  /** Snapshot files whose test file no longer exists. */
  readonly orphans?: readonly string[];
  /** Of all files; only with `coverage`. */
  readonly coverage?: Coverage;
  readonly took: Duration;
}

/** Says whether there is nothing wrong: tests were found, all passed, and every file could be read. */
export function isGood(report: RuleTestReport): boolean {
  const wrong = report.failed + report.broken + report.problems.length;
  return wrong === 0 && report.files.every((file) => !file.problems.some(({ severity }) => severity === 'error'));
}

/** Says whether a run did not come to its end: its budget was spent, or someone stopped it. */
export function endedEarly({ problems }: RuleTestReport): boolean {
  return problems.some(({ code }) => code === 'rule-test/budget' || code === 'rule-test/stopped');
}
