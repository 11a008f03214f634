import type { Limit, Thresholds } from '../conditions/thresholds.ts';
import type { Instant, TimeRange } from '../core/time.ts';

/** One value of a rule over time, of all its groups together. */
export interface MeasuredValues {
  readonly value: string;
  /** Equal parts of the range: of each the highest value of any group, or the lowest where that is the bad side; null: nothing was measured. */
  readonly parts: readonly (number | null)[];
  readonly bad: Thresholds['bad'];
  readonly limits: readonly Limit[];
}

/** Collects one value over time in a fixed number of parts, however many windows and groups there are. */
export interface ValueCollector {
  take(at: Instant, values: Readonly<Record<string, unknown>>): void;
  /** Undefined where nothing was a number. */
  measured(): MeasuredValues | undefined;
}

/** Parts of a range: more than a terminal or a chart has columns. */
export const PARTS = 480;

/** Starts collecting; without thresholds it takes the first value that is a number. */
export function collectValues({ from, to }: TimeRange, thresholds: Thresholds | undefined): ValueCollector {
  const parts: (number | null)[] = [];
  const bad = thresholds?.bad ?? 'above';
  let name = thresholds?.value;
  return {
    take: (at, values) => {
      if (at <= from || at > to) return;
      name ??= Object.entries(values).find(([, value]) => isNumber(value))?.[0];
      const value = Object.entries(values).find(([key]) => key === name)?.[1];
      if (!isNumber(value)) return;
      if (parts.length === 0) for (let part = 0; part < PARTS; part++) parts.push(null);
      const part = Math.min(PARTS - 1, Math.floor(((at - from) / (to - from)) * PARTS));
      parts[part] = worse(bad, parts[part] ?? null, Number(value));
    },
    measured: () =>
      name === undefined || parts.length === 0
        ? undefined
        : { value: name, parts: [...parts], bad, limits: thresholds?.limits ?? [] },
  };
}

/**
 * The parts in other columns: of each the worst. Where there are more columns than `windows`, a value is shown until the next one may come.
 */
export function columnsOf(
  { parts, bad }: Pick<MeasuredValues, 'parts' | 'bad'>,
  count: number,
  windows: number,
): readonly (number | null)[] {
  const columns: (number | null)[] = Array.from({ length: count }, () => null);
  for (const [place, value] of parts.entries()) {
    if (value === null) continue;
    const column = Math.floor((place / parts.length) * count);
    columns[column] = worse(bad, columns[column] ?? null, value);
  }
  const shown = Math.ceil(count / Math.max(1, windows));
  let last = Number.NEGATIVE_INFINITY;
  return columns.map((value, column) => {
    if (value !== null) last = column;
    return value ?? (column - last < shown ? (columns[last] ?? null) : null);
  });
}

function worse(bad: Thresholds['bad'], one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return bad === 'above' ? Math.max(one, other) : Math.min(one, other);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
}
