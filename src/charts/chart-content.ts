import type { ReaderSettings } from '../core/locale.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Unit } from '../core/units.ts';

/** One line of a chart. */
export interface ChartLine {
  /** Which group it is; empty where there is only one. */
  readonly name: string;
  /** Oldest first; null: nothing is known of that time, and the line has a gap. */
  readonly points: readonly { readonly at: Instant; readonly value: number | null }[];
}

/** What a chart shows. */
export interface ChartContent {
  /** What was measured. */
  readonly label: string;
  readonly unit: Unit | undefined;
  readonly range: TimeRange;
  readonly lines: readonly ChartLine[];
  /** The limit over time: a number compared with another value has one at each time. Empty without a limit. */
  readonly limit: ChartLine['points'];
  readonly bad: 'above' | 'below';
  /** From when to when it fired; it may begin before the range. Undefined: it did not. */
  readonly firing: TimeRange | undefined;
  /** When it fired before that. */
  readonly earlier?: readonly TimeRange[];
  readonly isOver: boolean;
  readonly reader: ReaderSettings;
}
