import { readInteger } from '../core/integers.ts';
import { isObject } from '../core/json.ts';
import { localNumber } from '../core/locale.ts';
import { Mention } from './markup.ts';

/** What a value that is missing prints as. */
export const MISSING_VALUE = 'n/a';

const DEEPEST = 3;

/**
 * How an output prints a value: numbers without the noise of binary fractions, null as `n/a`, lists and objects as readable text.
 */
export function printValue(value: unknown): string {
  return printed(value, DEEPEST);
}

function printed(value: unknown, depth: number): string {
  if (value === null || value === undefined) return MISSING_VALUE;
  if (typeof value === 'number') return readable(value);
  if (Array.isArray(value)) return depth === 0 ? '…' : value.map((inner) => printed(inner, depth - 1)).join(', ');
  if (value instanceof Mention || !isObject(value)) return String(value);
  if (depth === 0) return '…';
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${printed(inner, depth - 1)}`)
    .join(', ');
}

/** A number for people: whole ones as they are, others with three decimals, or four significant digits below one. */
function readable(value: number): string {
  if (!Number.isFinite(value)) return MISSING_VALUE;
  if (Number.isInteger(value)) return String(value);
  return String(Number(Math.abs(value) < 1 ? value.toPrecision(4) : value.toFixed(3)));
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** A number of bytes in binary units: 1288490189 is `1.2 GiB`. */
export function bytes(value: unknown): string {
  const amount = toNumber(value);
  if (amount === undefined) return MISSING_VALUE;
  let scaled = amount;
  let unit = 0;
  while (Math.abs(scaled) >= 1_023.95 && unit < BINARY_UNITS.length - 1) {
    scaled /= 1_024;
    unit += 1;
  }
  return `${rounded(scaled, 1)} ${BINARY_UNITS[unit]}`;
}

/** A ratio in percent, with at most one decimal or as many as asked for: 0.934 is `93.4%`. */
export function percent(value: unknown, decimals: unknown): string {
  const ratio = toNumber(value);
  return ratio === undefined ? MISSING_VALUE : `${grouped(ratio * 100, decimals, 1)}%`;
}

/**
 * A number with thousands separators and at most two decimals, or exactly as many as asked for: 1234567.891 is `1,234,567.89`.
 */
export function number(value: unknown, decimals: unknown): string {
  // The measured integers beyond 2^53 are texts, which a number would round.
  const exact = typeof value === 'string' ? readInteger(value.trim()) : undefined;
  if (typeof exact === 'bigint') return exact.toLocaleString('en-US');
  const amount = toNumber(value);
  return amount === undefined ? MISSING_VALUE : grouped(amount, decimals, 2);
}

/** The number of a template value; undefined for null, empty text and other values. */
export function toNumber(value: unknown): number | undefined {
  const amount =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(amount) ? amount : undefined;
}

function grouped(value: number, decimals: unknown, usual: number): string {
  const asked = toNumber(decimals);
  const digits = asked === undefined ? usual : Math.min(10, Math.max(0, Math.trunc(asked)));
  const minimum = asked === undefined ? 0 : digits;
  return localNumber(value, 'en-US', digits, minimum);
}

function rounded(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
