import type { Duration, Instant } from '../core/time.ts';

export type { Flapping } from '../state/entry.ts';

/** When an alert flaps: `episodes` begin within `within` ms, until nothing began or ended for `steady` ms. */
export interface FlappingRule {
  readonly episodes: number;
  readonly within: Duration;
  readonly steady: Duration;
}

/** The ticks at which episodes began within `within` of the newest, oldest first, with that one: no more of them than make an alert flap. */
export function beginsWith(begins: readonly Instant[], at: Instant, { episodes, within }: FlappingRule): readonly Instant[] {
  return [...begins, at].filter((begun) => at - begun < within).slice(-episodes);
}
