import ICAL from 'ical.js';
import { asError } from '../core/errors.ts';
import { dayNumber, instantOfLocal } from '../core/local-time.ts';
import { isTimeZone } from '../core/schedule.ts';
import { MINUTE, SECOND } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { CalendarTimes, NumberRange } from '../routing/time-intervals.ts';

/** A calendar that was read, or why it cannot be. */
export type ReadCalendar =
  | { readonly ok: true; readonly times: Omit<CalendarTimes, 'file'> }
  | { readonly ok: false; readonly message: string };

/** Repeated events are followed up to here. */
const LAST_YEAR = 2100;
/** Events of one file, each repetition counted: a file may be hostile. */
const MOST_OCCURRENCES = 50_000;
/** Events that are repeated: each may be one that never occurs, which takes the library milliseconds to find out. */
const MOST_REPEATED = 500;
/** Repeated events begin no earlier: of one that is repeated since the year 1, two thousand years would be followed. */
const FIRST_YEAR = 1900;
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

/**
 * Reads the events of an iCalendar file (RFC 5545): whole days, times in UTC, in an IANA zone or in one that the file defines; times without a zone
 * are in `location`. Repetition and its exceptions are followed; cancelled events are left out.
 */
export function readCalendar(text: string, location: string): ReadCalendar {
  try {
    return { ok: true, times: timesOf(eventsOf(text), location) };
  } catch (thrown) {
    return { ok: false, message: truncate(asError(thrown).message.replace(/\s+/g, ' '), 200) };
  }
}

function eventsOf(text: string): readonly ICAL.Event[] {
  if (!/^\uFEFF?\s*BEGIN:VCALENDAR/i.test(text)) throw new Error('expected a text that begins with BEGIN:VCALENDAR');
  const parsed: unknown = ICAL.parse(text.replace(/^\uFEFF?\s*/, ''));
  const calendars = (Array.isArray(parsed) && typeof parsed[0] === 'string' ? [parsed] : parsed) as unknown[][];
  const components = calendars.flatMap((one) => new ICAL.Component(one as never).getAllSubcomponents('vevent'));
  if (components.length === 0) throw new Error('it contains no events');
  const isCancelled = (component: ICAL.Component) => /^cancelled$/i.test(String(component.getFirstPropertyValue('status') ?? ''));
  const all = components.map((component) => {
    if (component.getFirstProperty('dtstart') === null) throw new Error(`an event has no DTSTART: ${nameOf(component)}`);
    return { component, event: new ICAL.Event(component, { strictExceptions: true, exceptions: [] }) };
  });
  const masters = all.filter(({ event }) => !event.isRecurrenceException());
  const repeated = masters.filter(({ event }) => event.isRecurring());
  if (repeated.length > MOST_REPEATED)
    throw new Error(`more than ${MOST_REPEATED} of its events repeat: split it into several files`);
  for (const { component, event } of repeated)
    if (event.startDate.year < FIRST_YEAR)
      throw new Error(`an event has repeated since before ${FIRST_YEAR}: ${nameOf(component)}`);
  const byUid = new Map([...repeated].reverse().map(({ event }) => [event.uid, event]));
  for (const { event } of all) if (event.isRecurrenceException()) byUid.get(event.uid)?.relateException(event);
  return masters.flatMap(({ component, event }) => (isCancelled(component) ? [] : [event]));
}

function nameOf(component: ICAL.Component): string {
  return truncate(String(component.getFirstPropertyValue('summary') ?? component.getFirstPropertyValue('uid') ?? '?'), 60);
}

interface Occurrence {
  readonly start: ICAL.Time;
  readonly end: ICAL.Time;
  readonly event: ICAL.Event;
}

function timesOf(events: readonly ICAL.Event[], location: string): Omit<CalendarTimes, 'file'> {
  const days: NumberRange[] = [];
  const times: NumberRange[] = [];
  let count = 0;
  // Counted with those that are left out: a rule may give nothing else.
  const step = () => {
    if (++count > MOST_OCCURRENCES)
      throw new Error(`its events occur more than ${MOST_OCCURRENCES} times in total: end them with UNTIL or COUNT`);
  };
  for (const event of events)
    for (const occurrence of occurrencesOf(event, step)) {
      const { start, end } = occurrence;
      const isDay = start.isDate;
      const from = isDay ? dayOf(start) : instantOf(start, occurrence, location);
      const to = isDay ? Math.max(from, dayOf(end) - 1) : instantOf(end, occurrence, location);
      if (isDay || to > from) (isDay ? days : times).push({ from, to });
    }
  return { days: joined(days, 1), times: joined(times, 0) };
}

function* occurrencesOf(event: ICAL.Event, step: () => void): Generator<Occurrence> {
  step();
  const rules = event.component.getAllProperties('rrule').map((rule) => rule.getFirstValue() as ICAL.Recur);
  // Beside dates that are listed, the library leaves out the first one.
  if (rules.length === 0) yield { start: event.startDate, end: event.endDate, event };
  if (!event.isRecurring()) return;
  for (const rule of rules) {
    const { freq } = rule;
    if (!FREQUENCIES.includes(freq)) throw new Error(`an event is repeated ${freq}: expected one of ${FREQUENCIES.join(', ')}`);
    if (isEndless(rule)) throw new Error(`an event has an unsupported recurrence rule: ${truncate(String(rule), 60)}`);
  }
  const added = new Set(event.component.getAllProperties('rdate').flatMap((one) => one.getValues().map(String)));
  const repeated = event.iterator();
  for (;;) {
    // At the end the library gives undefined, whatever its types say.
    const next = repeated.next() as ICAL.Time | null | undefined;
    if (!next || next.year > LAST_YEAR) return;
    step();
    if (rules.length > 0 && !added.has(String(next)) && !rules.some((rule) => isMeant(rule, next, event))) continue;
    const { item, startDate, endDate } = event.getOccurrenceDetails(next);
    if (/^cancelled$/i.test(String(item.component.getFirstPropertyValue('status') ?? ''))) continue;
    yield { start: startDate, end: endDate, event: item };
  }
}

/** The library searches without end for a day that never comes, such as a daily February 30, or a Monday seven days after each Tuesday. */
function isEndless({ freq, interval, parts: by }: ICAL.Recur): boolean {
  const parts = by as Readonly<Record<string, readonly unknown[] | undefined>>;
  const isNumbered = parts['BYDAY']?.some((day) => /\d/.test(String(day))) === true;
  if (isNumbered && (freq === 'DAILY' || freq === 'WEEKLY')) return true;
  if (freq === 'WEEKLY') return parts['BYMONTHDAY'] !== undefined || parts['BYYEARDAY'] !== undefined;
  if (freq !== 'DAILY') return false;
  const names = Object.keys(parts).filter((name) => !['BYHOUR', 'BYMINUTE', 'BYSECOND'].includes(name));
  if (names.length === 0) return false;
  if (interval > 1 || names.some((name) => !['BYMONTH', 'BYMONTHDAY', 'BYDAY'].includes(name))) return true;
  const [months = [], days = []] = [parts['BYMONTH'], parts['BYMONTHDAY']];
  if (months.length === 0 || days.length === 0) return false;
  return !months.some((month) => days.some((day) => Math.abs(Number(day)) <= (LONGEST_MONTHS.at(Number(month) - 1) ?? 0)));
}

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The library puts a date that a year does not have, such as February 29, on the next day; the standard leaves it out. */
function isMeant(rule: ICAL.Recur, { month, day }: ICAL.Time, { startDate }: ICAL.Event): boolean {
  const parts = rule.parts as Readonly<Record<string, readonly number[] | undefined>>;
  if (parts['BYMONTH'] !== undefined && !parts['BYMONTH'].includes(month)) return false;
  const days = parts['BYMONTHDAY'];
  if (days?.every((one) => one > 0)) return days.includes(day);
  const isPlain = !Object.keys(parts).some((name) => name.startsWith('BY'));
  return !isPlain || rule.freq !== 'YEARLY' || (month === startDate.month && day === startDate.day);
}

function dayOf({ year, month, day }: ICAL.Time): number {
  return dayNumber(year, month, day);
}

/** The zone is IANA's where it has such a name: what a file says of it ends with the year in which the file was made. */
function instantOf(time: ICAL.Time, { event }: Occurrence, location: string): number {
  const tzid = event.component.getFirstProperty('dtstart')?.getFirstParameter('tzid') || undefined;
  const isUtc = time.zone?.tzid === 'UTC';
  const zone = isUtc ? 'UTC' : tzid === undefined ? location : tzid.replace(/^\//, '');
  if (isTimeZone(zone)) return instantOfLocal(dayOf(time), time.hour * 60 + time.minute, zone);
  if (time.zone === undefined || time.zone.tzid === 'floating')
    throw new Error(`unknown time zone ${JSON.stringify(truncate(zone, 60))} of the event ${nameOf(event.component)}`);
  return Math.floor((time.toUnixTime() * SECOND) / MINUTE) * MINUTE;
}

/** Sorted, what overlaps or touches as one. */
function joined(ranges: readonly NumberRange[], step: number): readonly NumberRange[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  const found: { from: number; to: number }[] = [];
  for (const range of sorted) {
    const last = found.at(-1);
    if (last !== undefined && range.from <= last.to + step) last.to = Math.max(last.to, range.to);
    else found.push({ ...range });
  }
  return found;
}
