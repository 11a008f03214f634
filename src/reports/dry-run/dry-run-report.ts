import type { MeasuredValues } from '../../backtest/measured-values.ts';
import type { RuleStory, StatusChange } from '../../backtest/rule-story.ts';
import type { Duration, Instant } from '../../core/time.ts';

/** What a dry run of `(from, to]` saw; rules are ordered by name. */
export interface DryRunReport {
  readonly from: Instant;
  readonly to: Instant;
  readonly warmUp: Duration;
  readonly rules: readonly RuleStory[];
  /** Alerts about Tocsin itself: groups are `{kind, subject}`. */
  readonly health: readonly StatusChange[];
  /** Only where the budget ended before the range did: `to` is what was covered, and this the end that was asked for. */
  readonly stopped?: { readonly budget: Duration; readonly to: Instant };
  /** What it cost the cluster: searches, and how long it worked on them, ms. Undefined without a cluster. */
  readonly asked?: { readonly searches: number; readonly took: Duration };
  /** What rules measured, by their ids, for charts. */
  readonly measured?: ReadonlyMap<string, MeasuredValues>;
}
