import { own } from '../core/record.ts';

/** Numbers from `low` to `high`; an open end is not among them, and of a `whole` range nothing but integers is. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly openLow?: boolean;
  readonly openHigh?: boolean;
  readonly whole?: boolean;
}

/** What values can be, by name or by how a computation is written (`errors / total`); all numbers where nothing is said. */
export type Ranges = Readonly<Record<string, Range>>;

/** Any number. */
export const ANY: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
/** What is counted. */
export const COUNTED: Range = { low: 0, high: Number.POSITIVE_INFINITY, whole: true };
/** What is never below 0, such as a length of time. */
export const NOT_NEGATIVE: Range = { low: 0, high: Number.POSITIVE_INFINITY };
/** What is never above 0. */
export const NOT_POSITIVE: Range = { low: Number.NEGATIVE_INFINITY, high: 0 };
/** A part of a whole. */
export const SHARE: Range = { low: 0, high: 1 };

/** Says whether no number is in a range. */
export function isEmpty({ low, high, openLow, openHigh }: Range): boolean {
  return low > high || (low === high && (openLow === true || openHigh === true));
}

/** What lies in both ranges. */
export function both(a: Range, b: Range): Range {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  const openLow = [a, b].some((one) => one.low === low && one.openLow === true);
  const openHigh = [a, b].some((one) => one.high === high && one.openHigh === true);
  return tightened({ low, high, openLow, openHigh, whole: a.whole === true || b.whole === true });
}

/** The ends of a whole range are integers that belong to it. */
function tightened(range: Range): Range {
  if (range.whole !== true) return range;
  const up = Math.ceil(range.low);
  const down = Math.floor(range.high);
  const low = range.openLow === true && up === range.low ? up + 1 : up;
  const high = range.openHigh === true && down === range.high ? down - 1 : down;
  return { low, high, openLow: low === Number.NEGATIVE_INFINITY, openHigh: high === Number.POSITIVE_INFINITY, whole: true };
}

/** What stays of a range without one number of it, where that is at an end. */
export function withoutNumber(range: Range, value: number): Range {
  const cut = {
    ...range,
    ...(range.low === value && { openLow: true }),
    ...(range.high === value && { openHigh: true }),
  };
  return tightened(cut);
}

type Operation = (a: Range, b: Range) => Range;

const isWhole = (...ranges: readonly Range[]) => ranges.every(({ whole }) => whole === true);
const closed = (low: number, high: number, whole: boolean): Range =>
  Number.isNaN(low) || Number.isNaN(high) ? ANY : { low, high, ...(whole && { whole }) };

/** 0 · ∞ is 0 here: an end that is never reached does not undo a factor of 0. */
function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function product(a: Range, b: Range): Range {
  const ends = [times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)];
  return closed(Math.min(...ends), Math.max(...ends), isWhole(a, b));
}

/** A division by 0 has no result, so that 0 is left out of the divisor. */
function quotient(a: Range, b: Range): Range {
  if (b.low < 0 && b.high > 0) return ANY;
  const over = (n: number, sign: number) => (n === 0 ? sign * Number.POSITIVE_INFINITY : 1 / n);
  const inverse = b.low >= 0 ? { low: over(b.high, 1), high: over(b.low, 1) } : { low: over(b.high, -1), high: over(b.low, -1) };
  return { ...product(a, inverse), whole: false };
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '+': (a, b) => closed(a.low + b.low, a.high + b.high, isWhole(a, b)),
  '-': (a, b) => closed(a.low - b.high, a.high - b.low, isWhole(a, b)),
  '*': product,
  '/': quotient,
  min: (a, b) => closed(Math.min(a.low, b.low), Math.min(a.high, b.high), isWhole(a, b)),
  max: (a, b) => closed(Math.max(a.low, b.low), Math.max(a.high, b.high), isWhole(a, b)),
};

const OF_ONE: Readonly<Record<string, (a: Range) => Range>> = {
  negative: (a) => closed(-a.high, -a.low, isWhole(a)),
  abs: (a) => {
    const ends = [Math.abs(a.low), Math.abs(a.high)];
    return closed(a.low <= 0 && a.high >= 0 ? 0 : Math.min(...ends), Math.max(...ends), isWhole(a));
  },
  round: (a) => closed(Math.floor(a.low), Math.ceil(a.high), true),
};

/** What a computation of numbers in these ranges can give. */
export function computed(by: string, of: readonly Range[]): Range {
  const [a, b] = of;
  if (a === undefined) return ANY;
  if (b === undefined) return own(OF_ONE, by)?.(a) ?? ANY;
  return own(OPERATIONS, by)?.(a, b) ?? ANY;
}
