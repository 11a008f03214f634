import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  interval,
  newestTick,
  nextTick,
  parseCron,
  type Schedule,
  ticksBetween,
  uncovered,
  usualInterval,
} from '../../../src/core/schedule.ts';
import { iso } from '../../../src/core/time.ts';

const MINUTE = 60_000;

function cron(pattern: string, timezone: string): Schedule {
  const parsed = parseCron(pattern, timezone);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
}

const short = (instant: number) => iso(instant).slice(5, 16);

describe('every', () => {
  const everyMinute: Schedule = { kind: 'every', every: MINUTE };
  const every90s: Schedule = { kind: 'every', every: 90_000 };

  test.each<[string, Schedule, string, string]>([
    ['on a tick', everyMinute, '2026-01-01T10:05:00.000Z', '2026-01-01T10:05:00.000Z'],
    ['a millisecond before a tick', everyMinute, '2026-01-01T10:04:59.999Z', '2026-01-01T10:04:00.000Z'],
    ['ninety seconds', every90s, '2026-01-01T10:05:00.000Z', '2026-01-01T10:04:30.000Z'],
    [
      'a week, which begins on the Thursday of 1970',
      { kind: 'every', every: 604_800_000 },
      '2026-01-01T10:05:00.000Z',
      '2026-01-01T00:00:00.000Z',
    ],
  ])('the newest tick: %s', (_name, schedule, now, tick) => {
    expect(iso(newestTick(schedule, Date.parse(now)) ?? 0)).toBe(tick);
  });

  test('the next tick is after the instant, also when that is a tick', () => {
    expect(nextTick(everyMinute, 120_000)).toBe(180_000);
    expect(nextTick(everyMinute, 119_999)).toBe(120_000);
  });

  test('ticks of a range exclude its beginning, include its end, come oldest first, and say when there are more', () => {
    expect(ticksBetween(everyMinute, 60_000, 240_000, 10)).toEqual({ ticks: [120_000, 180_000, 240_000], more: false });
    expect(ticksBetween(everyMinute, 60_000, 240_000, 3)).toEqual({ ticks: [120_000, 180_000, 240_000], more: false });
    expect(ticksBetween(everyMinute, 60_000, 240_000, 2)).toEqual({ ticks: [120_000, 180_000], more: true });
    expect(ticksBetween(everyMinute, 60_000, 60_000, 2)).toEqual({ ticks: [], more: false });
    expect(ticksBetween(everyMinute, 60_000, 110_000, 2)).toEqual({ ticks: [], more: false });
  });

  test('the interval is `every`', () => {
    expect(interval(every90s, 0)).toBe(90_000);
  });

  test('newest, next and ranges agree', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e8 }), fc.integer({ min: 0, max: 4e12 }), (every, now) => {
        const schedule: Schedule = { kind: 'every', every };
        const newest = newestTick(schedule, now) ?? Number.NaN;
        expect(newest).toBeLessThanOrEqual(now);
        expect(nextTick(schedule, now)).toBe(newest + every);
        expect(nextTick(schedule, newest - 1)).toBe(newest);
        expect(ticksBetween(schedule, newest - 1, now, 5).ticks).toEqual([newest]);
      }),
    );
  });
});

describe('cron through the changes of the clock', () => {
  test.each<[string, string, string, string, string]>([
    [
      'a fixed time keeps to local time',
      '0 9 * * *',
      'Europe/Berlin',
      '2026-03-27T12:00Z',
      '03-28T08:00 03-29T07:00 03-30T07:00',
    ],
    [
      'a missing time runs at the first instant after',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-27T12:00Z',
      '03-28T01:30 03-29T01:00 03-30T00:30',
    ],
    ['two missing times run once', '15,45 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', '03-29T01:00 03-30T00:15 03-30T00:45'],
    [
      'one of two fixed times is missing',
      '30 2,14 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      '03-28T13:30 03-29T01:00 03-29T12:30',
    ],
    [
      'a repeated time runs once, the first time',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      '10-25T00:30 10-26T01:30 10-27T01:30',
    ],
    ['each hour goes on in spring', '0 * * * *', 'Europe/Berlin', '2026-03-28T23:30Z', '03-29T00:00 03-29T01:00 03-29T02:00'],
    ['each hour goes on in autumn', '0 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', '10-25T00:00 10-25T01:00 10-25T02:00'],
    [
      'half past each hour goes on in spring',
      '30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:00Z',
      '03-29T00:30 03-29T01:30 03-29T02:30',
    ],
    [
      'each quarter goes on in autumn',
      '*/15 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:31Z',
      '10-25T00:45 10-25T01:00 10-25T01:15',
    ],
    [
      'each second hour leaves no hole in spring',
      '0 */2 * * *',
      'Europe/Berlin',
      '2026-03-28T22:00Z',
      '03-28T23:00 03-29T01:00 03-29T02:00 03-29T04:00',
    ],
    [
      'each second hour leaves no hole in autumn',
      '0 */2 * * *',
      'Europe/Berlin',
      '2026-10-24T21:00Z',
      '10-24T22:00 10-25T00:00 10-25T01:00 10-25T03:00',
    ],
    ['a missing time in New York', '30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', '03-08T07:00 03-09T06:30'],
    ['a repeated time in New York', '30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', '11-01T05:30 11-02T06:30'],
    ['weekdays are local', '0 22 * * MON-FRI', 'America/New_York', '2026-01-02T12:00Z', '01-03T03:00 01-06T03:00'],
    ['half an hour is missing', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T12:00Z', '10-02T15:45 10-03T15:30 10-04T15:15'],
    [
      'the end of the missing half hour exists',
      '30 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02T12:00Z',
      '10-02T16:00 10-03T15:30 10-04T15:30',
    ],
    ['half an hour is repeated', '45 1 * * *', 'Australia/Lord_Howe', '2026-04-03T12:00Z', '04-03T14:45 04-04T14:45 04-05T15:15'],
    [
      'each half hour goes on through a shift of half an hour',
      '*/30 * * * *',
      'Australia/Lord_Howe',
      '2026-04-04T14:00Z',
      '04-04T14:30 04-04T15:00 04-04T15:30',
    ],
    ['midnight is missing', '0 0 * * *', 'America/Asuncion', '2023-09-29T12:00Z', '09-30T04:00 10-01T04:00 10-02T03:00'],
    [
      'a day that a zone left out altogether has no tick',
      '0 12 * * *',
      'Pacific/Apia',
      '2011-12-28T12:00Z',
      '12-28T22:00 12-29T22:00 12-30T22:00',
    ],
    [
      'each hour goes on where a zone left a day out',
      '0 * * * *',
      'Pacific/Apia',
      '2011-12-30T08:30Z',
      '12-30T09:00 12-30T10:00 12-30T11:00',
    ],
    ['the last day of the month', '0 0 L * *', 'UTC', '2028-02-01T00:00Z', '02-29T00:00 03-31T00:00'],
    ['the 29th of February', '0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '02-29T00:00'],
  ])('%s', (_name, pattern, timezone, after, expected) => {
    const schedule = cron(pattern, timezone);
    const wanted = expected.split(' ');
    const { ticks } = ticksBetween(schedule, Date.parse(after.replace('Z', ':00Z')), Number.POSITIVE_INFINITY, wanted.length);
    expect(ticks.map(short)).toEqual(wanted);
    const back = wanted.map((_tick, index) => newestTick(schedule, (ticks[index] ?? 0) + 59_999));
    expect(back).toEqual(ticks);
  });

  test('the interval is the distance to the tick before: a day of 23 hours', () => {
    expect(interval(cron('0 9 * * *', 'Europe/Berlin'), Date.parse('2026-03-29T07:00:00Z'))).toBe(23 * 3_600_000);
    expect(interval(cron('0 9 * * MON', 'UTC'), Date.parse('2026-01-05T09:00:00Z'))).toBe(7 * 86_400_000);
  });

  test.each<[string, string, string, string, number]>([
    ['the first tick of office hours', '*/5 8-16 * * *', 'UTC', '2026-01-01T08:00Z', 5],
    ['the last tick of office hours', '*/5 8-16 * * *', 'UTC', '2026-01-01T16:55Z', 5],
    ['a Monday after a week-end', '*/5 8-16 * * MON-FRI', 'UTC', '2026-01-05T08:00Z', 5],
    ['a day after the clock went forward', '0 9 * * *', 'Europe/Berlin', '2026-03-30T07:00Z', 24 * 60],
    ['the night in which the clock goes forward', '*/15 0-5 * * *', 'Europe/Berlin', '2026-03-29T01:00Z', 15],
    ['missing times that move together', '1,45 2,3 * * *', 'Europe/Berlin', '2026-03-29T01:01Z', 16],
    ['working days', '0 9 * * MON-FRI', 'UTC', '2026-01-05T09:00Z', 24 * 60],
    ['an hour that a step does not divide', '*/25 * * * *', 'UTC', '2026-01-01T08:00Z', 25],
    ['one tick and ten minutes left of the hour', '*/50 * * * *', 'UTC', '2026-01-01T08:50Z', 50],
    ['a day that a step does not divide', '0 */7 * * *', 'UTC', '2026-01-01T07:00Z', 7 * 60],
    ['twice in the morning', '0 8,9 * * *', 'UTC', '2026-01-01T08:00Z', 60],
    ['a week', '0 9 * * MON', 'UTC', '2026-01-05T09:00Z', 7 * 24 * 60],
  ])('the usual interval knows no pause: %s', (_name, pattern, timezone, at, minutes) => {
    expect(usualInterval(cron(pattern, timezone), Date.parse(at.replace('Z', ':00Z'))) / MINUTE).toBe(minutes);
  });

  test.each([
    [undefined, 0],
    [5, 0],
    [10, 0],
    [11, 6],
    [905, 900],
  ])('after %s minutes with an interval of 5, %i are uncovered', (distance, expected) => {
    expect(uncovered(distance === undefined ? undefined : -distance * MINUTE, 0, 5 * MINUTE)).toBe(expected * MINUTE);
  });

  const zones = {
    'Europe/Berlin': ['2026-03-29', '2026-10-25'],
    'America/New_York': ['2026-03-08', '2026-11-01'],
    'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
    'America/St_Johns': ['2026-03-08', '2026-11-01'],
    'Asia/Kolkata': ['2026-05-05'],
  } as const;
  const changes = Object.entries(zones).flatMap(([zone, days]) => days.map((day) => ({ zone, day })));
  const numbers = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 3 });
  const field = (max: number, steps: readonly number[]) =>
    fc.oneof(
      numbers(max).map((list) => ({ text: list.join(','), members: list, wild: false })),
      fc.constantFrom(1, ...steps).map((step) => ({
        text: step === 1 ? '*' : `*/${step}`,
        members: Array.from({ length: Math.ceil((max + 1) / step) }, (_, index) => index * step),
        wild: true,
      })),
    );

  test('the ticks around a change are those that a calendar written out minute by minute gives', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        field(59, [5, 7, 15, 30]),
        field(23, [2, 3, 6]),
        ({ zone, day }, minutes, hours) => {
          const calendar = writtenOut(zone, day);
          const expected = byTheMinute(calendar, minutes, hours);
          const schedule = cron(`${minutes.text} ${hours.text} * * *`, zone);
          const { ticks, more } = ticksBetween(schedule, calendar.from, calendar.to, 10_000);
          expect(ticks.map(iso)).toEqual(expected.map(iso));
          expect(more).toBe(false);
          for (const tick of expected.slice(0, 4)) {
            expect(newestTick(schedule, tick)).toBe(tick);
            expect(nextTick(schedule, tick - 1)).toBe(tick);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

interface Field {
  readonly members: readonly number[];
  readonly wild: boolean;
}

interface Calendar {
  readonly from: number;
  readonly to: number;
  /** Every minute of the range and of a day around it, with its local time; in order. */
  readonly minutes: readonly { readonly text: string; readonly at: number }[];
}

const written = new Map<string, Calendar>();

/** All minutes of the two days around a change of the clock, with their local times as Intl says them. */
function writtenOut(zone: string, day: string): Calendar {
  const known = written.get(`${zone} ${day}`);
  if (known !== undefined) return known;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const [from, to] = [midnight - 1_440 * MINUTE, midnight + 1_440 * MINUTE];
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const count = (to - from) / MINUTE + 2 * 1_440;
  const minutes = Array.from({ length: count }, (_, index) => from + (index - 1_440) * MINUTE).map((at) => ({
    text: format.format(at),
    at,
  }));
  const calendar = { from, to, minutes };
  written.set(`${zone} ${day}`, calendar);
  return calendar;
}

/** An independent reading of the promise: each local time of each day, looked up among all minutes. */
function byTheMinute({ from, to, minutes: all }: Calendar, minutes: Field, hours: Field): number[] {
  const local = new Map<string, number[]>();
  for (const { text, at } of all) local.set(text, [...(local.get(text) ?? []), at]);
  const days = [...new Set(all.map(({ text }) => text.slice(0, 10)))];
  const finer = minutes.wild || hours.wild;
  const found = days.flatMap((day) =>
    hours.members.flatMap((hour) =>
      minutes.members.flatMap((minute) => {
        const text = `${day} ${two(hour)}:${two(minute)}`;
        const instants = local.get(text) ?? [];
        if (instants.length > 0) return finer ? instants : instants.slice(0, 1);
        return finer && hours.members.length === 24 ? [] : [all.find((entry) => entry.text > text)?.at ?? 0];
      }),
    ),
  );
  return [...new Set(found)].filter((at) => at > from && at <= to).sort((a, b) => a - b);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

describe('reading a cron pattern', () => {
  test('blanks between the fields do not matter', () => {
    expect(parseCron('  0  9 * *   MON-FRI ', 'Europe/Berlin')).toEqual({
      ok: true,
      schedule: { kind: 'cron', pattern: '0 9 * * MON-FRI', timezone: 'Europe/Berlin' },
    });
  });

  test.each([
    ['0 9 * *', 'UTC', 'expected five fields: minute, hour, day of month, month, day of week'],
    ['0 0 9 * * *', 'UTC', 'expected five fields: minute, hour, day of month, month, day of week'],
    ['@daily', 'UTC', 'expected five fields: minute, hour, day of month, month, day of week'],
    ['? 9 * * *', 'UTC', 'expected five fields: minute, hour, day of month, month, day of week'],
    ['61 * * * *', 'UTC', 'expected a minute from 0 to 59, got 61'],
    ['0 24 * * *', 'UTC', 'expected an hour from 0 to 23, got 24'],
    ['0 0 32 * *', 'UTC', 'expected a day of the month from 1 to 31, got 32'],
    ['0 0 0 * *', 'UTC', 'expected a day of the month from 1 to 31, got 0'],
    ['0 0 32W * *', 'UTC', 'expected a day of the month from 1 to 31, got 32'],
    ['0 0 * 13 *', 'UTC', 'expected a month from 1 to 12, got 13'],
    ['0 0 * 3-13 *', 'UTC', 'expected a month from 1 to 12, got 13'],
    ['0 0 * * 8', 'UTC', 'expected a day of the week from 0 to 7, got 8'],
    ['*/0 * * * *', 'UTC', 'Syntax error, illegal stepping: 0'],
    ['a b c d e', 'UTC', 'configuration entry 1 (a) contains illegal characters.'],
    ['0 0 30 2 *', 'UTC', 'this date never occurs'],
    ['0 9 * * *', 'Europe/Berln', 'unknown time zone `Europe/Berln`: expected an IANA name such as Europe/Berlin'],
    ['0 9 * * *', '+01:00', 'unknown time zone `+01:00`: expected an IANA name such as Europe/Berlin'],
    ['0 9 * * *', '', 'unknown time zone ``: expected an IANA name such as Europe/Berlin'],
  ])('%s in %s is refused', (pattern, timezone, message) => {
    expect(parseCron(pattern, timezone)).toEqual({ ok: false, message });
  });
});
