import { timeInAlert } from '../../backtest/alert-episodes.ts';
import type { WindowProblem } from '../../backtest/rule-story.ts';
import { humanDuration } from '../../core/duration.ts';
import type { TimeRange } from '../../core/time.ts';
import { episodesOf, tally } from '../dry-run/episodes.ts';
import type { PlayedVersion, ReportedRule } from './pr-report.ts';

/** A number of both versions of a rule; undefined on a side where it was not played. */
export interface ComparedNumber {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** One number of both versions of a rule. */
export function comparedNumber({ before, after }: ReportedRule, of: (played: PlayedVersion) => string): ComparedNumber {
  return { before: before?.played && of(before.played), after: after?.played && of(after.played) };
}

/** Episodes, messages and time in alert of both versions of a rule; undefined where neither was played. */
export function comparedNumbers(rule: ReportedRule, range: TimeRange | undefined): readonly ComparedNumber[] | undefined {
  if (range === undefined || (rule.before?.played === undefined && rule.after?.played === undefined)) return undefined;
  const seen = ({ story }: PlayedVersion) => episodesOf(story, range.to);
  return [
    comparedNumber(rule, (played) => String(seen(played).length)),
    comparedNumber(rule, ({ story }) => String(story.notifications.length)),
    comparedNumber(rule, (played) => humanDuration(timeInAlert(seen(played), range))),
  ];
}

/** The groups of a version with how many episodes each has, noisiest first. */
export function noisiestGroups({ story }: PlayedVersion, { to }: TimeRange): readonly (readonly [string, number])[] {
  return tally(episodesOf(story, to).flatMap(({ group }) => (group === '' ? [] : [group])));
}

/** What went wrong while both versions were played. */
export function replayProblems(rule: ReportedRule): readonly (WindowProblem & { readonly side: 'before' | 'after' })[] {
  return (['before', 'after'] as const).flatMap((side) =>
    (rule[side]?.played?.story.problems ?? []).map((problem) => ({ ...problem, side })),
  );
}
