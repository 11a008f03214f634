import { COUNTED, type Ranges } from '../../conditions/ranges.ts';
import { isObject } from '../../core/json.ts';
import type { Measures } from '../../core/units.ts';
import type { Answers } from '../../search/answer.ts';
import { distinctGroups } from '../../search/group-key.ts';
import type { Group, GroupsQuery, Metric, Value } from '../../search/query.ts';
import { type Counted, countedBy, groupsQuery, sourceQuestion, stillToAsk } from '../grouped-question.ts';
import { askIncrease, type Increase, type IncreaseQuestion, increasesOf } from '../increase.ts';
import { DOCUMENTS } from '../measure.ts';
import { METRIC_SCHEMA, measuresOfMetrics, readMetric } from '../metric.ts';
import type { Input, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { rangeOfMetric } from '../value-ranges.ts';
import { REFERENCE_SCHEMA, type Reference, readReference, referenceWindows } from './reference.ts';

/** Options of a spike rule: what to compare with, and the one metric compared; without one, documents are counted. */
export interface SpikeOptions {
  readonly reference: Reference;
  readonly metric?: Metric;
  /** The one metric where it is the growth of a counter. */
  readonly increase?: Increase;
}

type SpikeInput = Input<SpikeOptions, null>;

const METRIC = 'value';

/** The window's count or metric beside that of an earlier window, for groups of either. */
export const spike: RuleType<SpikeOptions> = {
  name: 'spike',
  description: 'Compares the window with an earlier one: `current` and `reference` are counts or one metric.',
  schema: {
    type: 'object',
    properties: {
      reference: REFERENCE_SCHEMA,
      metrics: {
        type: 'object',
        description: 'The metric to compare, with any name. Default: the document count.',
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
  measures: measuresOfSpike,
  ranges: rangesOfSpike,
  measuredFields: ({ metric, increase }) =>
    [metric, increase].flatMap((one) => (one !== undefined && 'field' in one ? [one.field] : [])),
  absence: (options) => (countsDocuments(options) ? 'zero' : 'absent'),
  ask(input, soFar) {
    const queries = questions(input);
    const wanted = wantedGroups(input, queries, soFar);
    const growth = queries.flatMap((query) => askGrowth(input, query, wanted, soFar));
    const sources = emptyReferences(input, queries, soFar).filter(({ name }) => !soFar.has(name));
    return [...queries.flatMap((query) => stillToAsk(query, wanted, soFar)), ...growth, ...sources];
  },
  measure(input, answers) {
    return { kind: 'groups', readings: readings(input, answers), memory: null };
  },
};

/** The reference may be the average of several windows, and is whole only by chance. */
function rangesOfSpike({ metric, increase }: SpikeOptions): Ranges {
  const compared = metric ?? increase;
  const current = compared === undefined ? COUNTED : rangeOfMetric(compared);
  return current === undefined ? {} : { current, reference: { ...current, whole: false } };
}

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

function measuresOfSpike(keys: Readonly<Record<string, unknown>>): Measures {
  const [[name, metric] = ['', DOCUMENTS]] = Object.entries(measuresOfMetrics(keys));
  const { label = name, ...shown } = metric;
  return { current: { ...shown, label }, reference: { ...shown, label: `${label} before` } };
}

function countsDocuments({ metric, increase }: SpikeOptions): boolean {
  return metric === undefined && increase === undefined;
}

function growthOf({ spec }: SpikeInput, { name, window }: GroupsQuery, known: readonly Group[]): IncreaseQuestion | undefined {
  const { increase } = spec.options;
  return increase === undefined ? undefined : { spec, name: `${name}/increase`, window, increase, known };
}

function askGrowth(input: SpikeInput, query: GroupsQuery, wanted: readonly Group[], soFar: Answers): readonly GroupsQuery[] {
  const question = growthOf(input, query, wanted);
  return question === undefined ? [] : askIncrease(question, soFar);
}

/**
 * Questions whether the source held anything in reference windows in which nothing matched. The window just before is left as it is: a
 * source that was silent and speaks now is a jump from 0, while a day that was deleted, or lies before the data began, is not a reference.
 */
function emptyReferences({ spec }: SpikeInput, queries: readonly GroupsQuery[], answers: Answers): readonly GroupsQuery[] {
  if (spec.options.reference.kind === 'previous') return [];
  return queries
    .slice(1)
    .filter(({ name }) => answers.get(name)?.matched === 0)
    .map(({ name, window }) => sourceQuestion(spec, `${name}/source`, window));
}

/** One window of a group: its rows, and the increases in it where that is what is compared. */
interface Looked {
  readonly counted: Counted;
  readonly increases: ReadonlyMap<string, number> | undefined;
  /** False: the source had no documents, so this is not a reference. */
  readonly hadSource: boolean;
}

function readings(input: SpikeInput, answers: Answers): Reading[] {
  const queries = questions(input);
  const wanted = wantedGroups(input, queries, answers);
  const gone = emptyReferences(input, queries, answers).filter(({ name }) => answers.get(name)?.matched === 0);
  const windows = queries.map((query): Looked => {
    const question = growthOf(input, query, wanted);
    return {
      counted: countedBy(query, wanted, answers),
      increases: question && increasesOf(question, answers),
      hadSource: !gone.some(({ name }) => name === `${query.name}/source`),
    };
  });
  return [...distinctGroups(input.spec.groupBy, wanted)].flatMap(([key, group]) =>
    windows.every(({ counted }) => counted.settled(key)) ? [reading(group, key, windows, input.spec.options)] : [],
  );
}

function reading(group: Group, key: string, [current, ...references]: readonly Looked[], options: SpikeOptions): Reading {
  const valueIn = (window: Looked | undefined) => (window === undefined ? null : measuredIn(window, key, options));
  const usable = references.filter(({ hadSource }) => hadSource);
  const lacking = references.length - usable.length;
  const reference = usable.length * 2 < references.length ? null : average(usable.map(valueIn));
  const present = countsDocuments(options) || (current?.counted.rows.get(key)?.docs ?? 0) > 0;
  const of = references.length === 1 ? 'the reference window' : `${lacking} of ${references.length} reference windows`;
  const note = lacking === 0 ? {} : { note: `the source has no documents in ${of}` };
  return { group, present, values: { current: valueIn(current), reference }, ...note };
}

function measuredIn({ counted, increases }: Looked, key: string, { metric }: SpikeOptions): Value | null {
  if (increases !== undefined) return increases.get(key) ?? null;
  return metric === undefined ? (counted.rows.get(key)?.docs ?? 0) : metricIn(counted, key, metric);
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
  if (metrics.length > 1) tools.problem('metrics', 'a spike compares one metric', 'use one rule per metric');
  const [name, value] = first;
  const { metric, type } = readMetric(value, `metrics.${name}`, tools);
  if (type !== 'number') tools.problem(`metrics.${name}.as`, 'a spike compares numbers', 'leave it out');
  if (metric.of === 'increase') return { reference, increase: metric };
  return { reference, metric: metric.of === 'last' ? { ...metric, number: true } : metric };
}
