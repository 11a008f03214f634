import { isObject, type JsonSchema } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import type { Measures } from '../core/units.ts';
import type { Metric } from '../search/query.ts';
import type { Increase } from './increase.ts';
import { displayOf, MEASURE_KEYS } from './measure.ts';
import type { ReadTools } from './rule-type.ts';

const FIELD_KINDS = {
  avg: 'Average of this field.',
  min: 'Lowest value of this field.',
  max: 'Highest value of this field.',
  sum: 'Sum of this field.',
  last: 'Value of this field in the newest document that has one; if it has several, the highest.',
  cardinality: 'Number of distinct values of this field (approximate above a few thousand).',
  value_count: 'Number of values of this field.',
} as const;

type FieldKind = keyof typeof FIELD_KINDS;

/** Keys of a metric that say how it is measured and shown, and not what. */
const BESIDE_MEASURE: ReadonlySet<string> = new Set(['where', 'as', 'by', ...Object.keys(MEASURE_KEYS)]);

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,3})?|100)$/;

/** A metric as rule files have it, with the type its value has in conditions. */
export interface ReadMetric {
  readonly metric: Metric | Increase;
  readonly type: 'number' | 'string' | 'bool';
}

/** JSON schema of one metric: exactly one measure, and an optional filter of its own. */
export const METRIC_SCHEMA: JsonSchema = {
  type: 'object',
  description:
    'What to measure: one of avg, min, max, sum, last, increase, cardinality, value_count, a percentile such as p95, or count.',
  properties: {
    ...Object.fromEntries(
      Object.entries(FIELD_KINDS).map(([kind, description]) => [kind, { type: 'string', minLength: 1, description }]),
    ),
    increase: {
      type: 'string',
      minLength: 1,
      description:
        'Growth of this counter within the window: the sum of the differences between successive values. A lower value is a ' +
        'counter reset (a restarted process, a new Pod) and adds itself. The first value in the window is the baseline.',
    },
    by: {
      description:
        'With `increase`: one or more fields that distinguish the counters of one group, such as kubernetes.pod.uid; the ' +
        'increases of all are added. Default: each group is one counter.',
      anyOf: [
        { type: 'string', minLength: 1, description: 'One field.' },
        {
          type: 'array',
          items: { type: 'string', minLength: 1, description: 'A field.' },
          minItems: 1,
          maxItems: 5,
          description: 'Several fields.',
        },
      ],
    },
    count: {
      type: 'string',
      description: 'Number of documents that also match this KQL query; `*` counts all documents of the rule.',
    },
    where: { type: 'string', description: 'KQL: only documents that also match this query are measured.' },
    as: { enum: ['number', 'string', 'bool'], description: 'Type of a `last` value in conditions. Default: number.' },
    ...MEASURE_KEYS,
  },
  patternProperties: {
    [PERCENTILE.source]: {
      type: 'string',
      minLength: 1,
      description: 'Percentile of this field (approximate), e.g. p95 or p99.9.',
    },
  },
  additionalProperties: false,
  minProperties: 1,
};

/** Reads one metric at a path such as `metrics.used`; reports problems, and then gives a count of everything. */
export function readMetric(value: unknown, path: string, tools: ReadTools): ReadMetric {
  const keys = isObject(value) ? value : {};
  const kinds = Object.keys(keys).filter((key) => !BESIDE_MEASURE.has(key));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const hint = `such as { max: some.field } or { count: "*" }`;
    tools.problem(path, kind === undefined ? 'expected a measure' : `expected one measure, not ${kinds.join(' and ')}`, hint);
    return COUNT_ALL;
  }
  const type = readType(keys['as'], kind, path, tools);
  const where = keys['where'];
  const narrowed = typeof where === 'string' ? { where: tools.kql(where, `${path}.where`) } : {};
  const argument = own(keys, kind);
  const by = readBy(keys['by'], kind, path, tools);
  if (typeof argument !== 'string' || argument.trim() === '') {
    tools.problem(`${path}.${kind}`, kind === 'count' ? 'expected a KQL query' : 'expected a field name', 'write it as a string');
    return COUNT_ALL;
  }
  if (kind === 'increase') return { metric: { of: kind, field: argument, by, ...narrowed }, type };
  if (kind === 'count') return { metric: countOf(argument, where, path, tools), type };
  if (isFieldKind(kind)) return { metric: { of: kind, field: argument, ...narrowed }, type };
  const percent = Number(PERCENTILE.exec(kind)?.[1] ?? Number.NaN);
  if (Number.isFinite(percent)) return { metric: { of: 'percentile', field: argument, percent, ...narrowed }, type };
  const near = nearest(kind, [...Object.keys(FIELD_KINDS), 'increase', 'count']);
  tools.problem(`${path}.${kind}`, `unknown measure \`${kind}\``, near === undefined ? KNOWN : `did you mean \`${near}\`?`);
  return COUNT_ALL;
}

const COUNT_ALL = { metric: { of: 'count' }, type: 'number' } as const satisfies ReadMetric;
const KNOWN = `known: ${Object.keys(FIELD_KINDS).join(', ')}, increase, count and percentiles such as p95`;

function isFieldKind(kind: string): kind is FieldKind {
  return Object.hasOwn(FIELD_KINDS, kind);
}

function countOf(query: string, where: unknown, path: string, tools: ReadTools): Metric {
  if (where !== undefined) tools.problem(`${path}.where`, '`count` already has a query', 'join both with `and` in `count`');
  return query.trim() === '*' ? { of: 'count' } : { of: 'count', where: tools.kql(query, `${path}.count`) };
}

function readBy(by: unknown, kind: string, path: string, tools: ReadTools): readonly string[] {
  if (by === undefined) return [];
  const given: readonly unknown[] = Array.isArray(by) ? by : [by];
  const fields = given.filter((field): field is string => typeof field === 'string' && field.trim() !== '');
  if (kind !== 'increase')
    tools.problem(`${path}.by`, `\`by\` works only with \`increase\`, not with \`${kind}\``, 'leave it out');
  else if (fields.length < given.length || fields.length === 0)
    tools.problem(`${path}.by`, 'expected a field, or a list of fields', 'such as kubernetes.pod.uid');
  return [...new Set(fields)];
}

function readType(as: unknown, kind: string, path: string, tools: ReadTools): ReadMetric['type'] {
  if (as === undefined) return 'number';
  if (kind !== 'last') {
    tools.problem(`${path}.as`, `\`as\` works only with \`last\`; \`${kind}\` is always a number`, 'leave it out');
    return 'number';
  }
  return as === 'string' || as === 'bool' ? as : 'number';
}

/** How the metrics under `metrics` are shown. */
export function measuresOfMetrics(keys: Readonly<Record<string, unknown>>): Measures {
  const metrics = keys['metrics'];
  return Object.fromEntries(
    Object.entries(isObject(metrics) ? metrics : {}).map(([name, metric]) => {
      const kind = isObject(metric) ? Object.keys(metric).find((key) => !BESIDE_MEASURE.has(key)) : undefined;
      return [name, displayOf(name, metric, kind)];
    }),
  );
}
