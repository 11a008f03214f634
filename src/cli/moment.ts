import { parseDuration } from '../core/duration.ts';
import { TocsinError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';

const RELATIVE = /^now(?:([+-])(.+))?$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads a moment as the command line has it: ISO 8601 (without a zone it is UTC, a day alone is its begin) or `now`, `now-7d`, `now+1h`.
 * Throws TocsinError for anything else, days that do not exist included.
 */
export function parseMoment(option: string, text: string, now: Instant): Instant {
  const relative = RELATIVE.exec(text.trim());
  const moment = relative === null ? parseDate(text.trim()) : fromNow(relative, now);
  if (moment !== undefined) return moment;
  throw new TocsinError('cli/moment', `${option} ${JSON.stringify(text)} is not a time`, {
    hint: 'write it like 2026-01-31T10:00Z, 2026-01-31, now or now-7d',
  });
}

function fromNow([, sign, length]: RegExpExecArray, now: Instant): Instant | undefined {
  if (sign === undefined) return now;
  const duration = parseDuration(length ?? '');
  return duration === undefined ? undefined : now + (sign === '-' ? -duration : duration);
}

function parseDate(text: string): Instant | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const clock = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const utc = Date.parse(clock);
  // The engine reads the 30th of February as a day in March.
  if (Number.isNaN(utc) || new Date(utc).toISOString() !== clock) return undefined;
  return utc - zoneOffset(zone);
}

function zoneOffset(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}
