import { Cron, CronPattern } from 'croner';
import { asError } from './errors.ts';
import { own } from './record.ts';
import { type Duration, type Instant, MINUTE, type TimeRange } from './time.ts';

/** When a rule is evaluated: multiples of `every` ms since 1970-01-01T00:00Z, or a cron pattern in an IANA zone. */
export type Schedule =
  | { readonly kind: 'every'; readonly every: Duration }
  | { readonly kind: 'cron'; readonly pattern: string; readonly timezone: string };

/** Ticks of a range, oldest first; `more` when there are others behind the last one listed. */
export interface Ticks {
  readonly ticks: readonly Instant[];
  readonly more: boolean;
}

/** Newest tick at or before `now`; undefined when a cron pattern has none before it. */
export function newestTick(schedule: Schedule, now: Instant): Instant | undefined {
  if (schedule.kind === 'every') return Math.floor(now / schedule.every) * schedule.every;
  const reference = new Date(Math.floor(now / MINUTE) * MINUTE + MINUTE);
  const runs = calendar(schedule).flatMap((cron) => cron.previousRuns(1, reference).map(Number));
  return runs.length === 0 ? undefined : Math.max(...runs);
}

/** First tick after `after`; undefined when a cron pattern has none. */
export function nextTick(schedule: Schedule, after: Instant): Instant | undefined {
  if (schedule.kind === 'every') return (Math.floor(after / schedule.every) + 1) * schedule.every;
  return ticksBetween(schedule, after, Number.POSITIVE_INFINITY, 1).ticks[0];
}

/** Ticks in `(after, until]`, oldest first, at most `limit` of them. */
export function ticksBetween(schedule: Schedule, after: Instant, until: Instant, limit: number): Ticks {
  const found =
    schedule.kind === 'every' ? multiples(schedule.every, after, until, limit + 1) : runs(schedule, after, until, limit + 1);
  return { ticks: found.slice(0, limit), more: found.length > limit };
}

/** Distance from the tick before `at` to `at`, ms: `every` itself, or under cron whatever lies between. */
export function interval(schedule: Schedule, at: Instant): Duration {
  if (schedule.kind === 'every') return schedule.every;
  const before = newestTick(schedule, at - 1);
  if (before !== undefined) return at - before;
  return (nextTick(schedule, at) ?? at) - at;
}

/** How many distances between ticks before a tick say what is usual there, and how many after it. */
const BEFORE = 8;
const AFTER = 4;

/**
 * The schedule's usual distance between ticks around `at`, ms: `every` itself; under cron the smallest distance that is not a
 * single exception (a change of the clock can put two ticks close together), so that a night or a week-end which the pattern leaves
 * out is never taken for an interval. A step such as every 25 minutes is at least that long, whatever is left of its hour.
 */
export function usualInterval(schedule: Schedule, at: Instant): Duration {
  if (schedule.kind === 'every') return schedule.every;
  const known = usuals.get(schedule);
  if (known?.at === at) return known.usual;
  const usual = Math.max(smallestDistance(schedule, at), stepOf(schedule.pattern));
  usuals.set(schedule, { at, usual });
  return usual;
}

/** The usual distance at the tick that was asked about last: an evaluation asks several times about the same one. */
const usuals = new WeakMap<Schedule, { readonly at: Instant; readonly usual: Duration }>();

function smallestDistance(schedule: Schedule & { readonly kind: 'cron' }, at: Instant): Duration {
  const from = new Date(Math.floor(at / MINUTE) * MINUTE + MINUTE);
  const before = calendar(schedule).flatMap((cron) => cron.previousRuns(BEFORE + 1, from).map(Number));
  const after = runs(schedule, at, Number.POSITIVE_INFINITY, AFTER);
  const ticks = [...new Set([...before, ...after])].sort((a, b) => a - b).slice(-(BEFORE + AFTER + 1));
  const distances = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? tick));
  distances.sort((a, b) => a - b);
  return distances[distances.length > 3 ? 1 : 0] ?? interval(schedule, at);
}

/**
 * How much of the time between two evaluated ticks no evaluation covered, ms: a pause of the schedule or of the rule, or a gap. Up to
 * two usual intervals count as covered.
 */
export function uncovered(previous: Instant | undefined, at: Instant, usual: Duration): Duration {
  return previous === undefined || at - previous <= 2 * usual ? 0 : at - previous - usual;
}

/**
 * The parts of a range that windows of a schedule cover, oldest first and at most `limit`, the newest: the tick T covers
 * `[T − behind − window, T − behind)`, as far as it lies in the range. Ticks after `until` cover nothing.
 */
export function coveredParts(
  schedule: Schedule,
  { window, behind, until }: { readonly window: Duration; readonly behind: Duration; readonly until: Instant },
  { from, to }: TimeRange,
  limit: number,
): readonly TimeRange[] {
  if (schedule.kind === 'every' && window >= schedule.every) return [{ from, to }];
  const parts: { from: Instant; to: Instant }[] = [];
  const reach = until - MOST_TICKS * usualInterval(schedule, until);
  for (const tick of ticksBetween(schedule, Math.max(from + behind, reach), until, MOST_TICKS).ticks) {
    const part = { from: Math.max(from, tick - behind - window), to: Math.min(to, tick - behind) };
    const last = parts.at(-1);
    if (last !== undefined && part.from <= last.to) last.to = Math.max(last.to, part.to);
    else if (part.from < part.to) parts.push(part);
  }
  return parts.slice(-limit);
}

/** How many usual intervals a range reaches back at most: a day of minutes, and more. */
const MOST_TICKS = 2_000;

/** The step of a pattern's finest field that is not fixed, ms, such as 25 minutes; 0 where that is not a step. */
function stepOf(pattern: string): Duration {
  const units = [MINUTE, 60 * MINUTE, 24 * 60 * MINUTE];
  const fields = pattern.split(' ').slice(0, units.length);
  const finest = fields.findIndex((field) => !/^\d+$/.test(field));
  const [, step] = /^\*\/(\d+)$/.exec(fields[finest] ?? '') ?? [];
  return Number(step ?? 0) * (units[finest] ?? 0);
}

/**
 * Reads a cron pattern of five fields (minute, hour, day of month, month, day of week) in an IANA time zone, or says what is
 * wrong: an unknown zone, a field out of range, a date that never comes.
 */
export function parseCron(
  pattern: string,
  timezone: string,
): { readonly ok: true; readonly schedule: Schedule } | { readonly ok: false; readonly message: string } {
  if (!isTimeZone(timezone))
    return { ok: false, message: `unknown time zone \`${timezone}\`: expected an IANA name such as Europe/Berlin` };
  const text = pattern.trim().replace(/\s+/g, ' ');
  if (text.split(' ').length !== 5 || text.length > 200 || text.includes('?')) {
    return { ok: false, message: 'expected five fields: minute, hour, day of month, month, day of week' };
  }
  const schedule: Schedule = { kind: 'cron', pattern: text, timezone };
  try {
    if (nextTick(schedule, 0) === undefined) return { ok: false, message: 'this date never occurs' };
  } catch (thrown) {
    return { ok: false, message: inWords(asError(thrown).message.replace(/^CronPattern: /, '')) };
  }
  return { ok: true, schedule };
}

/** What the calendar calls a field, what people call it, and its values; it counts days and months from 0 where people begin at 1. */
const FIELDS: Readonly<Record<string, { readonly what: string; readonly first: number; readonly last: number }>> = {
  minute: { what: 'a minute', first: 0, last: 59 },
  hour: { what: 'an hour', first: 0, last: 23 },
  day: { what: 'a day of the month', first: 1, last: 31 },
  nearestWeekdays: { what: 'a day of the month', first: 1, last: 31 },
  month: { what: 'a month', first: 1, last: 12 },
  dayOfWeek: { what: 'a day of the week', first: 0, last: 7 },
};

function inWords(message: string): string {
  const [, name = '', value] = /^Invalid value for (\w+): (-?\d+)$/.exec(message) ?? [];
  const field = own(FIELDS, name);
  if (field === undefined) return message;
  return `expected ${field.what} from ${field.first} to ${field.last}, got ${Number(value) + field.first}`;
}

/** Says whether a text is the IANA name of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

function multiples(every: Duration, after: Instant, until: Instant, count: number): Instant[] {
  const first = (Math.floor(after / every) + 1) * every;
  const length = Math.min(count, Math.max(0, Math.floor((until - first) / every) + 1));
  return Array.from({ length }, (_, index) => first + index * every);
}

function runs(schedule: Schedule & { readonly kind: 'cron' }, after: Instant, until: Instant, count: number): Instant[] {
  const all = calendar(schedule).flatMap((cron) => runsOf(cron, after, until, count));
  return [...new Set(all)].sort((a, b) => a - b).slice(0, count);
}

function runsOf(cron: Cron, after: Instant, until: Instant, count: number): Instant[] {
  const found: Instant[] = [];
  // Every run is on a whole minute, and the iterator returns those strictly after its start.
  for (const run of cron.enumerate(new Date(Math.floor(after / MINUTE) * MINUTE))) {
    if (Number(run) > until) break;
    found.push(Number(run));
    if (found.length === count) break;
  }
  return found;
}

/** Parsed patterns live as long as the frozen schedule they belong to. */
const calendars = new WeakMap<Schedule, readonly Cron[]>();

function calendar(schedule: Schedule & { readonly kind: 'cron' }): readonly Cron[] {
  const known = calendars.get(schedule);
  if (known !== undefined) return known;
  const made = crons(schedule.pattern, schedule.timezone);
  calendars.set(schedule, made);
  return made;
}

/**
 * The calendars whose runs together are the ticks of a pattern. A pattern of fixed times needs one: croner runs a missing local
 * time at the first instant after the gap, and a repeated one once. A pattern finer than a day (a `*` or a step among its minutes
 * and hours) goes on with elapsed time. Where it leaves hours out, croner would drop a missing hour and leave a hole longer than
 * the pattern promises (every second hour: three hours), so the same pattern written out as fixed times adds the instant after
 * the gap.
 */
function crons(pattern: string, timezone: string): readonly Cron[] {
  const options = { timezone, mode: '5-part', paused: true, fixedTimeRule: 'no-wildcard' } as const;
  const [minutes = '', hours = '', ...days] = pattern.split(' ');
  const asWritten = new Cron(pattern, options);
  const { minute, hour } = new CronPattern(pattern, timezone, { mode: '5-part' });
  if (!/[*/]/.test(minutes + hours) || hour.every((flag) => flag === 1)) return [asWritten];
  return [asWritten, new Cron([setMembers(minute), setMembers(hour), ...days].join(' '), options)];
}

function setMembers(flags: readonly number[]): string {
  return flags.flatMap((flag, index) => (flag === 0 ? [] : [index])).join(',');
}
