import { own, put } from '../../core/record.ts';
import type { GroupRow } from '../answer.ts';
import type { GroupsQuery, Metric, Value } from '../query.ts';

/** What is known of one metric in a part of a window; a part of two is made of the parts of each. */
export interface MetricPart {
  /** Documents or values counted. */
  readonly n: number;
  /** The sum or extreme; null where no document had one. */
  readonly value: Value | null;
  /** The largest amount among the values that were summed up. */
  readonly most: number;
}

type Metrics = Readonly<Record<string, Metric>>;

const [COUNT, LOW, HIGH] = ['#n', '#low', '#high'];

/** The fields whose sums are asked for: of them, sums of parts are exact only where they hold whole numbers. */
export function summedFields({ metrics }: GroupsQuery): readonly string[] {
  return Object.values(metrics).flatMap((metric) => (metric.of === 'sum' || metric.of === 'avg' ? [metric.field] : []));
}

/**
 * Metrics whose value depends on the order in which shards are put together: sketches of values, and the last of several documents of the same time.
 * Only buckets of ranges are put together in the order of a question about one window.
 */
const ORDERED: ReadonlySet<Metric['of']> = new Set(['percentile', 'cardinality', 'last']);

/** Says whether the metrics of a window follow from those of its parts, in whatever order these come. */
export function addsUp({ metrics, bucket, only }: GroupsQuery): boolean {
  return Object.values(metrics).every(({ of }) => !ORDERED.has(of)) && bucket === undefined && only === undefined;
}

/** The same question with the metrics that a part of a window has to give. */
export function partQuery(query: GroupsQuery): GroupsQuery {
  const entries = Object.entries(query.metrics).flatMap(([name, metric]): (readonly [string, Metric])[] => {
    if (metric.of !== 'sum' && metric.of !== 'avg') return [[name, metric]];
    const extremes = { [name]: 'sum', [name + COUNT]: 'value_count', [name + LOW]: 'min', [name + HIGH]: 'max' } as const;
    return Object.entries(extremes).map(([part, of]) => [part, { ...metric, of }] as const);
  });
  return { ...query, metrics: Object.fromEntries(entries) };
}

const NO_PARTS: readonly MetricPart[] = [];

/** The parts of a row of a slice, in the order of the metrics. */
export function partsOf(metrics: Metrics, row: GroupRow): readonly MetricPart[] {
  const entries = Object.entries(metrics);
  if (entries.length === 0) return NO_PARTS;
  return entries.map(([name, { of }]) => {
    const value = own(row.values, name) ?? null;
    if (of === 'count' || of === 'value_count') return { n: Number(value), value: null, most: 0 };
    if (of !== 'sum' && of !== 'avg') return { n: 0, value, most: 0 };
    const [low, high] = [own(row.values, name + LOW), own(row.values, name + HIGH)];
    return { n: Number(own(row.values, name + COUNT)), value, most: Math.max(Math.abs(Number(low)), Math.abs(Number(high))) };
  });
}

/** The part that two neighbours make. */
export function addParts(of: Metric['of'], older: MetricPart, newer: MetricPart): MetricPart {
  return { n: older.n + newer.n, value: addValues(of, older.value, newer.value), most: Math.max(older.most, newer.most) };
}

function addValues(of: Metric['of'], older: Value | null, newer: Value | null): Value | null {
  if (older === null || newer === null) return newer ?? older;
  if (of === 'min') return Math.min(Number(older), Number(newer));
  if (of === 'max') return Math.max(Number(older), Number(newer));
  return Number(older) + Number(newer);
}

/** The metrics that the parts of a whole window say; undefined where a sum may have been rounded on its way. */
export function valuesOf(metrics: Metrics, parts: readonly MetricPart[]): GroupRow['values'] | undefined {
  const values: Record<string, Value | null> = {};
  for (const [position, [name, { of }]] of Object.entries(metrics).entries()) {
    const part = parts[position];
    if (part === undefined) return undefined;
    if ((of === 'sum' || of === 'avg') && !(part.n * part.most <= Number.MAX_SAFE_INTEGER)) return undefined;
    put(values, name, shownValue(of, part));
  }
  return values;
}

function shownValue(of: Metric['of'], { n, value }: MetricPart): Value | null {
  if (of === 'count' || of === 'value_count') return n;
  if (of === 'avg') return n === 0 ? null : Number(value) / n;
  return of === 'sum' && n === 0 ? null : value;
}
