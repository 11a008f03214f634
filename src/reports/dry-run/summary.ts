import type { RuleStory } from '../../backtest/rule-story.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { counted } from '../wording.ts';
import type { DryRunReport } from './dry-run-report.ts';
import { episodesOf, longestOf, tally } from './episodes.ts';

/** One rule of a dry run in the words of a table. */
export interface SummaryRow {
  readonly rule: string;
  readonly windows: string;
  readonly failed: string;
  readonly episodes: string;
  readonly longest: string;
  readonly messages: string;
  readonly noisiest: string;
}

const NOISY_SHOWN = 3;

/** The rules of a dry run, noisiest first: by messages, then by episodes, then by name. */
export function summaryRows(report: DryRunReport): readonly SummaryRow[] {
  return report.rules
    .map((story) => ({ story, episodes: episodesOf(story, report.to) }))
    .sort(
      (a, b) =>
        b.story.notifications.length - a.story.notifications.length ||
        b.episodes.length - a.episodes.length ||
        (a.story.name < b.story.name ? -1 : 1),
    )
    .map(({ story, episodes }) => {
      const longest = longestOf(episodes);
      const noisy = tally(episodes.map((episode) => episode.group).filter((group) => group !== ''));
      return {
        rule: story.paused ? `${story.name} (paused)` : story.name,
        windows: String(story.windows),
        failed: story.failed === 0 ? '' : String(story.failed),
        episodes: episodes.length === 0 ? '' : String(episodes.length),
        longest: longest === undefined ? '' : `${humanDuration(longest.duration)}${longest.open ? '+' : ''}`,
        messages: tally(story.notifications.map((one) => one.receiver))
          .map(([receiver, count]) => `${receiver} ${count}`)
          .join(', '),
        noisiest: shown(noisy),
      };
    });
}

/** One sentence about the whole of a dry run. */
export function summarySentence(report: DryRunReport): string {
  const episodes = report.rules.reduce((sum, story) => sum + episodesOf(story, report.to).length, 0);
  const windows = report.rules.reduce((sum, story) => sum + story.windows, 0);
  const messages = distinctMessages(report.rules);
  return `${counted(report.rules.length, 'rule')}, ${counted(windows, 'window')}: ${counted(episodes, 'episode')}, ${counted(messages, 'message')}`;
}

/** What of the range is covered, where the budget ended first; empty otherwise. */
export function stoppedSentence({ to, stopped }: Pick<DryRunReport, 'to' | 'stopped'>): string {
  if (stopped === undefined) return '';
  return `Stopped by the budget of ${humanDuration(stopped.budget)}: covered until ${iso(to)}, not until ${iso(stopped.to)}.`;
}

/** What a dry run cost the cluster; empty without one. */
export function askedSentence({ asked }: DryRunReport): string {
  if (asked === undefined) return '';
  return ` ${counted(asked.searches, 'search', 'searches')} took Elasticsearch ${humanDuration(asked.took)}.`;
}

/** A message about alerts of several rules is listed with each of them, but counts once. */
function distinctMessages(rules: readonly RuleStory[]): number {
  return new Set(
    rules.flatMap((story) => story.notifications.map((one) => JSON.stringify([one.at, one.receiver, one.channel, one.title]))),
  ).size;
}

function shown(groups: readonly (readonly [string, number])[]): string {
  const named = groups.slice(0, NOISY_SHOWN).map(([group, count]) => (count === 1 ? group : `${group} ×${count}`));
  const more = groups.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
