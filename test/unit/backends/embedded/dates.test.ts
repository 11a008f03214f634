import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDate } from '../../../../src/backends/embedded/dates.ts';

const noon = Date.UTC(2026, 0, 2, 12);

describe('a date', () => {
  it.each<[string, unknown, number | undefined]>([
    ['in ISO 8601', '2026-01-02T12:00:00.000Z', noon],
    ['without a zone is UTC', '2026-01-02T12:00:00', noon],
    ['with an offset', '2026-01-02T14:30:00+02:30', noon],
    ['with a short offset', '2026-01-02T10:00:00-02', noon],
    ['with microseconds keeps them as a fraction', '2026-01-02T12:00:00.123456Z', noon + 123.456],
    ['with a comma', '2026-01-02T12:00:00,5Z', noon + 500],
    ['of a day is its midnight', '2026-01-02', noon - 12 * 3_600_000],
    ['of a month is its first day', '2026-01', Date.UTC(2026, 0, 1)],
    ['of four digits is a year', '2026', Date.UTC(2026, 0, 1)],
    ['in milliseconds', noon, noon],
    ['in milliseconds as text', String(noon), noon],
    ['in milliseconds with decimals, as the collector writes it', '1767355200000.123456', noon + 0.123456],
    ['before 1970', '-12345', -12_345],
    ['in a number of four digits is a year', 2026, Date.UTC(2026, 0, 1)],
    ['in a number of three digits is not', 123, 123],
    ['with a plus is none', '+12345', undefined],
    ['with a month too many is none', '2026-13-01', undefined],
    ['with a day too many is none', '2026-02-30', undefined],
    ['in a leap year may be the 29th of February', '2024-02-29', Date.UTC(2024, 1, 29)],
    ['with an hour too many is none', '2026-01-02T24:00:00Z', undefined],
    ['in words is none', 'yesterday', undefined],
    ['with a space instead of T is none', '2026-01-02 12:00:00', undefined],
    ['that is true is none', true, undefined],
    ['that is no number is none', Number.NaN, undefined],
  ])('%s', (_name, value, expected) => {
    const parsed = parseDate(value);
    if (expected === undefined) expect(parsed).toBeUndefined();
    else expect(parsed).toBeCloseTo(expected, 3);
  });

  it.each([
    ['2026-01-02', Date.UTC(2026, 0, 2, 23, 59, 59, 999)],
    ['2026-01', Date.UTC(2026, 0, 1, 23, 59, 59, 999)],
    ['2026-01-02T12', Date.UTC(2026, 0, 2, 12, 59, 59, 999)],
    ['2026-01-02T12:00:00Z', noon + 999],
    ['2026-01-02T12:00:00.500Z', noon + 500],
  ])('that is incomplete means its last moment as an upper bound: %s', (text, expected) => {
    expect(Math.floor(parseDate(text, 'up') ?? 0)).toBe(expected);
  });

  it('that a Date wrote is read back', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseDate(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});

describe('the last nanosecond of a millisecond', () => {
  it.each(['2026-01-01T10:00:59.999999999Z', '2026-01-01T10:00:59.9999999Z', '2199-01-01T10:00:59.999999999Z'])(
    'is no part of the next: %s',
    (text) => {
      const end = Date.parse(text.slice(0, 16).concat(':59.999Z'));
      expect(Math.floor(parseDate(text) ?? 0)).toBe(end);
    },
  );
});
