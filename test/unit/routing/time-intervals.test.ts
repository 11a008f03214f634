import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { dateOfDay, dayNumber, instantOfLocal, localTime } from '../../../src/core/local-time.ts';
import { isWithin, lookAgain, mutedBy, partsThatNeverOccur, type TimePart } from '../../../src/routing/time-intervals.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (text: string) => Date.parse(text);
const interval = (...parts: readonly Partial<TimePart>[]) => ({
  name: 'test',
  parts: parts.map((part) => ({ location: 'UTC', ...part })),
});
const from = (...ranges: readonly (readonly [number, number])[]) => ranges.map(([first, last]) => ({ from: first, to: last }));
const clock = (start: number, end: number) => from([start * 60, end * 60]);

describe('a time belongs to an interval', () => {
  test.each([
    ['from its first minute on', { times: clock(8, 18) }, '2026-01-01T08:00:00Z', true],
    ['until its end, which is not in it', { times: clock(8, 18) }, '2026-01-01T17:59:59Z', true],
    ['and not at its end', { times: clock(8, 18) }, '2026-01-01T18:00:00Z', false],
    ['up to midnight, written 24:00', { times: clock(22, 24) }, '2026-01-01T23:59:00Z', true],
    ['on a day of the week', { weekdays: from([1, 5]) }, '2026-01-02T12:00:00Z', true],
    ['and not on others', { weekdays: from([1, 5]) }, '2026-01-03T12:00:00Z', false],
    ['on a Sunday, which is 0', { weekdays: from([0, 0]) }, '2026-01-04T12:00:00Z', true],
    ['on the last day of a month', { daysOfMonth: from([-1, -1]) }, '2026-02-28T12:00:00Z', true],
    ['on the last three days of a leap February', { daysOfMonth: from([-3, -1]) }, '2028-02-27T12:00:00Z', true],
    ['and not on the day before them', { daysOfMonth: from([-3, -1]) }, '2028-02-26T12:00:00Z', false],
    ['from a day to the end of the month', { daysOfMonth: from([20, -1]) }, '2026-02-20T00:00:00Z', true],
    ['in a month', { months: from([12, 12]) }, '2026-12-31T23:59:00Z', true],
    ['in a year', { years: from([2027, 2028]) }, '2026-12-31T23:59:00Z', false],
    ['by the clock of its zone', { times: clock(8, 9), location: 'Asia/Kolkata' }, '2026-01-01T02:30:00Z', true],
    ['on the day of its zone', { weekdays: from([5, 5]), location: 'Pacific/Auckland' }, '2026-01-01T12:00:00Z', true],
    ['only if everything fits', { weekdays: from([4, 4]), times: clock(8, 9) }, '2026-01-01T10:00:00Z', false],
    [
      'on a whole day of a calendar',
      {
        calendar: { file: 'a.ics', days: from([dayNumber(2026, 5, 1), dayNumber(2026, 5, 1)]), times: [] },
        location: 'Europe/Berlin',
      },
      '2026-04-30T22:00:00Z',
      true,
    ],
    [
      'at the time of an event, whose end is not in it',
      { calendar: { file: 'a.ics', days: [], times: from([at('2026-05-01T10:00Z'), at('2026-05-01T11:00Z')]) } },
      '2026-05-01T11:00:00Z',
      false,
    ],
  ])('%s', (_name, part, time, isIn) => {
    expect(isWithin(interval(part), at(time))).toBe(isIn);
  });

  it('if it belongs to one of its parts', () => {
    const nights = interval({ times: clock(22, 24) }, { times: clock(0, 6) });
    expect([21, 23, 27, 30].map((hour) => isWithin(nights, at('2026-01-01T00:00Z') + hour * HOUR))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
  'America/St_Johns',
  'Africa/Casablanca',
];

describe('the change of clocks', () => {
  it('makes a night shorter or longer by an hour, and nothing else', () => {
    const night = interval({ times: clock(0, 6), location: 'Europe/Berlin' });
    const length = (day: string) => {
      let minutes = 0;
      for (let time = at(day) - 12 * HOUR; time < at(day) + 24 * HOUR; time += MINUTE)
        if (isWithin(night, time) && localTime(time, 'Europe/Berlin').day === new Date(at(day)).getUTCDate()) minutes++;
      return minutes;
    };
    expect([length('2026-03-28T00:00Z'), length('2026-03-29T00:00Z'), length('2026-10-25T00:00Z')]).toEqual([360, 300, 420]);
  });

  it('leaves the clock on the wall in charge: a time belongs to an interval exactly when the wall shows so', () => {
    const wall = (time: number, zone: string) =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'long',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      }).format(time);
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: at('2011-01-01T00:00Z') / MINUTE, max: at('2040-01-01T00:00Z') / MINUTE }),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 1, max: 1440 }),
        fc.integer({ min: 0, max: 6 }),
        (zone, minute, start, span, day) => {
          const end = Math.min(1440, start + span);
          const part = interval({ times: from([start, end]), weekdays: from([day, day]), location: zone });
          const [shown = '', time = ''] = wall(minute * MINUTE, zone).split(' ');
          const [hours = 0, minutes = 0] = time.split(':').map(Number);
          const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
          const expected = shown === names[day] && start <= hours * 60 + minutes && hours * 60 + minutes < end;
          expect(isWithin(part, minute * MINUTE)).toBe(expected);
        },
      ),
    );
  });

  it('a local time is found again: the first of two, and the end of a gap for one that is skipped', () => {
    expect(instantOfLocal(dayNumber(2026, 3, 29), 2 * 60 + 30, 'Europe/Berlin')).toBe(at('2026-03-29T01:00Z'));
    expect(instantOfLocal(dayNumber(2026, 10, 25), 2 * 60 + 30, 'Europe/Berlin')).toBe(at('2026-10-25T00:30Z'));
    // Samoa left out a whole day.
    expect(instantOfLocal(dayNumber(2011, 12, 30), 12 * 60, 'Pacific/Apia')).toBe(at('2011-12-30T10:00Z'));
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: dayNumber(2011, 1, 1), max: dayNumber(2040, 1, 1) }),
        fc.integer({ min: 0, max: 1439 }),
        (zone, day, minute) => {
          const found = instantOfLocal(day, minute, zone);
          const shows = (time: number) => {
            const local = localTime(time, zone);
            return dayNumber(local.year, local.month, local.day) * 1440 + local.minute;
          };
          expect(shows(found)).toBeGreaterThanOrEqual(day * 1440 + minute);
          expect(shows(found - MINUTE)).toBeLessThan(day * 1440 + minute);
        },
      ),
    );
  });
});

describe('mute and active intervals', () => {
  const intervals = {
    nights: interval({ times: clock(0, 6) }),
    office: { ...interval({ times: clock(8, 18) }), name: 'office' },
  };
  test.each([
    ['nothing is muted without any', {}, '2026-01-01T03:00Z', undefined],
    ['a mute interval mutes', { muteTimeIntervals: ['nights'] }, '2026-01-01T03:00Z', 'mute time interval nights'],
    ['until it is over', { muteTimeIntervals: ['nights'] }, '2026-01-01T06:00Z', undefined],
    [
      'outside of an active interval',
      { activeTimeIntervals: ['office'] },
      '2026-01-01T07:00Z',
      'the time outside of active time interval office',
    ],
    ['within an active interval', { activeTimeIntervals: ['office'] }, '2026-01-01T08:00Z', undefined],
    [
      'what is not there has no effect',
      { muteTimeIntervals: ['x'], activeTimeIntervals: ['constructor'] },
      '2026-01-01T07:00Z',
      undefined,
    ],
  ])('%s', (_name, used, time, why) => {
    expect(mutedBy(used, intervals, at(time))).toBe(why);
  });

  it('the next look is at the end of the muted time, and never far away', () => {
    const isMuted = (time: number) => mutedBy({ muteTimeIntervals: ['nights'] }, intervals, time) !== undefined;
    expect(lookAgain(isMuted, at('2026-01-01T05:57:30Z'))).toBe(at('2026-01-01T06:00Z'));
    expect(lookAgain(isMuted, at('2026-01-01T01:00:30Z'))).toBe(at('2026-01-01T01:11Z'));
  });
});

describe('a part that never occurs', () => {
  const NOW = at('2026-06-01T00:00Z');
  test.each([
    ['a 30th of February', { months: from([2, 2]), daysOfMonth: from([30, 30]) }, true],
    ['a 29th of February', { months: from([2, 2]), daysOfMonth: from([29, 29]) }, false],
    ['a 29th of February on a Sunday', { months: from([2, 2]), daysOfMonth: from([29, 29]), weekdays: from([0, 0]) }, false],
    ['a year that is over', { years: from([2020, 2025]) }, true],
    ['this year', { years: from([2020, 2026]) }, false],
    ['a month that is over, this year', { years: from([2026, 2026]), months: from([1, 4]) }, true],
    ['a year far ahead', { years: from([2100, 2100]) }, false],
    ['a calendar whose events are over', { calendar: { file: 'a.ics', days: from([1, 9]), times: from([1, 9]) } }, true],
    ['a calendar with one to come', { calendar: { file: 'a.ics', days: from([1, 1], [50_000, 50_001]), times: [] } }, false],
    [
      'a calendar whose event is on another day',
      { weekdays: from([0, 0]), calendar: { file: 'a.ics', days: from([50_002, 50_002]), times: [] } },
      true,
    ],
  ])('%s', (_name, part, never) => {
    expect(dateOfDay(50_002).weekday).not.toBe(0);
    expect(partsThatNeverOccur(interval({ times: clock(1, 2) }, part), NOW)).toEqual(never ? [1] : []);
  });
});
