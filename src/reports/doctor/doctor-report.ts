import type { Duration, Instant } from '../../core/time.ts';

/** good: as it should be · note: for information · warning: works, and will not always · error: does not work. */
export type ResultSeverity = 'good' | 'note' | 'warning' | 'error';

/** One thing that was looked at, and how it is. Warnings and errors say what was expected and how it is fixed. */
export interface CheckResult {
  readonly severity: ResultSeverity;
  /** What it is about: an address, an index, a rule, a destination. */
  readonly subject: string;
  readonly found: string;
  readonly expected?: string;
  /** The command to type, or the lines of YAML to write; may have several lines. */
  readonly fix?: string;
}

/** What one check found, in its order. */
export interface CheckedPart {
  /** For scripts: `elasticsearch`, `privileges`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly results: readonly CheckResult[];
  /** Why it was not looked at; undefined: it was. */
  readonly skipped?: string;
  readonly took: Duration;
}

/** What the doctor found. */
export interface DoctorReport {
  readonly version: string;
  readonly namespace: string;
  /** The configuration's file; undefined: there is none, and the defaults hold. */
  readonly config: string | undefined;
  readonly now: Instant;
  readonly parts: readonly CheckedPart[];
}

/** How many results have each severity. */
export function countResults({ parts }: Pick<DoctorReport, 'parts'>): Readonly<Record<ResultSeverity, number>> {
  const counts = { good: 0, note: 0, warning: 0, error: 0 };
  for (const { severity } of parts.flatMap(({ results }) => results)) counts[severity]++;
  return counts;
}
