import { type Static, Type } from 'typebox';
import { nearest } from '../core/nearest.ts';
import { own, put } from '../core/record.ts';
import { isTimeZone } from '../core/schedule.ts';
import type { NumberRange, TimeInterval, TimeIntervals, TimePart } from '../routing/time-intervals.ts';
import type { Path } from '../yaml/path.ts';
import { readCalendar } from './calendar.ts';
import type { Report } from './report.ts';
import { CLOSED, optionalKey } from './schema-parts.ts';
import type { Files } from './secret-files.ts';

const words = (description: string, examples: readonly string[]) =>
  Type.Array(Type.Union([Type.String({ minLength: 1, maxLength: 40 }), Type.Integer()]), {
    ...{ minItems: 1, maxItems: 100, description, examples: [examples] },
  });
const clock = (description: string) => Type.String({ pattern: '^([01]\\d|2[0-4]):[0-5]\\d$', description });

const part = Type.Object(
  {
    times: optionalKey(
      Type.Array(
        Type.Object(
          {
            start_time: clock('Start time, such as 08:00; inclusive.'),
            end_time: clock('End time, such as 18:00; exclusive, at most 24:00.'),
          },
          CLOSED,
        ),
        { minItems: 1, maxItems: 100, description: 'Times of day. A night needs two entries: until 24:00, and from 00:00.' },
      ),
    ),
    weekdays: optionalKey(words('Days of the week, or ranges.', ['monday:friday', 'sunday'])),
    days_of_month: optionalKey(words('Days of the month, or ranges; negative numbers count from its end.', ['1:5', '-1'])),
    months: optionalKey(words('Months, by name or number, or ranges.', ['december', '7:8'])),
    years: optionalKey(words('Years, or ranges.', ['2027', '2027:2030'])),
    calendar: optionalKey(
      Type.String({
        ...{ minLength: 1, examples: ['holidays.ics'] },
        description: 'An iCalendar file, such as public holidays; only times within its events match. Relative to this file.',
      }),
    ),
    location: optionalKey(
      Type.String({ minLength: 1, description: 'IANA time zone.', default: 'UTC', examples: ['Europe/Berlin'] }),
    ),
  },
  { ...CLOSED, minProperties: 1, description: 'A time matches if it matches all given keys.' },
);

/** The key `time_intervals` of `tocsin.yaml`. */
export const timeIntervalsKey = Type.Array(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 128, description: 'Name, for routes and rules.' }),
      time_intervals: Type.Array(part, {
        ...{ minItems: 1, maxItems: 100, description: 'A time belongs to the interval if it matches one of these entries.' },
      }),
    },
    CLOSED,
  ),
  {
    maxItems: 1_000,
    description: 'Named time intervals, as in Alertmanager: routes and rules can be muted during them, or outside of them.',
  },
);

const names = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 100, uniqueItems: true, description });

/** Keys of routes that use time intervals. */
export const intervalKeys = {
  mute_time_intervals: optionalKey(names('Time intervals in which this route does not notify; children do not inherit them.')),
  active_time_intervals: optionalKey(
    names('This route notifies only within one of these time intervals; children do not inherit them.'),
  ),
};

type RawIntervals = Static<typeof timeIntervalsKey>;
type RawPart = Static<typeof part>;

/** Reads the time intervals with the calendars that they name. */
export async function readTimeIntervals(raw: RawIntervals | undefined, files: Files, report: Report): Promise<TimeIntervals> {
  const read: Record<string, TimeInterval> = {};
  for (const [index, { name, time_intervals }] of (raw ?? []).entries()) {
    const path: Path = ['time_intervals', index];
    if (own(read, name) !== undefined)
      report.error('config/value', [...path, 'name'], `duplicate time interval "${name}"`, 'use unique names');
    const parts: TimePart[] = [];
    for (const [number, one] of time_intervals.entries())
      parts.push(await readPart(one, [...path, 'time_intervals', number], files, report));
    put(read, name, { name, parts });
  }
  return read;
}

/** Reports names of time intervals that do not exist, with the most similar one. */
export function checkIntervals(used: readonly string[] | undefined, path: Path, known: readonly string[], report: Report): void {
  for (const [index, name] of (used ?? []).entries()) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint =
      near === undefined ? `known: ${known.join(', ') || 'none; add it to `time_intervals`'}` : `did you mean ${near}?`;
    report.error('config/unknown-time-interval', [...path, index], `unknown time interval ${JSON.stringify(name)}`, hint);
  }
}

async function readPart(raw: RawPart, path: Path, files: Files, report: Report): Promise<TimePart> {
  const location = raw.location ?? 'UTC';
  const isZone = isTimeZone(location);
  if (!isZone)
    report.error('config/value', [...path, 'location'], `unknown time zone ${JSON.stringify(location)}`, 'such as Europe/Berlin');
  const ranges = (key: 'weekdays' | 'days_of_month' | 'months' | 'years') =>
    raw[key]?.flatMap((text, index) => readRange(String(text), KINDS[key], [...path, key, index], report));
  const times = raw.times?.flatMap((time, index) => readTimes(time, [...path, 'times', index], report));
  const [weekdays, daysOfMonth, months, years] = (['weekdays', 'days_of_month', 'months', 'years'] as const).map(ranges);
  const zone = isZone ? location : 'UTC';
  const calendar =
    raw.calendar === undefined ? undefined : await readEvents(raw.calendar, zone, [...path, 'calendar'], files, report);
  return {
    location: zone,
    ...(times && { times }),
    ...(weekdays && { weekdays }),
    ...(daysOfMonth && { daysOfMonth }),
    ...(months && { months }),
    ...(years && { years }),
    ...(calendar && { calendar }),
  };
}

async function readEvents(file: string, location: string, path: Path, files: Files, report: Report) {
  const text = await files.required(file, path);
  if (text === undefined) return undefined;
  const read = readCalendar(text, location);
  if (read.ok) return { file, ...read.times };
  const hint = 'export it again as iCalendar (.ics), or validate the file';
  report.error('config/calendar', path, `${file} is not a valid calendar: ${read.message}`, hint);
  return undefined;
}

function readTimes(
  { start_time, end_time }: NonNullable<RawPart['times']>[number],
  path: Path,
  report: Report,
): readonly NumberRange[] {
  const [from, to] = [minuteOf(start_time), minuteOf(end_time)];
  if (to > 24 * 60 || from >= 24 * 60)
    report.error('config/value', path, `${to > 24 * 60 ? end_time : start_time} is not a time of day`, 'the latest is 24:00');
  else if (from >= to)
    report.error(
      'config/value',
      path,
      `${start_time} is not before ${end_time}`,
      `for a night, write two entries: ${start_time} to 24:00, and 00:00 to ${end_time}`,
    );
  return [{ from, to }];
}

function minuteOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** What a range is of: its words, its numbers, and whether it may go round. */
interface Kind {
  readonly what: string;
  readonly words: readonly string[];
  /** The number of the first word. */
  readonly first: number;
  readonly min: number;
  readonly max: number;
  /** The range from Saturday to Sunday is two days. */
  readonly round?: boolean;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const KINDS: Readonly<Record<'weekdays' | 'days_of_month' | 'months' | 'years', Kind>> = {
  weekdays: { what: 'a day of the week such as monday', words: WEEKDAYS, first: 0, min: 1, max: 0, round: true },
  days_of_month: { what: 'a day of the month from 1 to 31, or -31 to -1', words: [], first: 0, min: -31, max: 31 },
  months: { what: 'a month such as may or 5', words: MONTHS, first: 1, min: 1, max: 12, round: true },
  years: { what: 'a year', words: [], first: 0, min: 1970, max: 9999 },
};

function readRange(text: string, kind: Kind, path: Path, report: Report): readonly NumberRange[] {
  const ends = text.split(':').map((one) => numberOf(one.trim().toLowerCase(), kind));
  const [from, to = from, more] = ends;
  if (from === undefined || to === undefined || ends.includes(undefined) || more !== undefined) {
    const hint = kind.words.length === 0 ? 'or a range such as 1:5' : `or a range such as ${kind.words[1]}:${kind.words[3]}`;
    report.error('config/value', path, `expected ${kind.what}, got ${JSON.stringify(text)}`, hint);
    return [];
  }
  if (from <= to && from < 0 === to < 0) return [{ from, to }];
  if (kind.round === true)
    return [
      { from, to: kind.first + kind.words.length - 1 },
      { from: kind.first, to },
    ];
  // From the 20th to the last day: the end depends on the month.
  if (from > 0 && to < 0) return [{ from, to }];
  report.error('config/value', path, `the range ${JSON.stringify(text)} ends before it begins`, 'write the earlier one first');
  return [];
}

function numberOf(text: string, { words: known, first, min, max }: Kind): number | undefined {
  const word = known.indexOf(text);
  if (word >= 0) return first + word;
  if (!/^-?\d{1,4}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max && number !== 0 ? number : undefined;
}
