import type { Instant, TimeRange } from '../core/time.ts';

/** A group as reports show it; `{}` without group_by. */
export type ReportedGroup = Readonly<Record<string, string | null>>;

/** The status of an alert. */
export type ReportedStatus = 'inactive' | 'pending' | 'firing' | 'recovering';

/** One change of an alert's status. */
export interface StatusChange {
  readonly at: Instant;
  readonly group: ReportedGroup;
  readonly from: ReportedStatus;
  readonly to: ReportedStatus;
  readonly reason: string;
  readonly severity: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** It would not be notified, because the alert flaps. */
  readonly quiet?: true;
}

/** A time in which an alert flapped: what it did was notified once, and again when it was steady. */
export interface FlappingTime {
  readonly group: ReportedGroup;
  readonly from: Instant;
  /** Undefined: it flapped still when the report ends. */
  readonly to: Instant | undefined;
  /** Whether it fired on when it was steady. */
  readonly firesOn: boolean;
  /** How many episodes began, those that made it flap included. */
  readonly episodes: number;
}

/** One change of an alert's level; the status it had may have stayed. */
export interface LevelChange {
  readonly at: Instant;
  readonly group: ReportedGroup;
  readonly from: string | undefined;
  readonly to: string;
  readonly reason: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly quiet?: true;
}

/** One message that would have been sent; `alerts` counts all it is about. */
export interface ReportedNotification {
  readonly at: Instant;
  readonly receiver: string;
  readonly channel: string;
  readonly reason: string;
  readonly alerts: number;
  readonly title: string;
}

/** Why evaluations failed: one problem, how often it came, and the tick at which it first did. */
export interface WindowProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly times: number;
  readonly first: Instant;
}

/** An alert that was not inactive when the report begins: only after a warm-up. */
export interface Standing {
  readonly group: ReportedGroup;
  readonly status: ReportedStatus;
  /** Tick at which the episode began to fire; else that of the status. */
  readonly since: Instant;
}

/** What one rule would have done in the time of a dry run. Lists are ordered by time, then by group. */
export interface RuleStory {
  /** What the rule is known by when it is renamed; the name unless it has an `id`. */
  readonly id: string;
  readonly name: string;
  readonly paused: boolean;
  /** Ticks in `(from, to]`. */
  readonly windows: number;
  /** Those that could not be evaluated. */
  readonly failed: number;
  /** Ranges of ticks `(from, to]` that were given up. */
  readonly gaps: readonly TimeRange[];
  readonly problems: readonly WindowProblem[];
  readonly standing: readonly Standing[];
  readonly transitions: readonly StatusChange[];
  /** Changes that second looks (`revisit`) found in documents that came late, at the ticks of their windows. */
  readonly late: readonly StatusChange[];
  /** Undefined for a rule without levels. */
  readonly levels: readonly LevelChange[] | undefined;
  readonly flapping: readonly FlappingTime[];
  readonly notifications: readonly ReportedNotification[];
}
