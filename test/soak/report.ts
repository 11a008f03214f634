import { cpus } from 'node:os';
import { evaluateSeries, type Series } from './verdict.ts';
import type { Done } from './virtual.ts';

/** One part of a soak as it is reported. */
export interface Part {
  readonly title: string;
  /** The distance of two samples, in words. */
  readonly period: string;
  readonly series: readonly Series[];
  readonly done: Done;
  readonly notes: readonly string[];
  readonly passed: boolean;
}

/** The parts for a terminal. */
export function soakText(parts: readonly Part[]): string {
  const blocks = parts.map((part) => {
    const rows = [HEAD, ...rowsOf(part)];
    const widths = HEAD.map((_title, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    const lines = rows.map((row) =>
      row
        .map((cell, i) => (i === 0 || i === 5 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
    const errors = part.done.errors.map((text) => `error: ${text}`);
    return [
      part.title,
      summary(part),
      '',
      ...lines,
      '',
      ...errors,
      part.passed ? 'PASSED: nothing grows without bound' : 'FAILED',
    ].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

const HEAD = ['what', 'first', 'last', 'most', 'growth', 'verdict'];

function rowsOf({ series }: Part): readonly (readonly string[])[] {
  return series.map((one) => {
    const { first, last, most, growth, verdict } = evaluateSeries(one);
    const number = (value: number) => value.toFixed(one.unit === '' && Number.isInteger(value) ? 0 : 1);
    const unit = one.unit === '' ? '' : ` (${one.unit})`;
    const words = one.boundedBy === undefined ? verdict : `bounded by ${one.boundedBy}`;
    return [
      `${one.name}${unit}`,
      number(first),
      number(last),
      number(most),
      `${growth < 0 ? '' : '+'}${growth.toFixed(2)}`,
      words,
    ];
  });
}

function summary({ done, series, period }: Part): string {
  const count = series[0]?.samples.length ?? 0;
  return `${done.polls.toLocaleString('en-US')} polls, ${done.messages.toLocaleString('en-US')} messages, ${done.replicas} replicas; ${count} samples, one every ${period}`;
}

/** The page docs/soak.md. */
export function soakPage(parts: readonly Part[], command: string): string {
  const sections = parts.map((part) => {
    const table = [HEAD, HEAD.map((_title, i) => (i === 0 || i === 5 ? '---' : '---:')), ...rowsOf(part)];
    return [
      `## ${part.title}`,
      '',
      ...part.notes.flatMap((note) => [note, '']),
      `${summary(part)}. Growth is that from one sample to the next, after the first two fifths of them.`,
      '',
      ...table.map((row) => `| ${row.join(' | ')} |`),
      '',
      part.passed ? '**Nothing grows without bound.**' : '**Failed.**',
    ].join('\n');
  });
  return `${[
    '# Soak',
    '',
    'What Tocsin needs when it runs for long and everything round it comes and goes: pods with new names, rules, receivers, silences, replicas.',
    'Whole services run, reload, leases and housekeeping included; heap is measured after garbage collection, in real time it is the least of each',
    'interval. Messages to receivers that were renamed meanwhile are dead, loudly, as they must be; any other error fails a soak. The page is written by',
    '',
    '```sh',
    command,
    '```',
    '',
    `on Node.js ${process.version} and ${cpus().length} cores. It ends with exit code 1 when something grows without bound.`,
    '',
    sections.join('\n\n'),
  ].join('\n')}\n`;
}
