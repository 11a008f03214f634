import type { Duration, TimeRange } from '../core/time.ts';
import { alertEpisodes, groupName, timeInAlert } from './alert-episodes.ts';
import type { RuleStory } from './rule-story.ts';
import type { SweepValue } from './sweep-spec.ts';

/** A point of a curve. */
interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** Fewer points than these make no curve. */
const LEAST_POINTS = 5;
/** A curve that stays closer to its chord than this, as a share of its height, has no knee. */
const LEAST_DEPTH = 0.1;

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

/**
 * The knee of a curve: both axes scaled to 0…1, it is the point that lies farthest below the straight line (chord) from the first to the last
 * point. Beyond it, to the side where there is less, a further step brings little; to the other side there is soon much more. Undefined for
 * fewer than five points, for a flat curve, and where no point lies a tenth of the height below the chord. A point at 0 is not a knee: where nothing
 * is left, nothing is weighed. Of equal points the first counts.
 */
export function kneeOf<P extends CurvePoint>(points: readonly P[]): P | undefined {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < LEAST_POINTS) return undefined;
  const ys = points.map(({ y }) => y);
  const [low, high] = [ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))];
  if (high === low || last.x === first.x) return undefined;
  const depth = ({ x, y }: CurvePoint) =>
    (first.y + ((x - first.x) / (last.x - first.x)) * (last.y - first.y) - y) / (high - low);
  const deepest = points
    .filter(({ y }) => y > 0)
    .reduce((best, point) => (depth(point) > depth(best) + Number.EPSILON * 8 ? point : best), first);
  return depth(deepest) >= LEAST_DEPTH ? deepest : undefined;
}
