/** The middle of the values; of an even number of them, the upper one of the middle two. NaN without values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The mean of the values; NaN without values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The smallest value that at least the share `q` of the values does not exceed; NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const place = q === 0.5 ? Math.floor(sorted.length / 2) : Math.ceil(q * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, place))] ?? Number.NaN;
}

/** How many times less the second value is than the first: `12×`; `–` where nothing can be said. */
export function ratio(theirs: number, ours: number): string {
  const times = theirs / ours;
  if (!Number.isFinite(times) || ours <= 0) return '–';
  return `${times >= 10 ? times.toFixed(0) : times.toFixed(1)}×`;
}

/** CPU time for people: seconds from one second on, else milliseconds; `–` where it is not known. */
export function cpu(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return '–';
  return Math.round(milliseconds) >= 1_000 ? `${(milliseconds / 1_000).toFixed(2)} s` : `${milliseconds.toFixed(0)} ms`;
}

/** Seconds for people; `–` where they are not known. */
export function seconds(value: number): string {
  return Number.isNaN(value) ? '–' : `${value.toFixed(1)} s`;
}

/** Memory for people. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** A count with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
