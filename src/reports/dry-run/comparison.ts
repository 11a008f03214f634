import type { ReceiverDifference, RuleDifference } from '../../backtest/compare-stories.ts';
import type { MeasuredValues } from '../../backtest/measured-values.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import type { Duration, Instant } from '../../core/time.ts';

/** How often runs side by side asked: questions of all runs, those among them that went to the documents, and what these cost a cluster. */
export interface SharedCost {
  readonly questions: { readonly all: number; readonly asked: number };
  readonly asked?: { readonly searches: number; readonly took: Duration };
}

/** What one of both sets of rules did, and what it measured, by the ids of rules: for charts. */
interface PlayedSide {
  readonly stories: readonly RuleStory[];
  readonly measured: ReadonlyMap<string, MeasuredValues>;
}

/** What the rules of a revision and those of the working tree did over the same time. */
export interface DryRunComparison extends SharedCost {
  /** The revision as it was named, and its commit. */
  readonly ref: string;
  readonly commit: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly warmUp: Duration;
  readonly rules: readonly RuleDifference[];
  /** Messages of all rules by receiver. */
  readonly receivers: readonly ReceiverDifference[];
  readonly sides: { readonly before: PlayedSide; readonly after: PlayedSide };
  /** Only where the budget ended before the range did. */
  readonly stopped?: { readonly budget: Duration; readonly to: Instant };
}
