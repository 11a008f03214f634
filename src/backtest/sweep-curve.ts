import type { Duration, TimeRange } from '../core/time.ts';
import { alertEpisodes, groupName, timeInAlert } from './alert-episodes.ts';
import { kneeOf } from './knee.ts';
import type { RuleStory } from './rule-story.ts';
import type { SweepValue } from './sweep-spec.ts';

/** What a rule does with one value. */
export interface SweepPoint {
  /** Undefined: the rule as it is, whose value is none of the sweep. */
  readonly value: SweepValue | undefined;
  /** The rule as it is. */
  readonly current: boolean;
  readonly episodes: number;
  readonly messages: number;
  /** How long at least one of its alerts fired, ms. */
  readonly alerting: Duration;
  /** Groups that fired. */
  readonly groups: number;
  /** Windows that could not be evaluated. */
  readonly failed: number;
}

/** What a rule does value by value. */
export interface SweepCurve {
  /** In the order of the values. */
  readonly points: readonly SweepPoint[];
  /** The rule as it is; it is one of the points where the sweep has its value. */
  readonly current: SweepPoint;
  /** The knee of the episodes by value (`kneeOf`); undefined: the curve has none. */
  readonly knee: SweepPoint | undefined;
}

/** The curve of a sweep: `stories` are in the order of the values, `currentNumber` is the value of the rule as it is, where it is known. */
export function sweepCurve(
  values: readonly SweepValue[],
  stories: readonly RuleStory[],
  asItIs: { readonly story: RuleStory; readonly number: number | undefined },
  range: TimeRange,
): SweepCurve {
  const points = values.flatMap((value, place): readonly SweepPoint[] => {
    const story = stories[place];
    return story === undefined ? [] : [pointOf(story, value, value.number === asItIs.number, range)];
  });
  const knee = kneeOf(points.map((point) => ({ x: point.value?.number ?? 0, y: point.episodes, point })));
  return {
    points,
    current: points.find(({ current }) => current) ?? pointOf(asItIs.story, undefined, true, range),
    knee: knee?.point,
  };
}

function pointOf(story: RuleStory, value: SweepValue | undefined, current: boolean, range: TimeRange): SweepPoint {
  const episodes = alertEpisodes(story, range.to);
  return {
    value,
    current,
    episodes: episodes.length,
    messages: story.notifications.length,
    alerting: timeInAlert(episodes, range),
    groups: new Set(episodes.map(({ group }) => groupName(group))).size,
    failed: story.failed,
  };
}
