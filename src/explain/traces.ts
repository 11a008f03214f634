import { collectInternalErrors } from '../core/internal-errors.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import { type EvidencePorts, type EvidenceWanted, fetchEvidence } from '../evaluation/evidence/fetch-evidence.ts';
import { evidenceView, traceLinks } from '../messages/evidence-view.ts';
import type { KibanaPlace } from '../messages/links.ts';
import type { Rule } from '../rules/rule.ts';
import type { Candidate } from './candidates.ts';
import type { ExplainedTraces } from './explanation.ts';

/** Groups whose traces are looked up. */
const MOST_GROUPS = 5;

/**
 * What the traces behind bad or firing groups left in the logs, asked for again as the engine does for an alert that begins: in the order of
 * the candidates, undefined for the others. A search that fails says so, and the rest of the explanation is given.
 */
export async function tracesOfGroups(
  candidates: readonly Candidate[],
  { rule, window, now }: { readonly rule: Rule; readonly window: TimeRange; readonly now: Instant },
  ports: Omit<EvidencePorts, 'errors'> & { readonly kibana: KibanaPlace | undefined },
  signal: AbortSignal,
): Promise<readonly (ExplainedTraces | undefined)[]> {
  const bad = candidates.filter(isBad).slice(0, MOST_GROUPS);
  const found = await fetchEvidence(
    bad.map((candidate) => ({ rule, group: candidate.group, window, ...breachOf(candidate, rule) })),
    now,
    { ...ports, errors: collectInternalErrors() },
    signal,
  );
  return candidates.map((candidate): ExplainedTraces | undefined => {
    const { evidence, problem } = found[bad.indexOf(candidate)] ?? {};
    if (problem !== undefined) return { traceIds: [], logs: [], links: [], problem: problem.message };
    if (evidence === undefined || evidence.trace_ids.length === 0) return undefined;
    const links = ports.kibana === undefined ? [] : traceLinks(evidence, window, ports.kibana);
    const { traceIds, logs } = evidenceView(evidence);
    return { traceIds, logs, links };
  });
}

function breachOf({ finding, reading }: Candidate, { levels }: Rule): Pick<EvidenceWanted, 'breach'> {
  if (reading === undefined) return {};
  const level = (finding.kind === 'breach' ? finding.level : undefined) ?? levels[0]?.severity ?? 'warning';
  return { breach: { level, reason: 'breach', values: reading.values } };
}

function isBad({ finding, living, changes }: Candidate): boolean {
  return finding.kind === 'breach' || living?.status === 'firing' || changes.some(({ to }) => to === 'firing');
}
