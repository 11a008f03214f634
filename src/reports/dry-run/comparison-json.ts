import type { AlertEpisode } from '../../backtest/alert-episodes.ts';
import type { EpisodeDifference, RuleDifference, StoryNumbers } from '../../backtest/compare-stories.ts';
import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { printJson } from '../json.ts';
import type { DryRunComparison, SharedCost } from './comparison.ts';

/** A comparison for scripts: times are ISO 8601 in UTC, lengths are ms. */
export function comparisonJson(comparison: DryRunComparison): string {
  return printJson({
    from: iso(comparison.from),
    to: iso(comparison.to),
    ...stoppedJson(comparison),
    against: { ref: comparison.ref, commit: comparison.commit },
    rules: comparison.rules.map(ruleJson),
    receivers: comparison.receivers,
    ...costJson(comparison),
  });
}

/** What runs side by side cost, for scripts. */
export function costJson({ questions, asked }: SharedCost) {
  return {
    questions: { asked: questions.asked, shared: questions.all - questions.asked },
    ...(asked !== undefined && { searches: { count: asked.searches, took_ms: asked.took } }),
  };
}

/** That a budget ended first, for scripts. */
export function stoppedJson({ stopped }: Pick<DryRunComparison, 'stopped'>) {
  return stopped === undefined ? {} : { stopped: { budget: humanDuration(stopped.budget), to: iso(stopped.to) } };
}

function ruleJson({ name, was, before, after, episodes, same, receivers }: RuleDifference) {
  return {
    name,
    ...(was !== undefined && { was }),
    before: numbersJson(before),
    after: numbersJson(after),
    same_episodes: same,
    episodes: episodes.map(differenceJson),
    receivers,
  };
}

function numbersJson(numbers: StoryNumbers | undefined) {
  if (numbers === undefined) return null;
  const { episodes, groups, alerting, messages, failed } = numbers;
  return { episodes, groups, alert_ms: alerting, messages, failed };
}

function differenceJson(one: EpisodeDifference) {
  const { kind, group } = one;
  return {
    change: kind,
    group,
    before: kind === 'appears' ? null : episodeJson(one.before),
    after: kind === 'vanishes' ? null : episodeJson(one.after),
    ...(kind === 'changes' && {
      starts_ms: one.starts,
      ends_ms: one.ends,
      longer_ms: one.longer,
      loudness: one.loudness,
    }),
  };
}

/** `to` is null where it still fired in the end; `severity` where only the end was seen. */
function episodeJson({ from, to, open, severity }: AlertEpisode) {
  return { from: iso(from), to: open ? null : iso(to), severity: severity === '' ? null : severity };
}
