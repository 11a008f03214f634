import { compareStories } from '../../backtest/compare-stories.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import type { TimeRange } from '../../core/time.ts';

/** How many episodes both versions of a rule have to the tick, have at other times, or only one of them has. */
export interface EpisodeCounts {
  readonly same: number;
  readonly changed: number;
  readonly gone: number;
  readonly fresh: number;
}

/** Counts what happens to the episodes of a rule; one that has another name now is still that rule. */
export function episodeCounts(before: RuleStory, after: RuleStory, range: TimeRange): EpisodeCounts {
  const [difference] = compareStories([{ ...before, id: after.id }], [after], range);
  const count = (kind: string) => difference?.episodes.filter((one) => one.kind === kind).length ?? 0;
  return { same: difference?.same ?? 0, changed: count('changes'), gone: count('vanishes'), fresh: count('appears') };
}

/** `3 the same, 1 at other times, 2 gone, 0 new`. */
export function countsText({ same, changed, gone, fresh }: EpisodeCounts): string {
  return `Episodes: ${same} the same, ${changed} at other times, ${gone} gone, ${fresh} new.`;
}
