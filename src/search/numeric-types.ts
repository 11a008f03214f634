import { integer, readInteger } from '../core/integers.ts';
import { own } from '../core/record.ts';

/** A number as a field holds it: a bigint where an integer is beyond 2^53. */
export type Numeric = number | bigint;

/** How one numeric type of Elasticsearch stores and reads numbers. */
export interface NumericType {
  /** True: decimals are cut off, and integers of 64 bits stay exact. */
  readonly whole: boolean;
  /** A number as it is stored; undefined where Elasticsearch refuses the document for it. */
  store(value: Numeric): Numeric | undefined;
  /** The value of a query as it is compared with what is stored; undefined: as it is. */
  readonly asked?: (value: Numeric) => Numeric;
  /** The bound of a range as it is compared; undefined: as `asked`. */
  readonly bound?: (value: Numeric) => Numeric;
  /** Says whether a range or a list of values may name the number: of integers Elasticsearch refuses those that the type cannot hold. */
  readonly inRange?: (value: Numeric) => boolean;
  /** A stored number as documents show it: a float of 32 bits with the fewest digits that distinguish it from its neighbours. */
  readonly shown?: (value: Numeric) => Numeric;
}

const WHOLE: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  byte: [-128n, 127n],
  short: [-32_768n, 32_767n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
  unsigned_long: [0n, 2n ** 64n - 1n],
};

const known = new Map<string, NumericType | undefined>();

/** The numeric type of a name, the same object each time; undefined for what is not numeric. */
export function numericType(name: string, scalingFactor?: number): NumericType | undefined {
  const key = `${name} ${scalingFactor ?? 1}`;
  if (!known.has(key)) known.set(key, makeType(name, scalingFactor));
  return known.get(key);
}

function makeType(name: string, scalingFactor?: number): NumericType | undefined {
  const bounds = own(WHOLE, name);
  if (bounds !== undefined) return { whole: true, store: (value) => stored(value, bounds), ...rangeOf(name) };
  switch (name) {
    case 'double':
      return { whole: false, store: Number };
    case 'float':
      return rounded((value) => Math.fround(value));
    case 'half_float':
      return { ...rounded(toHalf), bound: (value) => Math.fround(Number(value)) };
    case 'scaled_float': {
      const factor = scalingFactor ?? 1;
      // As Elasticsearch does: what is stored is the integer, and what is shown is that integer times the inverse.
      const store = (value: Numeric) => Math.round(Number(value) * factor) * (1 / factor);
      return { whole: false, store, asked: store, bound: Number };
    }
    default:
      return undefined;
  }
}

/** Shorter integers are asked for as `integer`; an `unsigned_long` takes any number. */
function rangeOf(name: string): Pick<NumericType, 'inRange'> {
  const bounds = name === 'unsigned_long' ? undefined : own(WHOLE, name === 'long' ? 'long' : 'integer');
  if (bounds === undefined) return {};
  const [least, most] = bounds;
  return { inRange: (value) => value >= least && value <= most };
}

function rounded(round: (value: number) => number): NumericType {
  return {
    whole: false,
    store: (value) => finite(round(Number(value))),
    asked: (value) => round(Number(value)),
    shown: shortest,
  };
}

function shortest(value: Numeric): number {
  const float = Math.fround(Number(value));
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return Number(float.toPrecision(9));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function stored(value: Numeric, [least, most]: readonly [bigint, bigint]): Numeric | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  const cut = typeof value === 'number' ? Math.trunc(value) : value;
  if (typeof cut === 'number' && Number.isSafeInteger(cut) && least <= cut && cut <= most) return cut === 0 ? 0 : cut;
  const exact = BigInt(cut);
  return exact < least || exact > most ? undefined : integer(exact);
}

/** Rounds to the nearest number that 16 bits can hold, halves to the even one. */
function toHalf(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(size)) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const step = 2 ** (exponent - 10);
  const scaled = size / step;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const even = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  const half = even * step;
  return Math.sign(value) * (half > 65_504 ? Number.POSITIVE_INFINITY : half);
}

/**
 * Reads a decimal number with an optional exponent, integers digit by digit; undefined if the text is invalid. Spaces around it are taken for
 * decimals only.
 */
export function parseNumeric({ whole }: NumericType, text: string): Numeric | undefined {
  const number = whole ? text : text.trim();
  if (!whole && /^-0+$/.test(number)) return -0;
  return readInteger(number) ?? (DECIMAL.test(number) ? Number(number) : undefined);
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
