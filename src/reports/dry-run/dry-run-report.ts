import type { MeasuredValues } from '../../backtest/measured-values.ts';
import type { Duration } from '../../core/time.ts';
import type { PlayedRules } from '../../replay/play.ts';
import type { PackedSandbox } from '../../sandbox/pack.ts';

/** What a dry run saw. */
export interface DryRunReport extends PlayedRules {
  /** What it cost the cluster: searches, and how long it worked on them, ms. Undefined without a cluster. */
  readonly asked?: { readonly searches: number; readonly took: Duration };
  /** What rules measured, by their ids, for charts. */
  readonly measured?: ReadonlyMap<string, MeasuredValues>;
  /** What sandboxes need, by the ids of their rules; undefined: the page gets none. */
  readonly sandboxes?: ReadonlyMap<string, PackedSandbox>;
}
