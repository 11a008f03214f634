import type { StoredEvidence } from '../alerts/entry.ts';
import type { Duration, TimeRange } from '../core/time.ts';
import type { Scope } from '../templates/template.ts';
import { type KibanaPlace, traceLink, traceLogsLink } from './links.ts';
import type { Evidence, Link, LogLine } from './message.ts';
import { mainLogLine } from './wording.ts';

/** Lines of logs, and traces, of the events of one message at most. */
const EVENT_LOGS = 10;
const EVENT_TRACES = 5;
/** A request begins before the window that its end falls into; Kibana finds a trace only within the range of its link. */
const TRACE_MARGIN: Duration = 5 * 60_000;

/** Stored evidence as messages show it. */
export function evidenceView(evidence: StoredEvidence): Evidence {
  const { documents, top, trace_ids } = evidence;
  return { documents: documents.map(({ at, fields }) => ({ at, fields })), top, traceIds: trace_ids, logs: linesOf(evidence) };
}

/** Stored evidence as templates see it: the lines of logs without where they were looked for. */
export function evidenceScope(evidence: StoredEvidence | undefined): Scope {
  const { top = [], trace_ids = [], logs } = evidence ?? {};
  return { documents: documentsOf(evidence), top, trace_ids, logs: logs?.lines ?? [] };
}

/** Sample documents as templates see them: a field with several values is a list. */
export function documentsOf(evidence: StoredEvidence | undefined): readonly { readonly at: number; readonly fields: Scope }[] {
  return (evidence?.documents ?? []).map(({ at, fields, lists = {} }) => ({ at, fields: { ...fields, ...lists } }));
}

/** The newest traces of several windows, and what they left in the logs. */
export function tracesOf(found: readonly StoredEvidence[]): Pick<StoredEvidence, 'trace_ids' | 'logs'> {
  const traces = new Set([...found].reverse().flatMap((evidence) => evidence.trace_ids));
  const logs = found.flatMap((evidence) => evidence.logs ?? []);
  const newest = logs.at(-1);
  return {
    trace_ids: [...traces].slice(0, EVENT_TRACES),
    ...(newest !== undefined && {
      logs: {
        ...newest,
        from: Math.min(...logs.map(({ from }) => from)),
        to: Math.max(...logs.map(({ to }) => to)),
        lines: logs.flatMap(({ lines }) => lines).slice(-EVENT_LOGS),
      },
    }),
  };
}

/** Links to the trace whose log says most, and to the logs of all the traces. */
export function traceLinks(evidence: StoredEvidence, window: TimeRange, kibana: KibanaPlace): readonly Link[] {
  const { logs, trace_ids } = evidence;
  const logged = mainLogLine(linesOf(evidence))?.traceId ?? '';
  const trace = logged === '' ? trace_ids[0] : logged;
  if (trace === undefined) return [];
  const around = { from: window.from - TRACE_MARGIN, to: window.to + TRACE_MARGIN };
  const links = [{ label: 'Trace', url: traceLink(kibana, trace, around) }];
  if (logs === undefined) return links;
  return [...links, { label: 'Logs of the traces', url: traceLogsLink(kibana, { ...logs, traceIds: trace_ids }) }];
}

function linesOf({ logs }: StoredEvidence): readonly LogLine[] {
  return (logs?.lines ?? []).map(({ trace_id, count = 1, ...line }) => ({ ...line, traceId: trace_id, count }));
}
