import { formatDuration, parseDuration } from '../core/duration.ts';
import type { Instant } from '../core/time.ts';

/** Where virtual time begins unless a test says otherwise: a Thursday midnight, aligned to every interval that divides a day. */
export const DEFAULT_START: Instant = Date.parse('2026-01-01T00:00:00.000Z');

/** Reads a time of a test file: a duration after (with a minus, before) the start, or ISO 8601. Undefined when it is not a valid time. */
export function readTime(text: string, start: Instant): Instant | undefined {
  if (/^\d{4}-/.test(text)) return readInstant(text);
  const duration = parseDuration(text.replace(/^-/, ''));
  if (duration === undefined) return undefined;
  return text.startsWith('-') ? start - duration : start + duration;
}

/** Reads ISO 8601 in UTC; undefined for a day that is not in the calendar. */
export function readInstant(text: string): Instant | undefined {
  const instant = Date.parse(text);
  if (!Number.isFinite(instant)) return undefined;
  // Some calendars roll the 30th of February over; a test must not.
  return new Date(instant).toISOString().startsWith(text.slice(0, 10)) ? instant : undefined;
}

/** Writes a time as test files do, from the start: `+5m`, `-1d`. */
export function relativeTime(at: Instant, start: Instant): string {
  return `${at < start ? '-' : '+'}${formatDuration(Math.abs(at - start))}`;
}
