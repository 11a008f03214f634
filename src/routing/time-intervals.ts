import { dateOfDay, dayNumber, type LocalTime, localTime } from '../core/local-time.ts';
import { own } from '../core/record.ts';
import { DAY, type Duration, type Instant, MINUTE } from '../core/time.ts';

/** From one number to another, both included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** The days and times of the events in a calendar file, sorted and without overlap. */
export interface CalendarTimes {
  readonly file: string;
  /** Events that last whole days, as days since 1970-01-01 on the local calendar. */
  readonly days: readonly NumberRange[];
  /** Other events, as instants; `to` is not included. */
  readonly times: readonly NumberRange[];
}

/** One part of a time interval: a time belongs to it if it fits everything that is given. */
export interface TimePart {
  /** Minutes of the day; `to` is not included. */
  readonly times?: readonly NumberRange[];
  /** 0: Sunday. */
  readonly weekdays?: readonly NumberRange[];
  /** Negative numbers count from the end of the month. */
  readonly daysOfMonth?: readonly NumberRange[];
  readonly months?: readonly NumberRange[];
  readonly years?: readonly NumberRange[];
  readonly calendar?: CalendarTimes;
  /** IANA zone. */
  readonly location: string;
}

/** A named time interval, in Alertmanager's words: a time belongs to it if it belongs to one of its parts. */
export interface TimeInterval {
  readonly name: string;
  readonly parts: readonly TimePart[];
}

/** The intervals of a configuration, by name. */
export type TimeIntervals = Readonly<Record<string, TimeInterval>>;

/** Names of the intervals that a route or a rule uses. */
export interface UsedIntervals {
  /** In one of these it does not notify. */
  readonly muteTimeIntervals?: readonly string[];
  /** If there are any, it notifies only within one of these. */
  readonly activeTimeIntervals?: readonly string[];
}

/** The last answer for each interval: within a minute all alert groups ask the same. */
const answers = new WeakMap<TimeInterval, { readonly minute: number; readonly isIn: boolean }>();

/** Says whether a time belongs to an interval. Intervals begin and end on whole minutes, as clocks and zones do. */
export function isWithin(interval: TimeInterval, at: Instant): boolean {
  const minute = Math.floor(at / MINUTE);
  const known = answers.get(interval);
  if (known?.minute === minute) return known.isIn;
  const isIn = interval.parts.some((part) => fitsPart(part, minute * MINUTE));
  answers.set(interval, { minute, isIn });
  return isIn;
}

function fitsPart(part: TimePart, at: Instant): boolean {
  const local = localTime(at, part.location);
  if (!fitsDate(part, local)) return false;
  if (part.times !== undefined && !part.times.some(({ from, to }) => from <= local.minute && local.minute < to)) return false;
  if (part.calendar === undefined) return true;
  const { days, times } = part.calendar;
  const today = dayNumber(local.year, local.month, local.day);
  return days.some((range) => isIn(range, today)) || times.some(({ from, to }) => from < at + MINUTE && at < to);
}

function fitsDate(part: TimePart, { year, month, day, weekday }: Omit<LocalTime, 'minute'>): boolean {
  const fits = (ranges: readonly NumberRange[] | undefined, value: number) =>
    ranges === undefined || ranges.some((range) => isIn(range, value));
  return (
    fits(part.weekdays, weekday) &&
    fits(part.months, month) &&
    fits(part.years, year) &&
    (part.daysOfMonth === undefined || part.daysOfMonth.some((range) => isIn(ofMonth(range, year, month), day)))
  );
}

function isIn({ from, to }: NumberRange, value: number): boolean {
  return from <= value && value <= to;
}

/** Days counted from the end as days of this month; what a short month does not have is left out. */
function ofMonth({ from, to }: NumberRange, year: number, month: number): NumberRange {
  const last = dateOfDay(dayNumber(year, month + 1, 0)).day;
  const counted = (day: number) => (day < 0 ? last + 1 + day : day);
  return { from: counted(from), to: counted(to) };
}

/** Why nothing is notified at a time by what uses these intervals; undefined: it is notified. An interval that does not exist has no effect. */
export function mutedBy(
  { muteTimeIntervals = [], activeTimeIntervals = [] }: UsedIntervals,
  intervals: TimeIntervals,
  at: Instant,
): string | undefined {
  const mute = muteTimeIntervals.find((name) => {
    const interval = own(intervals, name);
    return interval !== undefined && isWithin(interval, at);
  });
  if (mute !== undefined) return `${MUTED}${mute}`;
  const active = activeTimeIntervals.flatMap((name) => own(intervals, name) ?? []);
  if (active.length === 0 || active.some((interval) => isWithin(interval, at))) return undefined;
  return `${INACTIVE}${active.map(({ name }) => name).join(', ')}`;
}

const MUTED = 'mute time interval ';
const INACTIVE = 'the time outside of active time interval ';

/** The names of the intervals that are the reason why something is held back; undefined: it is another reason. */
export function mutingIntervals(why: string): readonly string[] | undefined {
  const prefix = [MUTED, INACTIVE].find((one) => why.startsWith(one));
  return prefix === undefined ? undefined : why.slice(prefix.length).split(', ');
}

/** How far ahead the end of a muted time is looked for: a reload may change the intervals meanwhile. */
const LOOK_AHEAD: Duration = 10 * MINUTE;

/** When something that is muted is to be looked at again: once nothing mutes it, and soon enough in any case. */
export function lookAgain(isMuted: (at: Instant) => boolean, now: Instant): Instant {
  const next = Math.floor(now / MINUTE) * MINUTE + MINUTE;
  const end = next + LOOK_AHEAD;
  let at = next;
  while (at < end && isMuted(at)) at += MINUTE;
  return at;
}

/** After so many days the days of the week fall on the same dates again, as long as no century lies in between. */
const CYCLE = 28 * 366;

/** The numbers of the parts of an interval, from 0, to which no time from `now` on belongs: a 30th of February, a year that has ended. */
export function partsThatNeverOccur({ parts }: TimeInterval, now: Instant): readonly number[] {
  return parts.flatMap((part, index) => (occurs(part, Math.floor(now / DAY) - 1) ? [] : [index]));
}

function occurs(part: TimePart, today: number): boolean {
  const last = Math.max(today + CYCLE, ...(part.years ?? []).map(({ to }) => Math.min(dayNumber(to, 12, 31), today + 4 * CYCLE)));
  const ranges =
    part.calendar === undefined
      ? [{ from: today, to: last }]
      : [...part.calendar.days, ...part.calendar.times.map(({ from, to }) => ({ from: daysOf(from) - 1, to: daysOf(to) + 1 }))];
  return ranges.some(({ from, to }) => {
    const first = Math.max(from, today);
    for (let day = first; day <= Math.min(to, first + last - today); day++) if (fitsDate(part, dateOfDay(day))) return true;
    return false;
  });
}

function daysOf(at: Instant): number {
  return Math.floor(at / DAY);
}
