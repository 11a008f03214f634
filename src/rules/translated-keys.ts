import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';

type Rule = Readonly<Record<string, unknown>>;
type Translate = (value: unknown, rule: Rule) => string | undefined;

/** A condition that compares a value with the number of the rule. */
const compares =
  (start: string, scale = 1): Translate =>
  (value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : `\`condition: ${start} ${Number((number / scale).toPrecision(12))}\``;
  };

const lasts =
  (key: string): Translate =>
  (value) => {
    const duration = durationOf(value);
    return duration === undefined ? undefined : `\`${key}: ${duration}\``;
  };

/** Keys of ElastAlert2 whose value decides what is written in their place. */
const TRANSLATE: Readonly<Record<string, Translate>> = {
  // A rule of Prometheus: its `alert` is a name, that of ElastAlert2 a list of destinations.
  alert: (_value, rule) => (own(rule, 'expr') === undefined ? undefined : '`name`'),
  num_events: compares('count >='),
  threshold: (value, rule) => compares(rule['type'] === 'flatline' ? 'count <' : 'count >=')(value, rule),
  max_threshold: compares('value >'),
  min_threshold: compares('value <'),
  max_cardinality: compares('distinct >'),
  min_cardinality: compares('distinct <'),
  max_percentage: compares('bad / total >', 100),
  min_percentage: compares('bad / total <', 100),
  min_denominator: compares('total >='),
  min_doc_count: compares('count >='),
  spike_height: spikeCondition,
  spike_type: spikeCondition,
  threshold_cur: spikeCondition,
  threshold_ref: spikeCondition,
  timeframe: lasts('window'),
  realert: lasts('repeat_interval'),
  run_every: lasts('every'),
  query_delay: lasts('delay'),
  buffer_time: lasts('window'),
  query_key: (value) => fieldsOf(value),
  timestamp_field: (value) => (isField(value) ? `\`time_field: ${value}\`` : undefined),
  cardinality_field: (value) => (isField(value) ? `\`metrics: { distinct: { cardinality: ${value} } }\`` : undefined),
  metric_agg_key: measuredField,
  metric_agg_type: measuredField,
  filter: filterOf,
  priority: (value) => severityOf(value),
};

/** What a key of ElastAlert2 with this value is in Tocsin; undefined where its value does not decide it. */
export function translatedKey(key: string, rule: Rule): string | undefined {
  return own(TRANSLATE, key)?.(own(rule, key), rule);
}

/** The whole condition of a spike, from all of its keys. */
function spikeCondition(_value: unknown, rule: Rule): string | undefined {
  const [height, current, reference] = ['spike_height', 'threshold_cur', 'threshold_ref'].map((key) => numberOf(own(rule, key)));
  if (height === undefined) return undefined;
  const floors = [
    ...(current === undefined ? [] : [`current >= ${current}`]),
    ...(reference === undefined ? [] : [`reference >= ${reference}`]),
  ];
  const up = `current >= ${height} * reference`;
  const down = `current * ${height} <= reference`;
  const type = rule['spike_type'];
  const spike = type === 'down' ? down : type === 'both' ? `(${up} || ${down})` : up;
  return `\`condition: ${[spike, ...floors].join(' && ')}\``;
}

const MEASURES: Readonly<Record<string, string>> = {
  avg: 'avg',
  min: 'min',
  max: 'max',
  sum: 'sum',
  cardinality: 'cardinality',
  value_count: 'value_count',
};

function measuredField(_value: unknown, rule: Rule): string | undefined {
  const field = own(rule, 'metric_agg_key');
  const measure = own(MEASURES, String(rule['metric_agg_type'] ?? 'avg'));
  return isField(field) && measure !== undefined ? `\`metrics: { value: { ${measure}: ${field} } }\`` : undefined;
}

/** A list of clauses is Query DSL, whatever they are; only the text of a single query_string is shorter elsewhere. */
function filterOf(value: unknown): string | undefined {
  const clauses = Array.isArray(value) ? value : [value];
  const isText = (clause: unknown): boolean => isObject(clause) && (isObject(clause['query_string']) || isText(clause['query']));
  if (clauses.length === 1 && isText(clauses[0])) return '`query: { lucene: … }`, with the text of the query_string';
  return clauses.some(isObject)
    ? '`query: { dsl: { bool: { filter: [ … ] } } }`, with the clauses as they are (a `query` around one is left out); or `query`, in KQL'
    : undefined;
}

/** Priorities count from 1, the worst. */
const SEVERITIES = ['critical', 'error', 'warning', 'info', 'info'] as const;

function severityOf(value: unknown): string | undefined {
  const severity = SEVERITIES[(numberOf(value) ?? 0) - 1];
  return severity === undefined ? undefined : `\`labels: { severity: ${severity} }\``;
}

function fieldsOf(value: unknown): string | undefined {
  const fields = Array.isArray(value) ? value : [value];
  return fields.length > 0 && fields.length <= 5 && fields.every(isField) ? `\`group_by: [${fields.join(', ')}]\`` : undefined;
}

/** Only what plainly is the name of a field is shown again: the file may be of any kind. */
function isField(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z_@][\w.@-]{0,79}$/.test(value);
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const UNITS: Readonly<Record<string, string>> = { weeks: 'w', days: 'd', hours: 'h', minutes: 'm', seconds: 's' };

/** `{ minutes: 5 }` as `5m`; of several units, from the longest. */
function durationOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const parts = Object.entries(UNITS).flatMap(([unit, letter]) => {
    const number = numberOf(own(value, unit));
    return number !== undefined && Number.isInteger(number) && number > 0 ? [`${number}${letter}`] : [];
  });
  return parts.length > 0 && parts.length === keys.length ? parts.join('') : undefined;
}
