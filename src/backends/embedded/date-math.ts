import { own } from '../../core/record.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts';
import type { Rounding } from './dates.ts';

const STEP = /([+-])(\d+)([yMwdhHms])|\/([yMwdhHms])/y;

/**
 * Applies date math such as `-2h/d` to a moment, in UTC, as Elasticsearch does; undefined if it is invalid. Rounded up, `/d` is the last
 * millisecond of the day.
 */
export function dateMath(start: number, math: string, rounding: Rounding): number | undefined {
  let time = start;
  STEP.lastIndex = 0;
  while (STEP.lastIndex < math.length) {
    const step = STEP.exec(math);
    if (step === null) return undefined;
    const [, sign, count, unit, rounded] = step;
    if (rounded !== undefined) {
      const begin = beginOf(time, rounded);
      time = rounding === 'down' ? begin : plus(begin, 1, rounded) - 1;
    } else if (unit !== undefined) time = plus(time, Number(count) * (sign === '-' ? -1 : 1), unit);
  }
  return time;
}

const LENGTHS: Readonly<Record<string, number>> = {
  w: 7 * DAY,
  d: DAY,
  h: HOUR,
  H: HOUR,
  m: MINUTE,
  s: SECOND,
};
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY = 4 * DAY;

function beginOf(time: number, unit: string): number {
  const date = new Date(time);
  if (unit === 'y') return Date.UTC(date.getUTCFullYear(), 0);
  if (unit === 'M') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const length = own(LENGTHS, unit) ?? 1;
  const offset = unit === 'w' ? FIRST_MONDAY : 0;
  return Math.floor((time - offset) / length) * length + offset;
}

function plus(time: number, count: number, unit: string): number {
  if (unit !== 'y' && unit !== 'M') return time + count * (own(LENGTHS, unit) ?? 1);
  const date = new Date(time);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + count * (unit === 'y' ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), ((months % 12) + 12) % 12];
  // The 31st of a shorter month is its last day.
  const day = Math.min(date.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
  return Date.UTC(year, month, day) + (((time % DAY) + DAY) % DAY);
}
