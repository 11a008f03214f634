import type { RuleId } from '../core/ids.ts';
import { readApart } from '../core/read-apart.ts';
import type { StoreAnswer } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import { sourceOf } from '../evaluation/rule-document.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { held, remember, withoutConfirmed } from '../evaluation/session.ts';
import type { Confirmed, RuleOutbox } from '../notify/enqueue.ts';
import { isCatchingUp } from './catching-up.ts';
import type { Session } from './session.ts';
import type { TurnPorts } from './turn-ports.ts';

/** What a rule document has to send. */
export type { RuleOutbox };

const RULES_A_SWEEP = 500;

/** Most that one search may give. */
const MOST_FOUND = 10_000;

/**
 * Finds rule documents with outbox entries of any replica, for example after a crash between saving and enqueuing. The search
 * only finds work; what is outstanding is read by id, also of rules that this replica believes to have enqueued: another may have written since.
 * What a rule has to send that still catches up is left to it.
 */
export async function outboxDocuments(ports: TurnPorts, now: Instant): Promise<StoreAnswer<readonly RuleOutbox[]>> {
  const { session } = ports;
  const found = await ports.states.outboxes(Math.min(MOST_FOUND, RULES_A_SWEEP + doneBySession(session) + session.unread.rules));
  if (!found.ok) return found;
  if (found.value.length === 0) return { ok: true, value: [] };
  // An unreadable document is a problem of its rule, notified where that is evaluated.
  const loaded = await readApart(found.value, (some) => ports.states.load(some, held(session, some)));
  if (!loaded.ok) return loaded;
  const { found: documents, unreadable } = loaded.value;
  session.unread.rules = unreadable.size;
  remember(
    session,
    found.value.filter((id) => !unreadable.has(id)),
    documents,
  );
  const open = [...documents].filter(([id]) => !allConfirmed(session, id) && !isCatchingUp(session, id, now));
  return { ok: true, value: open.flatMap(([, { document }]) => outboxOf(document)) };
}

/** What a document has to send, for an enqueue; empty when it has nothing to send. */
export function outboxOf(document: RuleDocument): readonly RuleOutbox[] {
  return document.outbox.length === 0 ? [] : [{ source: sourceOf(document), rule: document.rule, outbox: document.outbox }];
}

/** Notes which entries every target has confirmed; the rule's next write clears them. */
export function settleConfirmed(session: Session, confirmed: readonly Confirmed[]): void {
  for (const { rule, source, numbers } of confirmed) {
    const known = session.rules.get(rule);
    // The numbers of another incarnation say nothing of this one's.
    if (known?.stored === undefined || sourceOf(known.stored.document) !== source) continue;
    for (const n of numbers) known.confirmed.add(n);
  }
}

function allConfirmed(session: Session, rule: RuleId): boolean {
  const known = session.rules.get(rule);
  if (known?.stored === undefined) return false;
  return known.stored.document.outbox.every((entry) => known.confirmed.has(entry.n));
}

/** Rules that still look as if they had outbox entries, until their next write: they must not fill the search for those that have some. */
function doneBySession(session: Session): number {
  let done = 0;
  for (const { confirmed } of session.rules.values()) if (confirmed.size > 0) done++;
  return done;
}

/** Clears what was confirmed of rules that are no longer evaluated, in a separate fenced write; gives how many were written. */
export async function clearUnevaluated(ports: TurnPorts): Promise<number> {
  const writes = [...ports.session.rules].flatMap(([id, known]) => {
    if (known.stored === undefined || known.confirmed.size === 0 || ports.rules.get(id)?.enabled === true) return [];
    const document = withoutConfirmed(known.stored.document, known.confirmed);
    return document === known.stored.document ? [] : [{ id, document, version: known.stored.version }];
  });
  if (writes.length === 0) return 0;
  const results = await ports.states.save(writes);
  for (const write of writes) ports.session.rules.delete(write.id);
  return results.filter((result) => result.kind === 'saved').length;
}
