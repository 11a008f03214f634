import type { RuleId } from '../core/ids.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { EvaluationReport } from '../evaluation/evaluate-batch.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Session } from './session.ts';

/** How long what a rule has to send may wait for it to catch up, ms: one that never does must notify anyway. */
const PATIENCE: Duration = 60_000;

/**
 * Says whether what a rule has to send is kept back for now: it still evaluates windows that it missed, and whatever it found so far may be over in
 * the next one. Notified when it has caught up, an outage is one story in place of a page for each of its chapters.
 */
export function isCatchingUp(session: Session, rule: RuleId, now: Instant): boolean {
  const since = session.behind.get(rule);
  return since !== undefined && now - since < PATIENCE;
}

/**
 * Notes which rules of a batch have not caught up yet, and gives the documents whose entries may be enqueued now.
 */
export function readyToNotify(report: EvaluationReport, session: Session, now: Instant): readonly RuleDocument[] {
  const behind = new Set(report.behind);
  for (const rule of behind) if (!session.behind.has(rule)) session.behind.set(rule, now);
  const caughtUp = report.runs.map(({ rule }) => rule).filter((rule) => !behind.has(rule) && session.behind.delete(rule));
  const saved = report.saved.filter(({ rule }) => !isCatchingUp(session, rule, now));
  const written = new Set(saved.map(({ rule }) => rule));
  // The last windows of a catch-up may change nothing, and then nothing is saved with them.
  const before = caughtUp.flatMap((rule) => (written.has(rule) ? [] : (session.rules.get(rule)?.stored?.document ?? [])));
  return [...saved, ...before];
}
