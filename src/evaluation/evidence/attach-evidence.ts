import type { StoredEvidence } from '../../alerts/entry.ts';
import type { Instant } from '../../core/time.ts';
import type { SearchProblem } from '../../search/search-problem.ts';
import type { RuleEvaluation } from '../rule-evaluation.ts';
import type { OutboxEntry } from '../rule-states.ts';
import { type EvidencePorts, type EvidenceWanted, fetchEvidence } from './fetch-evidence.ts';

/** Most alerts of one rule and turn for which documents are fetched; the others are notified without. */
const EVIDENCE_ALERTS = 20;

/**
 * Fetches what is behind the alerts that begin or get worse, and freezes it into their entries; events bring their own documents, and only
 * the logs of their traces are fetched. A search that fails is noted in the run, and the alert is notified without its part.
 */
export async function attachEvidence(
  evaluations: readonly RuleEvaluation[],
  now: Instant,
  ports: EvidencePorts,
  signal: AbortSignal,
): Promise<void> {
  const wanted = evaluations.flatMap((evaluation) =>
    freshEntries(evaluation).map((entry) => ({ evaluation, entry, want: wantedFor(evaluation, entry) })),
  );
  if (wanted.length === 0) return;
  const found = await fetchEvidence(
    wanted.map(({ want }) => want),
    now,
    ports,
    signal,
  );
  for (const evaluation of new Set(wanted.map((one) => one.evaluation))) {
    const own = wanted.flatMap((one, place) => (one.evaluation === evaluation ? [{ n: one.entry.n, ...found[place] }] : []));
    attachTo(evaluation, new Map(own.flatMap(({ n, evidence }) => (evidence === undefined ? [] : [[n, evidence]]))));
    noteProblem(evaluation, own.find(({ problem }) => problem !== undefined)?.problem);
  }
}

function freshEntries(evaluation: RuleEvaluation): readonly OutboxEntry[] {
  const from = evaluation.session.stored?.document.n ?? 0;
  return evaluation.document.outbox
    .filter((entry) => entry.n > from && (entry.kind === 'firing' || entry.kind === 'worse'))
    .filter((entry) => entry.reason !== 'event' || entry.evidence !== undefined)
    .slice(0, EVIDENCE_ALERTS);
}

function wantedFor({ rule }: RuleEvaluation, { group, window, evidence, level, reason, values }: OutboxEntry): EvidenceWanted {
  return { rule, group, window, breach: { level, reason, values }, ...(evidence !== undefined && { have: evidence }) };
}

function attachTo(evaluation: RuleEvaluation, found: ReadonlyMap<number, StoredEvidence>): void {
  const outbox = evaluation.document.outbox.map((entry) => {
    const evidence = found.get(entry.n);
    return evidence === undefined ? entry : { ...entry, evidence };
  });
  evaluation.document = { ...evaluation.document, outbox };
}

function noteProblem(evaluation: RuleEvaluation, problem: SearchProblem | undefined): void {
  const run = evaluation.runs.at(-1);
  if (problem !== undefined && run !== undefined) evaluation.runs.splice(-1, 1, { ...run, evidenceProblem: problem });
}
