import type { SweepCurve } from '../../backtest/sweep-curve.ts';
import type { SweepSpec } from '../../backtest/sweep-spec.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { SharedCost } from './comparison.ts';

/** What one rule did over the same time with each of several values. */
export interface SweepReport extends SweepCurve, SharedCost {
  readonly rule: string;
  readonly spec: SweepSpec;
  readonly from: Instant;
  readonly to: Instant;
  readonly warmUp: Duration;
  /** Only where the budget ended before the range did. */
  readonly stopped?: { readonly budget: Duration; readonly to: Instant };
}
