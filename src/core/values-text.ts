import { jsonText } from './json.ts';
import { significant } from './printed.ts';

/** Measured values for people: `count 7, avg 0.35`; no more than four significant digits; null is `no value`. */
export function valuesText(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'no value';
  if (typeof value === 'number') return String(significant(value));
  return typeof value === 'string' ? value : jsonText(value);
}
