import { isObject } from '../../core/json.ts';
import type { Answers } from '../../search/answer.ts';
import { distinctGroups } from '../../search/group-key.ts';
import type { Group, GroupsQuery, Metric, Value } from '../../search/query.ts';
import { type Counted, countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import { METRIC_SCHEMA, readMetric } from '../metric.ts';
import type { Input, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { REFERENCE_SCHEMA, type Reference, readReference, referenceWindows } from './reference.ts';

/** Options of a spike rule: what to compare with, and the one metric compared; without one, documents are counted. */
export interface SpikeOptions {
  readonly reference: Reference;
  readonly metric?: Metric;
}

type SpikeInput = Input<SpikeOptions, null>;

const METRIC = 'value';

/** The window's count or metric beside that of an earlier window, for groups of either. */
export const spike: RuleType<SpikeOptions> = {
  name: 'spike',
  description: 'Compares the window with an earlier one: `current` beside `reference`, as counts or one metric.',
  schema: {
    type: 'object',
    properties: {
      reference: REFERENCE_SCHEMA,
      metrics: {
        type: 'object',
        description: 'The one metric to compare, under any name; without it, documents are counted.',
        additionalProperties: METRIC_SCHEMA,
        minProperties: 1,
        maxProperties: 1,
      },
    },
    required: [],
  },
  memoryVersion: 1,
  read,
  variables: () => ({ current: 'number', reference: 'number' }),
  absence: ({ metric }) => (metric === undefined ? 'zero' : 'absent'),
  ask(input, soFar) {
    const queries = questions(input);
    const wanted = wantedGroups(input, queries, soFar);
    return queries.flatMap((query) => stillToAsk(query, wanted, soFar));
  },
  measure(input, answers) {
    return { kind: 'groups', readings: readings(input, answers), memory: null };
  },
};

function questions({ spec, window }: SpikeInput): readonly GroupsQuery[] {
  const metrics = spec.options.metric === undefined ? {} : { [METRIC]: spec.options.metric };
  const earlier = referenceWindows(spec.options.reference, window);
  return [
    groupsQuery(spec, 'current', window, metrics),
    ...earlier.map((range, index) => groupsQuery(spec, `reference/${index}`, range, metrics)),
  ];
}

/** A group of one window is asked for in every other whose answer was truncated. */
function wantedGroups({ spec, known }: SpikeInput, queries: readonly GroupsQuery[], answers: Answers): readonly Group[] {
  const came = queries.flatMap((query) => (answers.get(query.name)?.groups ?? []).map((row) => row.group));
  return [...distinctGroups(spec.groupBy, [...known, ...came]).values()];
}

function readings(input: SpikeInput, answers: Answers): Reading[] {
  const queries = questions(input);
  const wanted = wantedGroups(input, queries, answers);
  const [current, ...references] = queries.map((query) => countedBy(query, wanted, answers));
  if (current === undefined) return [];
  return [...distinctGroups(input.spec.groupBy, wanted)].flatMap(([key, group]) =>
    [current, ...references].every((counted) => counted.settled(key))
      ? [reading(group, key, current, references, input.spec.options)]
      : [],
  );
}

function reading(group: Group, key: string, current: Counted, references: readonly Counted[], { metric }: SpikeOptions): Reading {
  const valueIn = (counted: Counted) =>
    metric === undefined ? (counted.rows.get(key)?.docs ?? 0) : metricIn(counted, key, metric);
  const values = { current: valueIn(current), reference: average(references.map(valueIn)) };
  return { group, present: metric === undefined || (current.rows.get(key)?.docs ?? 0) > 0, values };
}

function metricIn(counted: Counted, key: string, metric: Metric): Value | null {
  const row = counted.rows.get(key);
  return row?.values[METRIC] ?? (row !== undefined && metric.of === 'count' ? 0 : null);
}

/** The average of the windows that have a number; null when none has. */
function average(values: readonly (Value | null)[]): number | null {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

function read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): SpikeOptions {
  const reference = readReference(keys['reference'], tools);
  const metrics = isObject(keys['metrics']) ? Object.entries(keys['metrics']) : [];
  const [first] = metrics;
  if (first === undefined) return { reference };
  if (metrics.length > 1) tools.problem('metrics', 'a spike compares one metric', 'make a rule of each');
  const [name, value] = first;
  const { metric, type } = readMetric(value, `metrics.${name}`, tools);
  if (type !== 'number') tools.problem(`metrics.${name}.as`, 'a spike compares numbers', 'leave it out');
  return { reference, metric };
}
