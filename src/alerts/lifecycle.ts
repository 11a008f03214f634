import type { Duration } from '../core/time.ts';

/** The keys of a rule that shape an alert's life; durations in ms. */
export interface Lifecycle {
  readonly for: Duration | { readonly breaches: number; readonly of: number };
  readonly keepFiringFor: Duration;
  readonly noData: 'resolve' | 'keep' | 'alert';
  readonly noDataAfter: Duration;
  readonly settle: Duration;
  /** How long a rule with `no_data: alert` remembers a group that no longer exists. */
  readonly forgetAfter: Duration;
  /** Severities, worst first; one for a rule with a single condition. */
  readonly levels: readonly string[];
}
