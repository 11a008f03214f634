import { DAY, type Instant, MINUTE, SECOND } from '../core/time.ts';

/** The time on the wall clock of a time zone, as if that were UTC. */
export type WallTime = number;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock of a time zone shows at an instant. */
export function wallTime(at: Instant, timezone: string): WallTime {
  return at + offset(at, timezone);
}

/**
 * When the wall clock of a time zone shows a time: of one that it shows twice the first instant, and for one that it leaves out the first instant
 * after the gap, as schedules of rules do.
 */
export function instantOf(wall: WallTime, timezone: string): Instant {
  const [before, after] = [offset(wall - DAY, timezone), offset(wall + DAY, timezone)];
  const found = [wall - before, wall - after].filter((at) => wallTime(at, timezone) === wall);
  return found.length > 0 ? Math.min(...found) : endOfGap(wall - after, wall - before, timezone);
}

/** When the clock was put forward within a range of time. */
function endOfGap(from: Instant, to: Instant, timezone: string): Instant {
  const changed = offset(to, timezone);
  let [low, high] = [from, to];
  while (high - low > SECOND) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle, timezone) === changed) high = middle;
    else low = middle;
  }
  return Math.round(high / MINUTE) * MINUTE;
}

function offset(at: Instant, timezone: string): number {
  const format = formats.get(timezone) ?? newFormat(timezone);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / SECOND) * SECOND;
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric' as const;
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone, calendar: 'gregory', hourCycle: 'h23', year: numeric, month: numeric },
    ...{ day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(timeZone, format);
  return format;
}
