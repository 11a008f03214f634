import type { TickReadings } from '../evaluation/tick-readings.ts';
import type { MessageChart } from '../messages/message.ts';

/** Draws SVG, which it is given without the signs that no font here has, as a PNG; undefined: this machine cannot. May reject. */
export type DrawPng = (svgWithout: (missing: ReadonlySet<string>) => string, width: number) => Promise<Uint8Array | undefined>;

/** Charts that this process has drawn or is drawing, by what they show. */
export interface ChartMemory {
  readonly drawn: Map<string, Promise<MessageChart | undefined>>;
  readonly underway: Set<Promise<MessageChart | undefined>>;
  /** What rules that are asked tick by tick measured of all of their groups: the alert groups of a rule share it. */
  readonly ticks: Map<string, Promise<readonly TickReadings[]>>;
}

/** An empty memory. */
export function newChartMemory(): ChartMemory {
  return { drawn: new Map(), underway: new Set(), ticks: new Map() };
}
