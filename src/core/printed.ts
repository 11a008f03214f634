import { textOfValue } from './json.ts';

/** Most fields of one sample document that evidence has: those that patterns give, those that are kept and those that messages show. */
export const EVIDENCE_FIELDS = 30;

/** The value of a group's field for people: null is `(none)`, an empty text `(empty)`, and one that consists only of spaces is quoted. */
export function groupValue(value: string | null): string {
  if (value === null) return '(none)';
  if (value === '') return '(empty)';
  return value.trim() === '' ? JSON.stringify(value) : value;
}

/**
 * A number without false precision: whole ones exact, others with four significant digits, and never fewer than before the decimal point.
 */
export function significant(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4));
}

/** Measured values for people: `count 7, avg 0.35`; no more than four significant digits; null is `no value`. */
export function valuesText(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'no value';
  if (typeof value === 'number') return String(significant(value));
  return textOfValue(value);
}
