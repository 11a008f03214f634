import type { Burst } from '../engines/burst.ts';
import type { Measured } from '../engines/measure.ts';
import { count, cpu, mebibytes, ratio, seconds } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';

/** A workload with what both engines took for it. */
export interface Compared {
  readonly title: string;
  readonly theirs: Measured;
  readonly ours: Measured;
}

/** What each engine took, a row each. */
export function measuredTable(compared: readonly Compared[]): string {
  const head = [
    '',
    'engine',
    'evaluated',
    'engine CPU',
    'Elasticsearch CPU',
    'peak memory',
    'late, median',
    'late, p99',
    'first round',
  ];
  const rows = compared.flatMap(({ title, theirs, ours }) =>
    [theirs, ours].map((one, i) => [
      i === 0 ? title : '',
      one.engine,
      `${count(Math.round(one.evaluations))} of ${count(one.rules)}`,
      cpu(one.cpu),
      cpu(one.cluster),
      mebibytes(one.peak),
      late(one.lateHalf, one),
      late(one.lateMost, one),
      Number.isNaN(one.start.seconds)
        ? `${count(one.start.evaluated)} evaluated`
        : `${seconds(one.start.seconds)}, ${cpu(one.start.cpu)}`,
    ]),
  );
  return markdownTable(head, rows);
}

/** How many times less Tocsin took: of CPU for each evaluation, as what an engine did not evaluate it did not pay for. */
export function ratioTable(compared: readonly Compared[]): string {
  const head = ['ElastAlert2 / Tocsin', 'engine CPU, an evaluation', 'Elasticsearch CPU, an evaluation', 'peak memory'];
  const rows = compared.map(({ title, theirs, ours }) => [
    title,
    ratio(theirs.cpu / theirs.evaluations, ours.cpu / ours.evaluations),
    ratio(theirs.cluster / theirs.evaluations, ours.cluster / ours.evaluations),
    ratio(theirs.peak, ours.peak),
  ]);
  return markdownTable(head, rows);
}

/** What became of a burst, a row for each engine. */
export function burstTable(bursts: readonly Burst[]): string {
  const head = ['a burst', 'messages', 'first after', 'last after', 'engine CPU', 'Elasticsearch CPU'];
  const rows = bursts.map((one) => [
    one.engine,
    `${one.messages} of ${one.rules}`,
    seconds(one.first),
    seconds(one.last),
    cpu(one.cpu),
    cpu(one.cluster),
  ]);
  return markdownTable(head, rows);
}

/** Tocsin tells lateness by the buckets of its histogram, so that it is at most what is said. */
function late(value: number, { engine }: Measured): string {
  return engine === 'Tocsin' && !Number.isNaN(value) ? `≤ ${seconds(value)}` : seconds(value);
}
