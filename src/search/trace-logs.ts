import { ALARMING_WORDS, severityKind } from '../core/severity.ts';
import type { Duration, TimeRange } from '../core/time.ts';
import type { HitsQuery, QueryDsl, Source } from './query.ts';

/** Fields by which documents of one request are tied together: ECS and OpenTelemetry. */
export const TRACE_FIELDS: readonly string[] = ['trace.id', 'trace_id'];

/** Fields in which documents of logs keep what is shown of them; of each list the first that a document has counts. */
interface LogFields {
  /** The id of the trace that wrote the line. */
  readonly trace: readonly string[];
  readonly message: readonly string[];
  readonly level: readonly string[];
  readonly service: readonly string[];
}

/** Where the logs of traces are found, and how many of their lines are shown. */
export interface TraceLogs {
  readonly enabled: boolean;
  /** Data streams and patterns; none of them has to exist. */
  readonly indices: readonly string[];
  /** Most lines shown for one alert. */
  readonly lines: number;
  /** How long before the window's begin and after its end lines are looked for, ms. */
  readonly before: Duration;
  readonly after: Duration;
  /** Longest time the search may take, ms. */
  readonly timeout: Duration;
  readonly fields: LogFields;
}

/** What holds unless someone configures otherwise: the logs of Elastic Agent, APM Server and the OpenTelemetry Collector, whatever its mode. */
export const TRACE_LOGS: TraceLogs = {
  enabled: true,
  indices: ['logs-*'],
  lines: 5,
  before: 60_000,
  after: 120_000,
  timeout: 10_000,
  fields: {
    trace: TRACE_FIELDS,
    message: ['message', 'body.text', 'error.message', 'error.exception.message', 'exception.message'],
    level: ['log.level', 'severity_text'],
    service: ['service.name', 'resource.attributes.service.name'],
  },
};

/** Fields that only a document of an error has; the first says what went wrong. */
export const ERROR_FIELDS: readonly string[] = ['error.message', 'error.exception.message', 'exception.message'];

/** Fields that hold a stack trace. */
export const STACK_FIELDS: readonly string[] = ['error.stack_trace', 'exception.stacktrace'];

/** OpenTelemetry's number of a severity; from 17 on it is an error. */
export const SEVERITY_NUMBER = 'severity_number';

/** The least `severity_number` of an error. */
export const ERROR_SEVERITY = 17;

/** Lines read for one alert, of which the most relevant are shown. */
const LINES_READ = 50;

/** Says whether a level, in whatever letters, is one of errors. */
export function isErrorLevel(level: string): boolean {
  return severityKind(level) === 'alarming';
}

/** The question for the logs of some traces in a range of time: lines of errors first, then the newest; 50 at most. */
export function traceLogsQuery(name: string, logs: TraceLogs, traceIds: readonly string[], window: TimeRange): HitsQuery {
  const { trace, message, level, service } = logs.fields;
  const shown = [...trace, ...message, ...level, ...service, ...ERROR_FIELDS, ...STACK_FIELDS, SEVERITY_NUMBER];
  return {
    kind: 'hits',
    name,
    source: sourceOf(logs),
    window,
    filter: anyOf(trace.map((field) => ({ terms: { [field]: [...traceIds] } }))),
    first: errorsOf(logs),
    fields: [...new Set(shown)],
    limit: LINES_READ,
  };
}

function sourceOf({ indices, timeout }: TraceLogs): Source {
  return { indices, timeField: '@timestamp', ignoreMissingIndex: true, timeout, frozen: false };
}

function errorsOf({ fields }: TraceLogs): QueryDsl {
  const spellings = ALARMING_WORDS.flatMap((word) => [
    word,
    word.toUpperCase(),
    `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
  ]);
  return anyOf([
    ...fields.level.map((field) => ({ terms: { [field]: spellings } })),
    ...[...ERROR_FIELDS, ...STACK_FIELDS].map((field) => ({ exists: { field } })),
    { range: { [SEVERITY_NUMBER]: { gte: ERROR_SEVERITY } } },
  ]);
}

function anyOf(queries: readonly QueryDsl[]): QueryDsl {
  return { bool: { should: queries, minimum_should_match: 1 } };
}
