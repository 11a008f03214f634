import { hashId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { ConversationDocument, Facts, HeldEntry, Sending } from './conversation.ts';
import { type DueContext, dueOf, newsDue, remindable, reminderDue } from './due.ts';
import { type Suppression, settle } from './suppression.ts';

/** What a claim needs: who claims, until when, and what decides. */
export interface ClaimContext extends Omit<DueContext, 'held'> {
  readonly conversation: string;
  /** Undefined: this replica has never read the silences, so it claims nothing new. */
  readonly suppression: Suppression | undefined;
  /** False: suppression and `due` are decided, but nothing is frozen or taken over. */
  readonly mayClaim: boolean;
  readonly token: string;
  readonly lease: Duration;
}

/** A conversation to write: with suppression and `due` decided anew, and perhaps a message frozen for whoever writes it. */
export interface Composed {
  readonly document: ConversationDocument;
  readonly claimed: boolean;
  readonly dropped: readonly HeldEntry[];
}

/**
 * Composes the next write of a conversation at `now`. A message that exists is taken over as it is once its lease or its wait is over;
 * else, when something is due, one message is frozen out of `refused` and `untold`, or a reminder. Gives the same document when there is
 * nothing to write. Pure.
 */
export function compose(document: ConversationDocument, now: Instant, context: ClaimContext): Composed {
  const { sending } = document;
  if (sending !== null && context.mayClaim && isFree(sending, now)) return takeOver(document, sending, now, context);
  const { document: settled, held, dropped } = settle(document, context.suppression ?? (() => undefined), now);
  const dueContext: DueContext = { ...context, held };
  const mayFreeze = sending === null && context.mayClaim && context.suppression !== undefined;
  const frozen = mayFreeze ? freeze(settled, now, context, dueContext) : undefined;
  const next = frozen === undefined ? settled : withoutCovered(settled, frozen);
  const due = dueOf(next, now, dueContext);
  return { document: due === next.due ? next : { ...next, due }, claimed: frozen !== undefined, dropped };
}

/** Nobody holds the message, and its next attempt is due. */
function isFree({ until, retry_at }: Sending, now: Instant): boolean {
  return (until === null || until <= now) && (retry_at === null || retry_at <= now);
}

/** A new lease on a message as it is: it is sent as it was frozen, whatever is suppressed meanwhile. */
function takeOver(document: ConversationDocument, sending: Sending, now: Instant, { token, lease }: ClaimContext): Composed {
  const until = now + lease;
  return { document: { ...document, sending: { ...sending, token, until }, due: until }, claimed: true, dropped: [] };
}

function withoutCovered(document: ConversationDocument, sending: Sending): ConversationDocument {
  const covered = new Set(sending.facts.entries);
  const rest = (entries: readonly HeldEntry[]) => entries.filter((entry) => !covered.has(entry));
  return { ...document, untold: rest(document.untold), refused: rest(document.refused), sending };
}

function freeze(document: ConversationDocument, now: Instant, context: ClaimContext, due: DueContext): Sending | undefined {
  const news = newsDue(document, now, due);
  const also = remindable(document, due.held);
  if (news !== undefined && news <= now) {
    const free = (entry: HeldEntry) => !due.held.has(entry.alert);
    const entries = [...document.refused.filter(free), ...document.untold.filter(free)].sort(bySourceAndNumber);
    const changed = new Set(entries.map((entry) => entry.alert));
    const rest = Object.fromEntries(Object.entries(also).filter(([id]) => !changed.has(id)));
    const id = hashId('message', context.conversation, coversOf(entries));
    return sendingOf(id, { reminder: false, entries, also: rest, incident: document.incident ?? id }, now, context);
  }
  const reminder = reminderDue(document, now, due);
  if (reminder === undefined || reminder > now) return undefined;
  // With the time that was told before: after a clock that was wrong, due times are no longer of one time alone.
  const id = hashId('reminder', context.conversation, document.told_at, reminder);
  return sendingOf(id, { reminder: true, entries: [], also, incident: document.incident ?? id }, now, context);
}

function sendingOf(id: string, facts: Facts, now: Instant, { token, lease }: ClaimContext): Sending {
  return { id, covers: coversOf(facts.entries), facts, since: now, attempts: 0, retry_at: null, token, until: now + lease };
}

/** Numbers of the entries by source: exactly what a message covers, never a highest number. */
export function coversOf(entries: readonly HeldEntry[]): Readonly<Record<string, readonly number[]>> {
  const covers: Record<string, number[]> = {};
  for (const entry of entries) {
    const numbers = own(covers, entry.source) ?? [];
    numbers.push(entry.n);
    put(covers, entry.source, numbers);
  }
  return covers;
}

function bySourceAndNumber(a: HeldEntry, b: HeldEntry): number {
  return a.source === b.source ? a.n - b.n : a.source < b.source ? -1 : 1;
}
