import type { Variables } from '../../conditions/condition.ts';
import { VARIABLE_PATTERN, variableNameProblem } from '../../conditions/names.ts';
import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { GroupRow } from '../../search/answer.ts';
import { distinctGroups } from '../../search/group-key.ts';
import type { Group, Metric } from '../../search/query.ts';
import { countedBy, groupsQuery, stillToAsk } from '../grouped-question.ts';
import { askIncrease, type Increase, type IncreaseQuestion, increasesOf } from '../increase.ts';
import { METRIC_SCHEMA, measuresOfMetrics, readMetric } from '../metric.ts';
import type { Input, Reading, ReadTools, RuleType } from '../rule-type.ts';
import { rangesOfMetrics } from '../value-ranges.ts';

/** Options of a threshold rule: what is measured, by the name that conditions use, and the type of each value there. */
export interface ThresholdOptions {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly types: Variables;
  /** Metrics that are the growth of a counter; absent without any. */
  readonly increases?: Readonly<Record<string, Increase>>;
}

type ThresholdInput = Input<ThresholdOptions, null>;

/** One or several metrics of each group over the documents of the window, together in one condition. */
export const threshold: RuleType<ThresholdOptions> = {
  name: 'threshold',
  description:
    'Measures fields of each group’s documents in the window: averages, extremes, sums, percentiles, growth of counters, counts.',
  schema: {
    type: 'object',
    properties: {
      metrics: {
        type: 'object',
        description:
          'Names, as used in conditions, and what they measure. The metrics of a group may come from different documents.',
        propertyNames: { pattern: VARIABLE_PATTERN },
        additionalProperties: METRIC_SCHEMA,
        minProperties: 1,
        maxProperties: 20,
      },
    },
    required: ['metrics'],
  },
  memoryVersion: 1,
  read,
  variables: (options) => options.types,
  measures: measuresOfMetrics,
  ranges: ({ metrics, increases = {} }) => rangesOfMetrics({ ...metrics, ...increases }),
  used: (options, names) => ({ ...options, metrics: asNumbers(options, names) }),
  filters: ({ metrics, increases = {} }) =>
    Object.fromEntries(
      Object.entries({ ...metrics, ...increases }).flatMap(([name, { where }]) => (where === undefined ? [] : [[name, where]])),
    ),
  measuredFields: ({ metrics, increases = {} }) =>
    Object.values<Metric | Increase>({ ...metrics, ...increases }).flatMap((metric) => ('field' in metric ? [metric.field] : [])),
  absence: () => 'absent',
  ask: (input, soFar) => [
    ...stillToAsk(windowQuestion(input), input.known, soFar),
    ...increaseQuestions(input).flatMap(([, question]) => askIncrease(question, soFar)),
  ],
  measure(input, answers) {
    const { groupBy, options } = input.spec;
    const counted = countedBy(windowQuestion(input), input.known, answers);
    const came = [...counted.rows.values()].map((row) => row.group);
    const groups = distinctGroups(groupBy, [...came, ...input.known]);
    const dates = answers.get('window')?.dates;
    const grown = increaseQuestions(input).map(([name, question]) => [name, increasesOf(question, answers)] as const);
    const readings = [...groups].flatMap(([key, group]) => {
      if (!counted.settled(key)) return [];
      const growth = Object.fromEntries(grown.map(([name, increases]) => [name, increases.get(key) ?? null]));
      return [{ ...reading(group, counted.rows.get(key), options.metrics, growth), ...(dates !== undefined && { dates }) }];
    });
    return { kind: 'groups', readings, memory: null };
  },
};

/** What a condition takes for a number must not be a date: its text would never be evaluated. */
function asNumbers({ metrics, types }: ThresholdOptions, names: ReadonlySet<string>): ThresholdOptions['metrics'] {
  const marked = ([name, metric]: [string, Metric]): [string, Metric] =>
    metric.of === 'last' && own(types, name) === 'number' && names.has(name)
      ? [name, { ...metric, number: true }]
      : [name, metric];
  return Object.fromEntries(Object.entries(metrics).map(marked));
}

function windowQuestion({ spec, window }: ThresholdInput) {
  return groupsQuery(spec, 'window', window, spec.options.metrics);
}

function increaseQuestions({ spec, window, known }: ThresholdInput): readonly (readonly [string, IncreaseQuestion])[] {
  const increases = Object.entries(spec.options.increases ?? {});
  return increases.map(([name, increase]) => [name, { spec, name: `increase/${name}`, window, increase, known }]);
}

function reading(
  group: Group,
  row: GroupRow | undefined,
  metrics: ThresholdOptions['metrics'],
  growth: Reading['values'],
): Reading {
  const values = Object.entries(metrics).map(
    ([name, { of }]) => [name, own(row?.values, name) ?? (of === 'count' ? 0 : null)] as const,
  );
  return { group, present: (row?.docs ?? 0) > 0, values: { ...Object.fromEntries(values), ...growth } };
}

function read(keys: Readonly<Record<string, unknown>>, tools: ReadTools): ThresholdOptions {
  const given = isObject(keys['metrics']) ? Object.entries(keys['metrics']) : [];
  if (given.length === 0) tools.problem('metrics', 'expected at least one metric', 'such as used: { max: some.field }');
  const read = given.flatMap(([name, value]) => {
    const problem = variableNameProblem(name);
    const metric = readMetric(value, `metrics.${name}`, tools);
    if (problem === undefined) return [{ name, ...metric }];
    tools.problem(`metrics.${name}`, problem, 'rename the metric');
    return [];
  });
  const increases = read.flatMap(({ name, metric }) => (metric.of === 'increase' ? [[name, metric] as const] : []));
  return {
    metrics: Object.fromEntries(read.flatMap(({ name, metric }) => (metric.of === 'increase' ? [] : [[name, metric]]))),
    ...(increases.length > 0 && { increases: Object.fromEntries(increases) }),
    types: Object.fromEntries(read.map(({ name, type }) => [name, type])),
  };
}
