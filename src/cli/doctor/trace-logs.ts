import { HOUR, type Instant } from '../../core/time.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { Answer } from '../../search/answer.ts';
import type { GroupsQuery } from '../../search/query.ts';
import type { TraceLogs } from '../../search/trace-logs.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { good, note, warning } from './check-result.ts';
import { traceLogPatterns } from './sources.ts';

const TRACED = 'traced';

/** Whether the logs to show in messages exist and have trace IDs. */
export const traceLogsCheck: DoctorCheck = {
  name: 'trace-logs',
  title: 'Logs of traces',
  needs: 'cluster',
  limit: SHORT,
  run: async ({ config, enabled, backend, now }, signal) => {
    const indices = traceLogPatterns(enabled, config.traceLogs);
    if (indices.length === 0) return [note('evidence.trace_logs', 'no rule shows them')];
    const [answer] = await backend.search.ask([traceQuestion(indices, config.traceLogs, now)], signal);
    return [traceLogsFinding(indices.join(','), config.traceLogs, answer)];
  },
};

function traceQuestion(indices: readonly string[], { timeout, fields }: TraceLogs, now: Instant): GroupsQuery {
  const should = fields.trace.map((field) => ({ exists: { field } }));
  return {
    kind: 'groups',
    name: 'traced',
    source: { indices, timeField: '@timestamp', ignoreMissingIndex: true, timeout, frozen: false },
    window: { from: now - HOUR, to: now },
    filter: { match_all: {} },
    groupBy: [],
    missing: 'exclude',
    metrics: { [TRACED]: { of: 'count', where: { bool: { should, minimum_should_match: 1 } } } },
    maxGroups: 1,
  };
}

/** What is to be said of them: without them alerts are notified all the same, and say less. */
export function traceLogsFinding(name: string, { fields }: TraceLogs, answer: Answer | undefined): CheckResult {
  if (answer === undefined || answer.kind === 'failed') {
    const { message, hint } = answer?.problem ?? { message: 'was not answered', hint: '' };
    return warning(name, { found: message, expected: 'logs that messages can show', fix: hint });
  }
  const traced = Number(answer.groups[0]?.values[TRACED] ?? 0);
  const total = answer.matched.toLocaleString('en-US');
  if (answer.matched === 0) return note(name, 'no document in the last hour: messages show no logs');
  if (traced > 0) return good(name, `${traced.toLocaleString('en-US')} of ${total} documents of the last hour have a trace ID`);
  return warning(name, {
    found: `none of ${total} documents of the last hour has ${fields.trace.join(' or ')}`,
    expected: 'logs with trace IDs',
    fix: 'log trace IDs in the applications (log correlation of the APM agent or OpenTelemetry), or configure their field:\nevidence: { trace_logs: { fields: { trace: [trace.id, trace_id, YOUR_FIELD] } } }',
  });
}
