import type { Json } from './json.ts';

/** An integer as it is carried: a number while a number holds it exactly, else a bigint. */
export function integer(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Longest integer that is kept digit by digit; what is longer is a number like any other. */
const MOST_DIGITS = 40;
const INTEGER = /^[+-]?\d+$/;

/** Reads decimal digits, with or without a sign, exactly; undefined for any other text. */
export function readInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  return text.length > MOST_DIGITS ? Number(text) : integer(BigInt(text));
}

/** A value as programs that know no integers beyond 2^53 can read it: such an integer is the text of its digits. */
export function readable<T>(value: T | bigint): T | string {
  return typeof value === 'bigint' ? String(value) : value;
}

/** Named values as `readable` has each of them. */
export function readableValues<T>(values: Readonly<Record<string, T | bigint>>): Readonly<Record<string, T | string>> {
  if (!Object.values(values).some((value) => typeof value === 'bigint')) return values as Readonly<Record<string, T>>;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, readable<T>(value)]));
}

/** JSON data in which every integer beyond 2^53, however deep, is the text of its digits. */
export function readableJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return readable(value);
  if (Array.isArray(value)) return value.map(readableJson);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readableJson(inner)]));
}

/** Order of two numbers of either kind, exact however large they are. */
export function compareNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
