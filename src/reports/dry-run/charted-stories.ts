import type { MeasuredValues } from '../../backtest/measured-values.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import type { DryRunReport } from './dry-run-report.ts';

/** Rules of which a chart is shown, and how many others could have one. */
export interface ChartedStories {
  readonly stories: readonly { readonly story: RuleStory; readonly measured: MeasuredValues }[];
  readonly others: number;
}

/** The rules that measured something, at most so many: first those with the most messages, then with the most changes, then by name. */
export function chartedStories({ rules, measured }: DryRunReport, most: number): ChartedStories {
  const all = rules.flatMap((story) => {
    const values = measured?.get(story.id);
    return values === undefined ? [] : [{ story, measured: values }];
  });
  const sorted = all.sort(
    ({ story: a }, { story: b }) =>
      b.notifications.length - a.notifications.length ||
      b.transitions.length - a.transitions.length ||
      (a.name < b.name ? -1 : 1),
  );
  return { stories: sorted.slice(0, most), others: Math.max(0, sorted.length - most) };
}
