import { expect, it } from 'vitest';
import type { Measured } from '../../bench/engines/measure.ts';
import { burstTable, measuredTable, ratioTable } from '../../bench/parts/comparison-tables.ts';

const measured = (engine: string, more: Partial<Measured>): Measured => ({
  engine,
  rules: 100,
  cpu: 500,
  cluster: 1_000,
  peak: 2 ** 20,
  evaluations: 100,
  lateHalf: 1,
  lateMost: 2,
  start: { seconds: 3, cpu: 400, evaluated: 100 },
  refused: 0,
  ...more,
});
const theirs = measured('ElastAlert2', { evaluations: 50, start: { seconds: Number.NaN, cpu: Number.NaN, evaluated: 70 } });
const ours = measured('Tocsin', { cpu: 100, cluster: 500, peak: 2 ** 21 });
const compared = [{ title: 'some', theirs, ours }];
const cells = (table: string) =>
  table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

it('an engine that evaluated half of its rules took twice as much for each', () => {
  expect(cells(ratioTable(compared))).toEqual([['some', '10×', '4.0×', '0.5×']]);
});

it('what each engine took stands in its own row, and whom it left waiting', () => {
  expect(cells(measuredTable(compared))).toEqual([
    ['some', 'ElastAlert2', '50 of 100', '500 ms', '1.00 s', '1 MiB', '1.0 s', '2.0 s', '70 evaluated'],
    ['', 'Tocsin', '100 of 100', '100 ms', '500 ms', '2 MiB', '≤ 1.0 s', '≤ 2.0 s', '3.0 s, 400 ms'],
  ]);
});

it('a burst of which nothing came says so', () => {
  const burst = { engine: 'x', rules: 2, messages: 0, first: Number.NaN, last: Number.NaN, cpu: 1, cluster: 2 };
  expect(cells(burstTable([burst]))).toEqual([['x', '0 of 2', '–', '–', '1 ms', '2 ms']]);
});
