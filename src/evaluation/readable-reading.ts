import { readableValues } from '../core/integers.ts';
import { iso } from '../core/time.ts';
import type { Reading } from '../rule-types/rule-type.ts';

/** The values of a reading for people and for what is stored: times as ISO 8601 in UTC, and large integers as the texts of their digits. */
export function readableReading({ values, dates = [] }: Pick<Reading, 'values' | 'dates'>) {
  const readable = readableValues(values);
  if (dates.length === 0) return readable;
  const names = new Set(dates);
  const entries = Object.entries(readable).map(([name, value]) => [name, names.has(name) ? dateText(value) : value] as const);
  return Object.fromEntries(entries);
}

function dateText<T>(value: T): T | string {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15 ? iso(Math.round(value)) : value;
}
