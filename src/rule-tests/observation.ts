import type { Transition } from '../alerts/alert-state.ts';
import type { Json } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { UnsentMessage } from '../engine/recording.ts';
import type { Labels } from '../routing/route.ts';
import type { Group } from '../search/query.ts';
import type { SearchProblem } from '../search/search-problem.ts';
import type { TimelineEvent } from './timeline.ts';

/** An alert, or a group without one (`inactive`), after a turn. */
export interface SeenAlert {
  /** The rule's id and name: tests may use either. */
  readonly rule: string;
  readonly ruleName: string;
  readonly group: Group;
  readonly status: Transition['to'];
  readonly severity: string;
  readonly since: Instant | undefined;
  /** What it does is not notified until it is steady. */
  readonly flapping: boolean;
  readonly labels: Labels;
  /** Of the last evaluated window; empty when it said nothing of the group. */
  readonly values: Readonly<Record<string, Json>>;
}

/** A change of an alert; `at` is the tick. */
export interface SeenTransition extends Omit<SeenAlert, 'status' | 'since' | 'flapping' | 'labels'> {
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** A notification, with what the channel would have sent as text. */
export interface SeenNotification extends UnsentMessage {
  readonly rendered: string;
}

/** The observation at one time: current alerts; everything else since the previous observation. */
export interface Observation {
  readonly at: Instant;
  readonly alerts: readonly SeenAlert[];
  readonly health: readonly SeenAlert[];
  readonly transitions: readonly SeenTransition[];
  readonly notifications: readonly SeenNotification[];
}

/** A window that could not be evaluated, and why: the problem of its search, whole and as text. */
export interface FailedWindow {
  readonly rule: string;
  readonly at: Instant;
  readonly now: Instant;
  readonly problem: string;
  readonly search: SearchProblem;
}

/** A test, played: what was seen at each check, and what led there. */
export interface Played {
  readonly observations: readonly Observation[];
  readonly timeline: readonly TimelineEvent[];
  /** Windows that could not be evaluated; `now` is the time of the turn. */
  readonly failed: readonly FailedWindow[];
  /** Health alerts that fired at some time, with what they say. */
  readonly complaints: readonly { readonly at: Instant; readonly subject: string; readonly problem: string }[];
  /** Turns that were taken. */
  readonly turns: number;
}
