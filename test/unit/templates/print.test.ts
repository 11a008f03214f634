import { expect, test } from 'vitest';
import { bytes, number, percent, printValue } from '../../../src/templates/print.ts';

test.each<[unknown, string]>([
  [7, '7'],
  [0, '0'],
  [-3, '-3'],
  [1e21, '1e+21'],
  [0.1 + 0.2, '0.3'],
  [1234.5678, '1234.568'],
  [0.000123456, '0.0001235'],
  [Number.NaN, 'n/a'],
  [null, 'n/a'],
  [undefined, 'n/a'],
  ['', ''],
  [true, 'true'],
  [['a', 1, null], 'a, 1, n/a'],
  [{ a: { b: { c: { d: 1 } } } }, 'a: b: c: …'],
])('%j prints as %s', (value, expected) => {
  expect(printValue(value)).toBe(expected);
});

test.each<[unknown, string]>([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1 KiB'],
  [1_536, '1.5 KiB'],
  [1_048_575, '1 MiB'],
  [-2_147_483_648, '-2 GiB'],
  ['2048', '2 KiB'],
  [1e30, '867361737988.4 EiB'],
  ['many', 'n/a'],
])('%j bytes print as %s', (value, expected) => {
  expect(bytes(value)).toBe(expected);
});

test.each<[unknown, unknown, string]>([
  [0.93, undefined, '93%'],
  [0.934, undefined, '93.4%'],
  [0.934, 0, '93%'],
  [1.5, 1, '150.0%'],
  [12.345, undefined, '1,234.5%'],
  [null, undefined, 'n/a'],
])('%j with %j decimals is %s', (value, decimals, expected) => {
  expect(percent(value, decimals)).toBe(expected);
});

test.each<[unknown, unknown, string]>([
  [1234567.891, undefined, '1,234,567.89'],
  [1234, undefined, '1,234'],
  [1234, 1, '1,234.0'],
  [0.005, 99, '0.0050000000'],
  [1.5, -3, '2'],
  ['x', undefined, 'n/a'],
])('%j with %j decimals is written %s', (value, decimals, expected) => {
  expect(number(value, decimals)).toBe(expected);
});
