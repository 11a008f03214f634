import { iso } from '../core/time.ts';
import type { QueryDsl } from './query.ts';

/** Dates as rows of groups have them. */
const MOMENT = /^[+-]?\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const LAST = '9999-12-31T23:59:59.999Z';

/** Whether a group's value may be that of a date. */
export function isMoment(value: string): boolean {
  return MOMENT.test(value);
}

/**
 * Documents whose field has a group's value. A date field understands only its own format, unless another is given; for any other field the
 * range holds just this text.
 */
export function ofValue(field: string, value: string): QueryDsl {
  if (!isMoment(value)) return { term: { [field]: { value } } };
  const format = 'strict_date_optional_time';
  // What comes after the last moment of 9999, which stands for "never", has five digits, and is not a date in this format.
  if (value === LAST) return { range: { [field]: { gte: value, format } } };
  return { range: { [field]: { gte: value, lt: iso(Date.parse(value) + 1), format } } };
}
