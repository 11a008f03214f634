import { jsonText } from '../core/json.ts';
/** How a measured value must be: equal to something, or in a relation to a number. `about`: within one percent. */
export type ValuePattern =
  | { readonly kind: 'equals'; readonly value: number | bigint | string | boolean | null }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly number: number };

/** A relation of a value to a number. */
type Comparison = '>=' | '<=' | '!=' | '>' | '<' | 'about';

const NUMBER = '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?';
const COMPARISON = new RegExp(`^(>=|<=|!=|>|<|~|about)\\s*(${NUMBER})$`);
/** Sums and averages of the same numbers differ in their last digits, by the order in which they were added. */
const ROUNDING = 1e-9;
const ABOUT = 0.01;

/** Reads what a test file has for a value: `7`, `">= 5"`, `"~ 0.35"` (within one percent), a text, `null` for no value. */
export function readValuePattern(given: number | bigint | string | boolean | null): ValuePattern {
  const [, op, number] = typeof given === 'string' ? (COMPARISON.exec(given.trim()) ?? []) : [];
  if (op === undefined) return { kind: 'equals', value: given };
  return { kind: 'compare', op: op === '~' ? 'about' : (op as Comparison), number: Number(number) };
}

/** Says whether a value is what a pattern wants; undefined is a missing value, which fits nothing. */
export function fitsValue(pattern: ValuePattern, value: unknown): boolean {
  if (pattern.kind === 'equals') {
    if (typeof pattern.value === 'number' && typeof value === 'number') return near(value, pattern.value, ROUNDING);
    // Measured integers beyond 2^53 are the texts of their digits.
    if (typeof pattern.value === 'bigint') return String(value) === String(pattern.value);
    return value === pattern.value;
  }
  if (typeof value !== 'number') return false;
  switch (pattern.op) {
    case '>':
      return value > pattern.number;
    case '<':
      return value < pattern.number;
    case '>=':
      return value >= pattern.number;
    case '<=':
      return value <= pattern.number;
    case '!=':
      return value !== pattern.number;
    case 'about':
      return near(value, pattern.number, ABOUT);
  }
}

/** A pattern in words: `7`, `>= 5`. */
export function describeValuePattern(pattern: ValuePattern): string {
  if (pattern.kind === 'equals') return pattern.value === null ? 'no value' : jsonText(pattern.value);
  return `${pattern.op} ${pattern.number}`;
}

function near(value: number, wanted: number, tolerance: number): boolean {
  return Math.abs(value - wanted) <= tolerance * Math.max(Math.abs(value), Math.abs(wanted));
}
