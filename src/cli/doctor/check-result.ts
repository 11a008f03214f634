import { truncate } from '../../core/truncate.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';

const LONGEST = 240;

/** What is not as it should be, and how it is fixed. */
export interface CheckFailure {
  readonly found: string;
  readonly expected?: string;
  readonly fix?: string;
}

/** A finding that is as it should be. */
export function good(subject: string, found: string): CheckResult {
  return { severity: 'good', subject, found };
}

/** A check result for information: nothing was expected. */
export function note(subject: string, found: string): CheckResult {
  return { severity: 'note', subject, found };
}

/** A finding that works, and will not always. */
export function warning(subject: string, failure: CheckFailure): CheckResult {
  return { severity: 'warning', subject, ...failure };
}

/** A finding that does not work. */
export function error(subject: string, failure: CheckFailure): CheckResult {
  return { severity: 'error', subject, ...failure };
}

/** At most `most` findings of many of one kind; the rest is counted in a note. */
export function atMost(most: number, results: readonly CheckResult[], what: string): readonly CheckResult[] {
  if (results.length <= most) return results;
  return [...results.slice(0, most), note('and more', `${results.length - most} more ${what}`)];
}

/** Text of another program, cut to its essential part. */
export function brief(text: string): string {
  return truncate(text.replace(/\s+/g, ' '), LONGEST);
}
