import type { Duration, Instant } from '../core/time.ts';

/** Where an alert stands. */
export type Status = 'inactive' | 'pending' | 'firing' | 'recovering';

/**
 * What is stored of one alert, under its stored names; times are ticks. An alert that is inactive and remembers nothing has no state.
 * `Group` is repeated here as a plain record because alerts/ knows nothing of searches.
 */
export interface AlertState {
  readonly group: Readonly<Record<string, string | null>>;
  readonly status: Status;
  /** The present level (severity) of a rule with `levels`; absent for one condition. */
  readonly level?: string;
  /** Id of the present episode: set from firing to resolved. */
  readonly episode?: string;
  /** Tick at which the episode began to fire. */
  readonly started?: Instant;
  /** Tick at which the present status began (pending: t0). */
  readonly since: Instant;
  /** recovering: the tick of the first clear, tc; absent after a gap until the next clear. */
  readonly clear_since?: Instant;
  /** pending: how much of the time since `since` no evaluation covered, ms; it does not count towards `for`. */
  readonly uncovered?: Duration;
  /**
   * Tick at which the group last had a document; for one that never had any, the first tick it was judged at. Moved on by time that
   * no evaluation covered, as `clear_since` and `below.since` are.
   */
  readonly last_present?: Instant;
  /** `for: {breaches, of}`: the last findings, oldest first, `1` breach and `0` not. */
  readonly recent?: string;
  /** Levels: since when every finding was below the present level, and the worst of them (between and clear count as the mildest). */
  readonly below?: { readonly since: Instant; readonly worst: string };
  /** A new group's grace: before this tick its breaches do not count; absent once it has settled. */
  readonly settles_at?: Instant;
  /** Since which tick nothing is known: that of the last finding before a run of unknown ones; absent outside such a run. */
  readonly unknown_since?: Instant;
  /** The level that receivers were last told of this episode. */
  readonly told_level?: string;
}

/** Why an alert changed; part of the public JSON. */
export type Reason =
  | 'breach'
  | 'no_data'
  | 'recovered'
  | 'gap'
  | 'expired'
  | 'rule_changed'
  | 'rule_removed'
  | 'clear'
  | 'absent'
  | 'worse'
  | 'better'
  /** A document that is told once: its episode begins and ends at one tick. */
  | 'event';

/**
 * One change of an alert. `kind` says what receivers would hear: firing, worse, better and resolved are owed to them;
 * `pending`, `dropped` (pending ended), `recovering` and `refiring` (recovering fell back, same level) are not.
 */
export interface Transition {
  readonly kind: 'pending' | 'dropped' | 'firing' | 'worse' | 'better' | 'recovering' | 'refiring' | 'resolved';
  readonly from: Status;
  readonly to: Status;
  readonly reason: Reason;
  readonly at: Instant;
  readonly episode?: string;
  readonly level?: string;
  readonly previousLevel?: string;
}

/** Says whether a transition is owed to receivers (it gets targets when it is saved). */
export function isOwed(transition: Transition): boolean {
  return (
    transition.kind === 'firing' || transition.kind === 'worse' || transition.kind === 'better' || transition.kind === 'resolved'
  );
}
