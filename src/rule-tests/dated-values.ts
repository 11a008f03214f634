import type { Json } from '../core/json.ts';
import { put } from '../core/record.ts';
import { type Duration, type Instant, iso } from '../core/time.ts';

const NEAR: Duration = 400 * 86_400_000;

/**
 * Values for people: a number of milliseconds that lies within a year of the test's time is a date, and says which, since `max` and `min` of a date
 * are numbers.
 */
export function datedValues<T extends Json | undefined>(
  values: Readonly<Record<string, T>>,
  start: Instant,
): Readonly<Record<string, T | string>> {
  const dated: Record<string, T | string> = {};
  for (const [name, value] of Object.entries(values)) put(dated, name, isDate(value, start) ? `${iso(value)} (${value})` : value);
  return dated;
}

function isDate(value: unknown, start: Instant): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1e12 && Math.abs(value - start) < NEAR;
}
