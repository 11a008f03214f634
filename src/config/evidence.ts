import { type Static, Type } from 'typebox';
import { formatDuration } from '../core/duration.ts';
import type { Duration } from '../core/time.ts';
import { TRACE_LOGS, type TraceLogs } from '../search/trace-logs.ts';
import { durationOr } from './defaults.ts';
import type { Report } from './report.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, optionalKey } from './schema-parts.ts';

const PATH = ['evidence', 'trace_logs'];
const MOST: Duration = 3_600_000;
const LEAST_TIMEOUT = 100;
const DEFAULT_TIMES = {
  before: formatDuration(TRACE_LOGS.before),
  after: formatDuration(TRACE_LOGS.after),
  timeout: formatDuration(TRACE_LOGS.timeout),
};

const fieldList = (description: string, fields: readonly string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 512, pattern: '^\\S+$' }), {
    ...{ minItems: 1, maxItems: 10, uniqueItems: true, default: [...fields] },
    description,
  });

/** Schema of `evidence`. */
export const EVIDENCE_SCHEMA = Type.Object(
  {
    trace_logs: optionalKey(
      Type.Object(
        {
          enabled: optionalKey(keyOfFlag('Default for rules that do not set `evidence.logs`.', TRACE_LOGS.enabled)),
          indices: optionalKey(
            Type.Array(keyOfText('A data stream or pattern.', { pattern: '^[^\\s"\\\\|?#,]+$' }), {
              ...{ minItems: 1, maxItems: 20, uniqueItems: true, default: [...TRACE_LOGS.indices] },
              description: 'Data streams and patterns with logs; they need not exist.',
            }),
          ),
          lines: optionalKey(
            Type.Integer({
              ...{ minimum: 1, maximum: 10, default: TRACE_LOGS.lines },
              description: 'Maximum number of lines per alert: errors first, then the closest in time.',
            }),
          ),
          before: optionalKey(
            keyOfDuration('How long before the start of the window lines are searched; at most 1h.', DEFAULT_TIMES.before),
          ),
          after: optionalKey(
            keyOfDuration('How long after the end of the window lines are searched; at most 1h.', DEFAULT_TIMES.after),
          ),
          timeout: optionalKey(
            keyOfDuration('Timeout of the search, at least 100ms: the message waits for it.', DEFAULT_TIMES.timeout),
          ),
          fields: optionalKey(
            Type.Object(
              {
                trace: optionalKey(fieldList('Fields with the trace ID.', TRACE_LOGS.fields.trace)),
                message: optionalKey(
                  fieldList('Fields with the text; the first one that a document has is used.', TRACE_LOGS.fields.message),
                ),
                level: optionalKey(fieldList('Fields with the level.', TRACE_LOGS.fields.level)),
                service: optionalKey(fieldList('Fields with the name of the service.', TRACE_LOGS.fields.service)),
              },
              { ...CLOSED, description: 'Fields of log documents.' },
            ),
          ),
        },
        { ...CLOSED, description: "Log lines of the traces of an alert's sample documents." },
      ),
    ),
  },
  { ...CLOSED, description: 'What messages show of the documents behind an alert; defaults for rules.' },
);

/** Reads where the logs of traces are; what is left out is as `TRACE_LOGS` has it. */
export function readTraceLogs(raw: Static<typeof EVIDENCE_SCHEMA>['trace_logs'], report: Report): TraceLogs {
  const { before, after, timeout, fields, ...given } = raw ?? {};
  const times = {
    before: durationOr(before, DEFAULT_TIMES.before),
    after: durationOr(after, DEFAULT_TIMES.after),
    timeout: durationOr(timeout, DEFAULT_TIMES.timeout),
  };
  for (const key of ['before', 'after'] as const) {
    if (times[key] > MOST) report.error('config/value', [...PATH, key], 'expected at most 1h');
  }
  if (times.timeout < LEAST_TIMEOUT) report.error('config/value', [...PATH, 'timeout'], 'expected at least 100ms');
  return { ...TRACE_LOGS, ...given, ...times, fields: { ...TRACE_LOGS.fields, ...fields } };
}
