import type { StoredEvidence } from '../alerts/entry.ts';
import type { Instant } from '../core/time.ts';
import type { SearchProblem } from '../search/search-problem.ts';
import { type EvidencePorts, type EvidenceWanted, fetchEvidence } from './fetch-evidence.ts';
import type { Lane } from './lane.ts';
import type { OwedEntry } from './rule-states.ts';

/** Most alerts of one rule and turn for which documents are fetched; the others are told without. */
const EVIDENCE_ALERTS = 20;

/**
 * Fetches what is behind the alerts that begin or get worse, and freezes it into their entries; events bring their own documents, and only
 * the logs of their traces are fetched. A search that fails is noted in the run, and the alert is told without its part.
 */
export async function attachEvidence(
  lanes: readonly Lane[],
  now: Instant,
  ports: EvidencePorts,
  signal: AbortSignal,
): Promise<void> {
  const wanted = lanes.flatMap((lane) => freshEntries(lane).map((entry) => ({ lane, entry, want: wantedFor(lane, entry) })));
  if (wanted.length === 0) return;
  const found = await fetchEvidence(
    wanted.map(({ want }) => want),
    now,
    ports,
    signal,
  );
  for (const lane of new Set(wanted.map((one) => one.lane))) {
    const own = wanted.flatMap((one, place) => (one.lane === lane ? [{ n: one.entry.n, ...found[place] }] : []));
    attachTo(lane, new Map(own.flatMap(({ n, evidence }) => (evidence === undefined ? [] : [[n, evidence]]))));
    noteProblem(lane, own.find(({ problem }) => problem !== undefined)?.problem);
  }
}

function freshEntries(lane: Lane): readonly OwedEntry[] {
  const from = lane.session.stored?.document.n ?? 0;
  return lane.document.owed
    .filter((entry) => entry.n > from && (entry.kind === 'firing' || entry.kind === 'worse'))
    .filter((entry) => entry.reason !== 'event' || entry.evidence !== undefined)
    .slice(0, EVIDENCE_ALERTS);
}

function wantedFor({ rule }: Lane, { group, window, evidence, level, reason, values }: OwedEntry): EvidenceWanted {
  return { rule, group, window, breach: { level, reason, values }, ...(evidence !== undefined && { have: evidence }) };
}

function attachTo(lane: Lane, found: ReadonlyMap<number, StoredEvidence>): void {
  const owed = lane.document.owed.map((entry) => {
    const evidence = found.get(entry.n);
    return evidence === undefined ? entry : { ...entry, evidence };
  });
  lane.document = { ...lane.document, owed };
}

function noteProblem(lane: Lane, problem: SearchProblem | undefined): void {
  const run = lane.runs.at(-1);
  if (problem !== undefined && run !== undefined) lane.runs.splice(-1, 1, { ...run, evidenceProblem: problem });
}
