import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A metric that must hold while a problem lasts: a comparison, or a counter that must have risen since before it. */
export type MetricExpectation =
  | { readonly kind: 'compare'; readonly series: string; readonly operator: '>' | '=='; readonly value: number }
  | { readonly kind: 'rises'; readonly series: string };

/** Receivers of a health alert; `memory`: the meta receiver is notified without the store, so it is no ordinary alert; `own`: an alert of the rule itself. */
export interface GreenAlert {
  readonly kind: string;
  readonly to: readonly ('route' | 'meta')[];
}

/** One row of the table "Green means green" in docs/operations.md, as a test can hold it. */
export interface GreenRow {
  readonly failure: string;
  /** Within how long everything in the row shows, ms. */
  readonly within: number;
  readonly ready: 200 | 503;
  readonly heartbeat: 'stops' | 'continues';
  /** At least one: a problem that no metric shows is not green by definition. */
  readonly metrics: readonly MetricExpectation[];
  /** The health alert and who is notified of it; undefined: none, which only a problem that everything else shows may have. */
  readonly alert: GreenAlert | undefined;
  /** Text that `tocsin doctor` prints with a warning or an error; undefined: nothing to see from where it runs. */
  readonly doctor: string | undefined;
  /** Text of the status page at `/`. */
  readonly page: string;
}

const PAGE = join(import.meta.dirname, '../../docs/operations.md');
const BEGIN = '<!-- green-means-green -->';
const END = '<!-- end of green-means-green -->';

/** Reads the table; throws with the row that cannot be read, since the table is the specification. */
export async function greenTable(): Promise<readonly GreenRow[]> {
  const text = await readFile(PAGE, 'utf8');
  const table = text.split(BEGIN)[1]?.split(END)[0];
  if (table === undefined) throw new Error(`docs/operations.md has no table between ${BEGIN} and ${END}`);
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map(readRow);
}

function readRow(line: string): GreenRow {
  const cells = line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
  const [failure = '', within = '', ready = '', heartbeat = '', metric = '', alert = '', doctor = '', page = ''] = cells;
  const wrong = (what: string) => new Error(`docs/operations.md, "${failure}": ${what}`);
  if (cells.length !== 8) throw wrong(`expected 8 cells, got ${cells.length}`);
  if (ready !== '200' && ready !== '503') throw wrong(`readiness is 200 or 503, not "${ready}"`);
  if (heartbeat !== 'stops' && heartbeat !== 'continues') throw wrong(`the heartbeat stops or continues, not "${heartbeat}"`);
  const metrics = codeIn(metric).map((code) => readMetric(code) ?? fail(wrong(`no metric expression: ${code}`)));
  if (metrics.length === 0) throw wrong('no metric shows it');
  const [shown] = codeIn(page);
  if (shown === undefined) throw wrong('nothing on the page shows it');
  return {
    failure,
    within: readTime(within) ?? fail(wrong(`"${within}" is not a time such as "10 s" or "2 min"`)),
    ready: ready === '200' ? 200 : 503,
    heartbeat,
    metrics,
    alert: alert === '–' ? undefined : (readAlert(alert) ?? fail(wrong(`no health alert and receivers: ${alert}`))),
    doctor: codeIn(doctor)[0],
    page: shown,
  };
}

function fail(error: Error): never {
  throw error;
}

function readAlert(cell: string): GreenAlert | undefined {
  if (cell === 'meta, from memory') return { kind: 'memory', to: ['meta'] };
  if (cell === 'as the rule is routed') return { kind: 'own', to: ['route'] };
  const [, kind, receivers] = /^`(\w+)`: (route and meta|meta)$/.exec(cell) ?? [];
  if (kind === undefined) return undefined;
  return { kind, to: receivers === 'meta' ? ['meta'] : ['route', 'meta'] };
}

function codeIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);
}

function readTime(text: string): number | undefined {
  const [, amount, unit] = /^(\d+) (s|min)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit === 's' ? 1_000 : 60_000);
}

function readMetric(code: string): MetricExpectation | undefined {
  const rising = /^increase\((\w+(?:\{[^}]*\})?)\) > 0$/.exec(code)?.[1];
  if (rising !== undefined) return { kind: 'rises', series: rising };
  const [, series, operator, value] = /^(\w+(?:\{[^}]*\})?) (>|==) ([\d.]+)$/.exec(code) ?? [];
  if (series === undefined) return undefined;
  return { kind: 'compare', series, operator: operator === '>' ? '>' : '==', value: Number(value) };
}
