import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../src/core/time.ts';
import { assign } from '../../../src/rule-tests/assignment.ts';
import { describeTextPattern, readTextPattern, textFits } from '../../../src/rule-tests/text-pattern.ts';
import { readInstant, readTime, relativeTime } from '../../../src/rule-tests/times.ts';
import { describeValuePattern, fitsValue, readValuePattern } from '../../../src/rule-tests/value-pattern.ts';

function pattern(given: unknown) {
  const read = readTextPattern(given);
  if (!read.ok) throw new Error(read.message);
  return read.pattern;
}

describe('a text', () => {
  test.each([
    ['a part', 'ails', true],
    ['another text', 'Fails', false],
    ['a regular expression', '/^stub .*\\d$/', true],
    ['one that does not fit', '/^fails/', false],
    ['one with flags', '/FAILS/i', true],
    ['all of it', { is: 'stub fails 5' }, true],
    ['not all of it', { is: 'stub fails' }, false],
    ['what it is not', { not: 'resolved' }, true],
    ['what it is', { not: 'fails' }, false],
    ['several parts', ['stub', '/5$/', { not: 'resolved' }], true],
    ['several of which one is missing', ['stub', '6'], false],
    ['a slash alone', '/', false],
  ])('is compared with %s', (_what, given, fits) => {
    expect(textFits(pattern(given), 'stub fails 5', () => undefined)).toBe(fits ? 'fits' : 'fits not');
  });

  test.each([['/^(a+)+$/'], [{ not: '/^(a+)+$/' }], [['b', '/^(a|a)*$/']]])(
    'is compared with an expression that explodes elsewhere as with any other: %j',
    (given) => {
      const began = cpuTime();
      const text = `b${'a'.repeat(20_000)}!`;
      const wants = typeof given === 'object' && !Array.isArray(given) ? 'fits' : 'fits not';
      expect(textFits(pattern(given), text, () => undefined)).toBe(wants);
      expect(cpuTime() - began).toBeLessThan(2_000);
    },
  );

  test('is not compared where that would take too long, whatever is wanted', () => {
    const text = 'ab'.repeat(40_000);
    for (const given of ['/(a|b)*a(a|b){300}c/', { not: '/(a|b)*a(a|b){300}c/' }])
      expect(textFits(pattern(given), text, () => undefined)).toBe('too slow');
  });

  test('is paid for by expressions before they are matched', () => {
    let cost = 0;
    const spend = (more: number) => {
      cost += more;
    };
    textFits(pattern(['stub', '/5$/']), 'stub fails 5', spend);
    expect(cost).toBeGreaterThanOrEqual('stub fails 5'.length);
  });

  test('is no regular expression when it cannot be read as one', () => {
    expect(readTextPattern(['a', '/(/'])).toMatchObject({ ok: false });
  });

  test('is notified in words', () => {
    expect(describeTextPattern(pattern(['a', '/b/', { is: 'c' }, { not: 'd' }]))).toBe(
      'holds "a", fits /b/, is "c", not: holds "d"',
    );
  });
});

describe('a value', () => {
  test.each([
    ['20', 20, 20, true],
    ['20', 20, 21, false],
    ['0.1 + 0.2', 0.3, 0.1 + 0.2, true],
    ['a text', 'up', 'up', true],
    ['a number written as text', '20', 20, false],
    ['nothing', null, null, true],
    ['nothing measured', null, undefined, false],
    ['true', true, true, true],
    ['at least, at the boundary', '>= 5', 5, true],
    ['more than, at the boundary', '> 5', 5, false],
    ['at most', '<= 5', 6, false],
    ['less than', '<5', 4.9, true],
    ['other than', '!= 5', 5, false],
    ['about', '~ 100', 100.9, true],
    ['about, too far', 'about 100', 102, false],
    ['a comparison with no value', '> 5', null, false],
  ])('%s', (_what, given, value, fits) => {
    expect(fitsValue(readValuePattern(given), value)).toBe(fits);
  });

  test('is notified in words', () => {
    expect([20, '>= 5', null, 'up'].map((given) => describeValuePattern(readValuePattern(given)))).toEqual([
      '20',
      '>= 5',
      'no value',
      '"up"',
    ]);
  });
});

describe('a time', () => {
  const start = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    ['90s', 90_000],
    ['-1d', -86_400_000],
    ['1h30m', 5_400_000],
    ['2026-01-01T00:05Z', 300_000],
  ])('%s is read from the start', (text, offset) => {
    expect(readTime(text, start)).toBe(start + offset);
  });

  test('on a day that does not exist is none', () => {
    expect(readInstant('2026-02-30T00:00:00Z')).toBeUndefined();
  });

  test('is written as it is read', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (offset) => {
        expect(readTime(relativeTime(start + offset, start).replace('+', ''), start)).toBe(start + offset);
      }),
    );
  });
});

describe('expectations and things', () => {
  test('a loose expectation leaves the only fitting thing to a strict one', () => {
    const fits = (expectation: number, thing: number) => expectation === 0 || thing === 0;
    expect(assign(2, 2, fits)).toEqual({ taken: [1, 0], left: [] });
  });

  test('as many find each other as possible, one to one', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), { maxLength: 4 }), (table) => {
        const { taken, left } = assign(table.length, 4, (expectation, thing) => table[expectation]?.[thing] === true);
        const got = taken.flatMap((thing) => thing ?? []);
        expect(new Set(got).size).toBe(got.length);
        expect(taken.every((thing, expectation) => thing === undefined || table[expectation]?.[thing] === true)).toBe(true);
        expect([...got, ...left].sort()).toEqual([0, 1, 2, 3]);
        expect(got.length).toBe(most(table, new Set()));
      }),
    );
  });
});

/** The size of the largest matching, by trying everything. */
function most(table: readonly (readonly boolean[])[], used: ReadonlySet<number>): number {
  const [row, ...rest] = table;
  if (row === undefined) return 0;
  const withRow = row.flatMap((fits, thing) => (fits && !used.has(thing) ? [1 + most(rest, new Set([...used, thing]))] : []));
  return Math.max(most(rest, used), ...withRow);
}
