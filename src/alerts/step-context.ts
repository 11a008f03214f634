import type { Duration, Instant } from '../core/time.ts';
import type { Lifecycle } from './lifecycle.ts';

/** What one step of an alert may know besides its state and the finding; times are ticks, durations in ms. */
export interface StepContext {
  /** The alert's id, as `alertId` makes it. */
  readonly id: string;
  readonly group: Readonly<Record<string, string | null>>;
  /** The tick that is evaluated; later than `previous`. */
  readonly at: Instant;
  readonly lifecycle: Lifecycle;
  /** Whether the group had a document in the window (a counted group that is known is present with 0). */
  readonly present: boolean;
  /** The tick that the rule evaluated before, or undefined at its first; failed evaluations evaluate nothing. */
  readonly previous: Instant | undefined;
  /** The rule's `every`; under cron, the schedule's usual distance between ticks around `at`. */
  readonly every: Duration;
}
