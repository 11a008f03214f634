import type { Duration, Instant } from '../core/time.ts';

/** When an alert flaps: `episodes` begin within `within` ms, until nothing began or ended for `steady` ms. */
export interface FlappingRule {
  readonly episodes: number;
  readonly within: Duration;
  readonly steady: Duration;
}

/** What is told of an alert that flaps, or did until now; durations in ms. Stored names. */
export interface Flapping {
  /** Tick at which the first of its episodes began. */
  readonly since: Instant;
  /** How many began since. */
  readonly episodes: number;
  /** The newest tick at which one began or ended. */
  readonly changed: Instant;
  readonly within: Duration;
  readonly steady: Duration;
}

/** The ticks at which episodes began within `within` of the newest, oldest first, with that one: no more of them than make an alert flap. */
export function beginsWith(begins: readonly Instant[], at: Instant, { episodes, within }: FlappingRule): readonly Instant[] {
  return [...begins, at].filter((begun) => at - begun < within).slice(-episodes);
}
