import type { StoredEvidence } from '../../alerts/entry.ts';
import { type InternalErrors, internalErrorText } from '../../core/internal-errors.ts';
import type { Instant, TimeRange } from '../../core/time.ts';
import type { Arrived } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import type { Search } from '../../search/search.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import { type TraceLogs, traceLogsQuery } from '../../search/trace-logs.ts';
import { logLines } from '../log-lines.ts';
import { type EvidenceSubject, evidenceOf, evidenceQueries } from './evidence.ts';
import { logsRange, traceLogsOf } from './trace-logs-of.ts';

/** An alert whose evidence is wanted; `have`: what events brought with them. */
export interface EvidenceWanted extends EvidenceSubject {
  readonly have?: StoredEvidence;
}

/** What was found for one alert. A problem is what kept back a part of it. */
export interface EvidenceFound {
  readonly evidence?: StoredEvidence;
  readonly problem?: SearchProblem;
}

/** What fetching needs of the world. */
export interface EvidencePorts {
  readonly search: Search;
  readonly traceLogs: TraceLogs;
  /** Where what is thrown over the evidence of one rule is noted. */
  readonly errors: InternalErrors;
}

/**
 * Fetches the evidence of alerts in two rounds, all of them together: sample documents and top values, then the logs of the samples'
 * traces, one question an alert. Results in the order of what is wanted; a search that fails costs its part of the evidence, nothing else.
 */
export async function fetchEvidence(
  wanted: readonly EvidenceWanted[],
  now: Instant,
  ports: EvidencePorts,
  signal: AbortSignal,
): Promise<readonly EvidenceFound[]> {
  const prefix = (place: number) => `${wanted[place]?.rule.id ?? ''}/${place}`;
  const broken = new Map<number, SearchProblem>();
  /** The wall around the evidence of one alert: without it the alert is notified all the same. */
  const each = <R>(step: string, none: R, work: (want: EvidenceWanted, place: number) => R): readonly R[] =>
    wanted.map((want, place) => {
      if (broken.has(place)) return none;
      try {
        return work(want, place);
      } catch (thrown) {
        const text = internalErrorText(ports.errors.note('rule', want.rule.id, step, thrown));
        broken.set(place, searchProblem('internal', text));
        return none;
      }
    });

  const questions = each('fetching evidence', [], (want, place) =>
    want.have === undefined ? evidenceQueries(want, prefix(place)) : [],
  );
  const first = await askFor(questions, ports.search, signal);
  const found = each(
    'reading evidence',
    undefined,
    ({ rule, have }, place) => have ?? evidenceOf(rule, first.arrived, prefix(place)),
  );
  const logs = each('searching for the logs of traces', undefined, (want, place) =>
    logsWanted(want, found[place], now, ports.traceLogs),
  );
  const second = await askFor(
    logs.map((one, place) => (one === undefined ? [] : [traceLogsQuery(prefix(place), one.logs, one.traceIds, one.range)])),
    ports.search,
    signal,
  );
  const whole = each('reading the logs of traces', undefined, (_, place) =>
    withLogs(found[place], logs[place], second.arrived.get(prefix(place))),
  );
  return wanted.map((_, place): EvidenceFound => {
    const problem = broken.get(place) ?? first.problems[place] ?? second.problems[place];
    const evidence = whole[place] ?? found[place];
    return { ...(evidence !== undefined && { evidence }), ...(problem !== undefined && { problem }) };
  });
}

interface LogsWanted {
  readonly logs: TraceLogs;
  readonly traceIds: readonly string[];
  readonly range: TimeRange;
}

function logsWanted(
  { rule, window }: EvidenceSubject,
  evidence: StoredEvidence | undefined,
  now: Instant,
  configured: TraceLogs,
): LogsWanted | undefined {
  const logs = traceLogsOf(rule, configured);
  const traceIds = evidence?.trace_ids ?? [];
  return logs === undefined || traceIds.length === 0 ? undefined : { logs, traceIds, range: logsRange(window, logs, now) };
}

function withLogs(
  evidence: StoredEvidence | undefined,
  wanted: LogsWanted | undefined,
  answer: Arrived | undefined,
): StoredEvidence | undefined {
  if (evidence === undefined || wanted === undefined || answer === undefined) return evidence;
  const { logs, range } = wanted;
  const lines = logLines(answer.hits, { logs, documents: evidence.documents });
  if (lines.length === 0) return evidence;
  return { ...evidence, logs: { indices: logs.indices, fields: logs.fields.trace, from: range.from, to: range.to, lines } };
}

/** Asks the questions of each alert, all in one round; without questions there is no round. */
async function askFor(
  queries: readonly (readonly Query[])[],
  search: Search,
  signal: AbortSignal,
): Promise<{ readonly arrived: ReadonlyMap<string, Arrived>; readonly problems: readonly (SearchProblem | undefined)[] }> {
  const asked = queries.flatMap((some, place) => some.map((query) => ({ query, place })));
  const problems = new Array<SearchProblem | undefined>(queries.length).fill(undefined);
  const arrived = new Map<string, Arrived>();
  if (asked.length === 0) return { arrived, problems };
  const answers = await search.ask(
    asked.map(({ query }) => query),
    signal,
  );
  for (const [index, { query, place }] of asked.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if (answer.kind === 'failed') problems[place] ??= answer.problem;
    else arrived.set(query.name, answer);
  }
  return { arrived, problems };
}
