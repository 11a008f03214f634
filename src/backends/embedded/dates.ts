const ISO =
  /^(-?\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?$/;

const EPOCH_MILLIS = /^-?\d+(?:\.\d*)?$/;

/** Which moment an incomplete date means: `2026-01-01` is midnight, or as an upper bound the last moment of that day. */
export type Rounding = 'down' | 'up';

/**
 * Reads a date as Elasticsearch's default format does, `strict_date_optional_time||epoch_millis`: ISO 8601, or milliseconds since 1970 as a
 * number or text, with decimals; four digits are a year even where they are a number. Gives milliseconds; what is finer than one is their fraction. Undefined: it is not a date.
 */
export function parseDate(value: unknown, rounding: Rounding = 'down'): number | undefined {
  if (typeof value === 'number' && (Math.abs(value) > 9_999 || !Number.isInteger(value))) {
    return Number.isFinite(value) ? value : undefined;
  }
  if (typeof value === 'number') return parseDate(String(value), rounding);
  if (typeof value !== 'string') return undefined;
  const parts = ISO.exec(value);
  if (parts !== null) return fromParts(parts, rounding === 'up');
  return EPOCH_MILLIS.test(value) ? Number(value) : undefined;
}

/** The fraction of a millisecond that numbers can represent for dates of this millennium. */
const LEAST_PART = 2 ** -8;

function fromParts(parts: RegExpExecArray, up: boolean): number | undefined {
  const [, year = '', month = '01', day = '01', hour, minute, second, fraction, zone] = parts;
  const whole = Date.UTC(2000, Number(month) - 1, Number(day));
  const date = new Date(whole);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const h = Number(hour ?? (up ? 23 : 0));
  const m = Number(minute ?? (up ? 59 : 0));
  const s = Number(second ?? (up ? 59 : 0));
  if (h > 23 || m > 59 || s > 59) return undefined;
  const ms = fraction === undefined ? (up ? 999 : 0) : Number(fraction.padEnd(9, '0')) / 1_000_000;
  const offset = zoneOffset(zone);
  if (offset === undefined) return undefined;
  const base = date.getTime() + h * 3_600_000 + m * 60_000 + s * 1_000 + Math.floor(ms) - offset;
  // A number would round the last nanoseconds of a millisecond to the next one, and that of a window into the next window.
  return Math.min(base + (ms - Math.floor(ms)), base + 1 - LEAST_PART);
}

function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 18 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
