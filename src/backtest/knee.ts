/** A point of a curve. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** Fewer points than these make no curve. */
const LEAST_POINTS = 5;
/** A curve that stays closer to its chord than this, as a share of its height, has no knee. */
const LEAST_DEPTH = 0.1;

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
