import type { Duration } from '../core/time.ts';
import { TRACE_LOGS, type TraceLogs } from '../search/trace-logs.ts';
import type { Report } from './report.ts';
import type { RawConfig } from './schema.ts';

const PATH = ['evidence', 'trace_logs'];
const MOST: Duration = 3_600_000;
const LEAST_TIMEOUT = 100;

/** Reads where the logs of traces are; what is left out is as `TRACE_LOGS` has it. */
export function readTraceLogs(
  raw: NonNullable<RawConfig['evidence']>['trace_logs'],
  duration: (text: string | undefined, value: Duration) => Duration,
  report: Report,
): TraceLogs {
  const { before, after, timeout, fields, ...given } = raw ?? {};
  const times = {
    before: duration(before, TRACE_LOGS.before),
    after: duration(after, TRACE_LOGS.after),
    timeout: duration(timeout, TRACE_LOGS.timeout),
  };
  for (const key of ['before', 'after'] as const) {
    if (times[key] > MOST) report.error('config/value', [...PATH, key], 'expected at most 1h');
  }
  if (times.timeout < LEAST_TIMEOUT) report.error('config/value', [...PATH, 'timeout'], 'expected at least 100ms');
  return { ...TRACE_LOGS, ...given, ...times, fields: { ...TRACE_LOGS.fields, ...fields } };
}
