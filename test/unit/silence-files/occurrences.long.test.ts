import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR } from '../../../src/core/time.ts';
import type { FileSilence } from '../../../src/silence-files/file-silence.ts';
import { occurrenceAt, occurrencesBetween } from '../../../src/silence-files/occurrences.ts';
import { checkRecurrence } from '../../../src/silence-files/recurrence.ts';
import { instantOf, wallTime } from '../../../src/silence-files/wall-clock.ts';

const at = (text: string) => Date.parse(`${text}Z`);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

function silence(given: Partial<FileSilence> & { readonly from: string }): FileSilence {
  const { from, ...rest } = given;
  return {
    ...{ id: 'file:x', name: 'x', matchers: [], comment: 'c', author: 'a', timezone: 'UTC', duration: 4 * HOUR, except: [] },
    position: { file: 'x.yaml', line: 1, column: 1 },
    start: at(from),
    ...rest,
  };
}

const during = (one: FileSilence, from: string, to: string) =>
  occurrencesBetween(one, { from: at(from), to: at(to) }).map((range) => `${iso(range.from)} to ${iso(range.to)}`);

describe('a silence of a file is active', () => {
  test('once, for its duration', () => {
    const one = silence({ from: '2026-01-04T22:00' });
    expect(during(one, '2026-01-01T00:00', '2027-01-01T00:00')).toEqual(['2026-01-04T22:00 to 2026-01-05T02:00']);
    expect(occurrenceAt(one, at('2026-01-05T01:59'))).toEqual({ from: at('2026-01-04T22:00'), to: at('2026-01-05T02:00') });
    expect(occurrenceAt(one, at('2026-01-05T02:00'))).toBeUndefined();
  });

  test('as often as COUNT says, however long ago it began', () => {
    const one = silence({ from: '2005-01-01T22:00', recurrence: 'FREQ=DAILY;COUNT=9999' });
    expect(occurrenceAt(one, at('2026-01-05T23:00'))).toEqual({ from: at('2026-01-05T22:00'), to: at('2026-01-06T02:00') });
    expect(occurrenceAt(one, at('2032-06-01T00:00'))).toBeUndefined();
  });

  test.each([
    ['FREQ=WEEKLY;BYDAY=SU', '2026-01-04T22:00'],
    ['FREQ=MONTHLY;BYMONTHDAY=1', '2026-01-01T22:00'],
    [undefined, '2026-01-09T22:00'],
  ])('the same for who asks for the past half hour in turns with the present: %s', (recurrence, from) => {
    const given = { from, ...(recurrence !== undefined && { recurrence }) };
    const one = silence(given);
    for (let time = at('2026-01-01T00:00'); time < at('2026-02-10T00:00'); time += 1.5 * HOUR)
      for (const asked of [time - HOUR / 2, time]) expect(occurrenceAt(one, asked)).toEqual(occurrenceAt(silence(given), asked));
  });

  const WEEKLY = { from: '2026-01-04T02:30', timezone: 'Europe/Berlin', recurrence: 'FREQ=WEEKLY;BYDAY=SU' };
  test.each([
    [
      'at the same local time before and after the clocks change',
      '2026-03-21T00:00',
      '2026-04-06T00:00',
      [
        '2026-03-22T01:30 to 2026-03-22T05:30',
        // 02:30 is left out that night: it begins at 03:00, and lasts as long as always.
        '2026-03-29T01:00 to 2026-03-29T05:00',
        '2026-04-05T00:30 to 2026-04-05T04:30',
      ],
    ],
    [
      'once in the night that has 02:30 twice',
      '2026-10-24T00:00',
      '2026-11-02T00:00',
      ['2026-10-25T00:30 to 2026-10-25T04:30', '2026-11-01T01:30 to 2026-11-01T05:30'],
    ],
  ])('%s', (_what, from, to, expected) => {
    expect(during(silence(WEEKLY), from, to)).toEqual(expected);
  });

  test('but not on the days that are left out', () => {
    const one = silence({
      from: '2026-12-23T23:00',
      timezone: 'America/New_York',
      recurrence: 'FREQ=DAILY',
      except: ['2026-12-24'],
    });
    expect(during(one, '2026-12-23T00:00', '2026-12-27T00:00')).toEqual([
      '2026-12-24T04:00 to 2026-12-24T08:00',
      '2026-12-26T04:00 to 2026-12-26T08:00',
    ]);
  });

  test.each([
    ['FREQ=DAILY;COUNT=2', ['2026-01-04T22:00 to 2026-01-05T02:00', '2026-01-05T22:00 to 2026-01-06T02:00']],
    ['FREQ=DAILY;UNTIL=20260105', ['2026-01-04T22:00 to 2026-01-05T02:00', '2026-01-05T22:00 to 2026-01-06T02:00']],
    ['FREQ=DAILY;UNTIL=20260105T215900Z', ['2026-01-04T22:00 to 2026-01-05T02:00']],
    ['FREQ=MONTHLY;BYDAY=-1SA', ['2026-01-31T22:00 to 2026-02-01T02:00']],
    ['FREQ=WEEKLY;BYDAY=MO;BYHOUR=3,5', ['2026-01-05T03:00 to 2026-01-05T09:00']],
  ])('%s', (recurrence, expected) => {
    const found = during(silence({ from: '2026-01-04T22:00', recurrence }), '2026-01-01T00:00', '2026-02-02T00:00');
    expect(found.slice(0, expected.length)).toEqual(expected);
    if (/COUNT|UNTIL/.test(recurrence)) expect(found).toHaveLength(expected.length);
  });

  it('and the next one is found however far away it is', () => {
    const leap = silence({ from: '2026-01-01T00:00', recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29' });
    expect(iso(occurrenceAt(leap, at('2026-01-01T00:00'))?.from ?? 0)).toBe('2028-02-29T00:00');
    const never = silence({ from: '2026-01-01T00:00', recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' });
    expect(occurrenceAt(never, at('2026-01-01T00:00'))).toBeUndefined();
  });

  it('is the same asked from second to second as asked for once', () => {
    const one = silence({
      from: '2026-01-01T05:00',
      recurrence: 'FREQ=WEEKLY;BYDAY=MO,TH',
      timezone: 'Europe/Berlin',
      duration: 30 * HOUR,
    });
    const whole = occurrencesBetween(one, { from: at('2026-01-01T00:00'), to: at('2026-06-01T00:00') });
    fc.assert(
      fc.property(fc.integer({ min: at('2026-01-08T00:00'), max: at('2026-05-01T00:00') }), (now) => {
        const expected = whole.find(({ to }) => to > now);
        expect(occurrenceAt(one, now)).toEqual(expected);
      }),
    );
  });
});

describe('the wall clock', () => {
  it('leads there and back in every zone, but for times that it leaves out or shows twice', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2010-01-01T00:00'), max: at('2035-01-01T00:00') }),
        (zone, some) => {
          const now = Math.floor(some / 60_000) * 60_000;
          const back = instantOf(wallTime(now, zone), zone);
          expect(Math.abs(back - now)).toBeLessThanOrEqual(DAY);
          expect(wallTime(back, zone)).toBe(wallTime(now, zone));
          expect(back).toBeLessThanOrEqual(now);
        },
      ),
    );
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00'],
    ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:30'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30'],
  ])('in %s shows %s at %s', (zone, wall, expected) => {
    expect(iso(instantOf(at(wall), zone))).toBe(expected);
  });
});

describe('a recurrence is refused', () => {
  it.each([
    ['FREQ=HOURLY', 'FREQ: expected one of DAILY'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR: expected numbers from 0 to 23'],
    ['FREQ=DAILY;BYMONTHDAY=-32', 'BYMONTHDAY: expected numbers from 1 to 31, or negative'],
    ['FREQ=DAILY;BYDAYS=MO', 'unknown part "BYDAYS=MO"'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260101', 'COUNT and UNTIL exclude each other'],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ is given twice'],
    ['BYDAY=MO', 'FREQ is missing'],
    ['', 'unknown part ""'],
    [`FREQ=DAILY;BYDAY=${'MO,'.repeat(1_000)}MO`, 'more than 500 characters'],
  ])('%s', (text, message) => {
    const checked = checkRecurrence(text);
    expect(checked.ok ? '' : checked.message).toContain(message);
  });
});
