import { DAY, type Instant, MINUTE } from './time.ts';

/** What a clock on the wall of a time zone shows. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 0: Sunday. */
  readonly weekday: number;
  /** Since midnight on the clock; a day on which the clock changes has no other numbers. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const PARTS = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { ...PARTS, hourCycle: 'h23', timeZone: timezone });
  formats.set(timezone, made);
  return made;
}

/** The local time at an instant in an IANA zone. */
export function localTime(at: Instant, timezone: string): LocalTime {
  const shown = new Map(
    formatOf(timezone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => shown.get(name) ?? 0;
  const [year, month, day] = [part('year'), part('month'), part('day')];
  return { year, month, day, weekday: weekdayOf(dayNumber(year, month, day)), minute: part('hour') * 60 + part('minute') };
}

/** Days since 1970-01-01 of a date in the calendar, whatever the zone. A day beyond the end of the month is one of the next. */
export function dayNumber(year: number, month: number, day: number): number {
  return Math.floor(Date.UTC(year, month - 1, day) / DAY);
}

/** The date that is so many days after 1970-01-01. */
export function dateOfDay(days: number): Omit<LocalTime, 'minute'> {
  const date = new Date(days * DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: weekdayOf(days) };
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/**
 * The first instant at which a clock in the zone shows this time or a later one: of a time that is shown twice the first, of one that is skipped
 * the end of the gap.
 */
export function instantOfLocal(days: number, minute: number, timezone: string): Instant {
  const wanted = days * DAY + minute * MINUTE;
  // Zones are at most 26 hours apart; within them, the first minute that shows the time or a later one is what is looked for.
  const shows = (at: Instant) => {
    const { year, month, day, minute: shown } = localTime(at, timezone);
    return dayNumber(year, month, day) * DAY + shown * MINUTE;
  };
  const offsets = [wanted - DAY, wanted + DAY].map((at) => shows(at) - at);
  const candidates = offsets.map((offset) => wanted - offset).filter((at) => shows(at) === wanted);
  if (candidates.length > 0) return Math.min(...candidates);
  let at = wanted - Math.max(...offsets);
  while (shows(at) < wanted) at += MINUTE;
  return at;
}
