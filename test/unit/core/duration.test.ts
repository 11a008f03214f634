import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationHint, formatDuration, humanDuration, measuredDuration, parseDuration } from '../../../src/core/duration.ts';

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['1w', 604_800_000],
  ['500ms', 500],
  ['1m500ms', 60_500],
  ['0s', 0],
  ['1w1d1h1m1s1ms', 694_861_001],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  '5',
  'm',
  '5 m',
  '-5m',
  '5M',
  '1.5h',
  '30m1h',
  '5m5m',
  '5min',
  '1y',
  ' 5m',
  '5m ',
  '9'.repeat(70),
  `${'9'.repeat(20)}d`,
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  ['5 minutes', 'write 5m'],
  ['30 s', 'write 30s'],
  ['2min', 'write 2m'],
  ['1 hour, 30 minutes', 'write 1h30m'],
  ['4hours', 'write 4h'],
  ['10SEC', 'write 10s'],
  ['1 month', 'such as 90s, 5m, 1h30m or 7d'],
  ['30m1h', 'such as 90s, 5m, 1h30m or 7d'],
  ['secret', 'such as 90s, 5m, 1h30m or 7d'],
  [{ minutes: 5 }, 'such as 90s, 5m, 1h30m or 7d'],
])('the hint for %j is %j', (text, hint) => {
  expect(durationHint(text)).toBe(hint);
});

test.each([
  [0, '0s'],
  [500, '500ms'],
  [90_000, '1m30s'],
  [5_400_000, '1h30m'],
  [604_800_000, '7d'],
  [-5, '0s'],
])('%i ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [300_000, '5m', '5m'],
  [7_512_345, '2h 5m', '2h 5m'],
  [45_400, '45s', '45.4s'],
  [1_501, '2s', '1.501s'],
  [1_000, '1s', '1s'],
  [59_999, '1m', '1m'],
  [29_588, '30s', '29.59s'],
  [60_400, '1m', '1m'],
  [90_061_000, '1d 1h', '1d 1h'],
  [250, '250ms', '250ms'],
  [0, '0s', '0s'],
])('%i ms is %s for people, and %s where it was measured', (ms, rounded, measured) => {
  expect(humanDuration(ms)).toBe(rounded);
  expect(measuredDuration(ms)).toBe(measured);
});

describe('properties', () => {
  test('what is written is read back', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e14 }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
