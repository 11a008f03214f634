import { RRuleTemporal } from 'rrule-temporal';
import { asError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import { type WallTime, wallTime } from './wall-clock.ts';

/** A recurrence that can be used, or what is wrong with it and the next step. */
export type CheckedRecurrence = { readonly ok: true } | { readonly ok: false; readonly message: string; readonly hint: string };

/** What one part of an RRULE may be: whole numbers of a list, within bounds. */
interface Numbers {
  readonly least: number;
  readonly most: number;
  /** Counted from the end as well. */
  readonly negative?: true;
}

const NUMBERS: Readonly<Record<string, Numbers>> = {
  BYMONTH: { least: 1, most: 12 },
  BYMONTHDAY: { least: 1, most: 31, negative: true },
  BYYEARDAY: { least: 1, most: 366, negative: true },
  BYWEEKNO: { least: 1, most: 53, negative: true },
  BYHOUR: { least: 0, most: 23 },
  BYMINUTE: { least: 0, most: 59 },
  BYSETPOS: { least: 1, most: 366, negative: true },
};
const SINGLE: Readonly<Record<string, RegExp>> = {
  FREQ: /^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^[1-9]\d{0,2}$/,
  COUNT: /^[1-9]\d{0,3}$/,
  UNTIL: /^\d{8}(?:T\d{6}Z?)?$/,
  WKST: /^(?:MO|TU|WE|TH|FR|SA|SU)$/,
  BYDAY: /^(?:[+-]?[1-5]?\d?(?:MO|TU|WE|TH|FR|SA|SU))(?:,[+-]?[1-5]?\d?(?:MO|TU|WE|TH|FR|SA|SU))*$/,
};
const EXAMPLES: Readonly<Record<string, string>> = {
  FREQ: 'one of DAILY, WEEKLY, MONTHLY, YEARLY; higher frequencies are not supported: pause the rule, or change its route',
  INTERVAL: 'a number from 1 to 999',
  COUNT: 'a number from 1 to 9999',
  UNTIL: 'such as 20261231 (that day included) or 20261231T220000, in the time zone; with a Z at the end, in UTC',
  WKST: 'a day such as MO',
  BYDAY: 'days such as MO,WE, or the second Tuesday of a month: 2TU, the last one: -1TU',
};
const KNOWN = [...Object.keys(SINGLE), ...Object.keys(NUMBERS)];
const LONGEST = 500;

/** Steps after which a search for an occurrence is given up: a date that never comes, such as 30 February. */
const MOST_STEPS = 5_000;
/** With COUNT every occurrence since the first one is a step, of which there are 9,999 at most. */
const MOST_COUNTED = 20_000;

/** Says whether a recurrence can be read: the parts of an iCal RRULE (RFC 5545) that are about days and times of day. */
export function checkRecurrence(text: string): CheckedRecurrence {
  if (text.length > LONGEST) return refused(`more than ${LONGEST} characters`, 'split it into several silences');
  const seen = new Set<string>();
  for (const part of text.split(';')) {
    const [name = '', value, ...more] = part.split('=');
    if (!KNOWN.includes(name)) {
      const near = nearest(name, KNOWN);
      return refused(
        `unknown part ${JSON.stringify(part)}`,
        near === undefined ? `known: ${KNOWN.join(', ')}` : `did you mean ${near}?`,
      );
    }
    if (seen.has(name)) return refused(`${name} is given twice`, 'keep one of them');
    seen.add(name);
    const problem = more.length > 0 || value === undefined ? 'expected NAME=VALUE' : problemOf(name, value);
    if (problem !== undefined)
      return refused(`${name}: ${problem}`, 'the parts must be those of an RRULE (RFC 5545): FREQ=WEEKLY;BYDAY=SU');
  }
  if (!seen.has('FREQ')) return refused('FREQ is missing', 'such as FREQ=WEEKLY;BYDAY=SU');
  if (seen.has('COUNT') && seen.has('UNTIL')) return refused('COUNT and UNTIL exclude each other', 'remove one of them');
  try {
    newRule(text, 0, 'UTC');
  } catch (thrown) {
    return refused(asError(thrown).message, 'the parts must be those of an RRULE (RFC 5545): FREQ=WEEKLY;BYDAY=SU');
  }
  return { ok: true };
}

function problemOf(name: string, value: string): string | undefined {
  const pattern = own(SINGLE, name);
  if (pattern !== undefined) return pattern.test(value) ? undefined : `expected ${own(EXAMPLES, name)}`;
  const { least = 0, most = 0, negative } = own(NUMBERS, name) ?? {};
  const fits = (number: string) => {
    const size = negative === true ? Math.abs(Number(number)) : Number(number);
    return /^[+-]?\d{1,3}$/.test(number) && size >= least && size <= most;
  };
  const range = `${least} to ${most}${negative === true ? ', or negative to count from the end' : ''}`;
  return value.split(',').every(fits) ? undefined : `expected numbers from ${range}`;
}

function refused(message: string, hint: string): CheckedRecurrence {
  return { ok: false, message, hint };
}

/**
 * The starts of a recurrence on the wall clock, from `from` on and before `to`. It is worked out without a time zone, so that a night on which the
 * clock leaves an hour out has its occurrence as well.
 */
export function startsBetween({ recurrence, start, timezone }: Recurring, from: WallTime, to: WallTime): readonly WallTime[] {
  try {
    const found = ruleOf(recurrence, start, timezone).between(new Date(from), new Date(to), true);
    return found.map(({ epochMilliseconds }) => epochMilliseconds).filter((at) => at >= from && at < to);
  } catch {
    // Given up: it does not occur for as long as that.
    return [];
  }
}

/** The first start at or after a time on the wall clock; undefined: there is none any more, or it never occurs. */
export function firstStart({ recurrence, start, timezone }: Recurring, from: WallTime): WallTime | undefined {
  try {
    return ruleOf(recurrence, start, timezone).next(new Date(from), true)?.epochMilliseconds;
  } catch {
    return undefined;
  }
}

interface Recurring {
  readonly recurrence: string;
  readonly start: WallTime;
  readonly timezone: string;
}

const rules = new Map<string, RRuleTemporal>();
const MOST_RULES = 1_000;

function ruleOf(recurrence: string, start: WallTime, timezone: string): RRuleTemporal {
  const key = `${recurrence} ${start} ${timezone}`;
  const known = rules.get(key) ?? newRule(recurrence, start, timezone);
  if (rules.size >= MOST_RULES) rules.clear();
  rules.set(key, known);
  return known;
}

function newRule(recurrence: string, start: WallTime, timezone: string): RRuleTemporal {
  const rruleString = `DTSTART:${compact(start)}\nRRULE:${withLocalEnd(recurrence, timezone)}`;
  return new RRuleTemporal({ rruleString, maxIterations: recurrence.includes('COUNT=') ? MOST_COUNTED : MOST_STEPS });
}

/** An UNTIL in UTC as the wall clock shows it: all other times are on the wall clock. */
function withLocalEnd(recurrence: string, timezone: string): string {
  return recurrence.replace(/UNTIL=(\d{8})(T\d{6})?(Z?)/, (_all, day: string, time: string | undefined, utc: string) => {
    if (time === undefined) return `UNTIL=${day}T235959Z`;
    if (utc === '') return `UNTIL=${day}${time}Z`;
    return `UNTIL=${compact(wallTime(instantIn(day, time), timezone))}`;
  });
}

function instantIn(day: string, time: string): Instant {
  const [year, month, date] = [day.slice(0, 4), day.slice(4, 6), day.slice(6, 8)].map(Number);
  const [hour, minute, second] = [time.slice(1, 3), time.slice(3, 5), time.slice(5, 7)].map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, date, hour, minute, second);
}

function compact(wall: WallTime): string {
  return `${new Date(wall).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}
