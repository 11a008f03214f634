import { hashId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { acknowledgedIn } from './acknowledgements.ts';
import type { AlertGroupDocument, Facts, InflightMessage, QueuedEntry } from './alert-group.ts';
import { type DueContext, dueOf, endsDue, freeFrom, queuedDue, remainderDue, remindable, reminderDue, retryDue } from './due.ts';
import { withEndings } from './endings.ts';
import { escalate, passOn } from './escalate.ts';
import { nextRemainder, withRemainders } from './remainders.ts';
import { endKey, endsToAnnounce, withAnnounced } from './silence-ends.ts';
import { type Suppression, settle } from './suppression.ts';

/** What a claim needs: who claims, until when, and what decides. */
export interface ClaimContext extends Omit<DueContext, 'suppressedBy'> {
  readonly alertGroup: string;
  /** Undefined: this replica has never read the silences, so it claims nothing new. */
  readonly suppression: Suppression | undefined;
  /** False: suppression and `due` are decided, but nothing is frozen or taken over. */
  readonly mayClaim: boolean;
  readonly token: string;
  readonly lease: Duration;
}

/** An alert group to write: with suppression and `due` decided again, and perhaps a message frozen for the writer. */
export interface Composed {
  readonly document: AlertGroupDocument;
  readonly claimed: boolean;
  readonly dropped: readonly QueuedEntry[];
}

/**
 * Composes the next write of an alert group at `now`. A message that exists is taken over as it is once its lease or its wait has ended;
 * else, when something is due, one message is frozen out of `failed` and `queued`, or a reminder, or an earlier message is repeated for the
 * recipients that it has not reached. Gives the same document when there is
 * nothing to write. Pure.
 */
export function compose(document: AlertGroupDocument, now: Instant, context: ClaimContext): Composed {
  const { inflight } = document;
  if (inflight !== null && context.mayClaim && isFree(inflight, now, context)) return takeOver(document, inflight, now, context);
  const {
    document: settled,
    suppressedBy,
    dropped,
  } = settle(withEndings(passOn(document, now, context)), context.suppression ?? (() => undefined), now);
  const dueContext: DueContext = { ...context, suppressedBy };
  const mayFreeze = inflight === null && context.mayClaim && context.suppression !== undefined;
  const frozen = mayFreeze ? freeze(settled, now, context, dueContext) : undefined;
  const covered = frozen === undefined ? settled : withoutCovered(settled, frozen, context);
  const isNew = frozen !== undefined && frozen.repeats === undefined;
  const claimed = withAnnounced(covered, isNew ? (frozen.facts.silence_ended ?? []) : [], now);
  // Who has never read the silences does not know what is held back.
  const escalated = context.suppression === undefined ? claimed : escalate(claimed, now, dueContext);
  const next = withNextAttempt(escalated, now, dueContext);
  const due = dueOf(next, now, dueContext);
  return { document: due === next.due ? next : { ...next, due }, claimed: frozen !== undefined, dropped };
}

/** The message is not leased, and its next attempt is due, or is not waited for. */
function isFree({ until, retry_at, last_failure }: InflightMessage, now: Instant, { again, lease }: ClaimContext): boolean {
  // A receiver that asked for fewer messages takes others now and then, which does not justify sending it all that wait.
  const isHurried = again === 'fresh' || (again === 'early' && last_failure?.kind !== 'rate_limited');
  return freeFrom({ until, retry_at: isHurried ? null : retry_at }, now, lease) <= now;
}

/** Notes when what failed is tried again: for people, and for pages that do not know the rules. */
function withNextAttempt(document: AlertGroupDocument, now: Instant, context: DueContext): AlertGroupDocument {
  const { retry } = document;
  // While a message is in flight it stays: whether that one was sent before its time decides how it counts.
  if (retry === undefined || document.inflight !== null) return document;
  const next_at = retryDue(document, now, context) ?? reminderDue(document, now, context) ?? null;
  return next_at === retry.next_at ? document : { ...document, retry: { ...retry, next_at } };
}

/** A new lease on a message as it is: it is sent as it was frozen, whatever is suppressed meanwhile. */
function takeOver(
  document: AlertGroupDocument,
  inflight: InflightMessage,
  now: Instant,
  { token, lease }: ClaimContext,
): Composed {
  const until = now + lease;
  return { document: { ...document, inflight: { ...inflight, token, until }, due: until }, claimed: true, dropped: [] };
}

function withoutCovered(document: AlertGroupDocument, inflight: InflightMessage, { again }: ClaimContext): AlertGroupDocument {
  const { retry, ...before } = document;
  // After a change of configuration, or a start, the intervals begin to grow from the beginning.
  const rest =
    retry === undefined ? before : { ...before, retry: again === 'fresh' ? { ...retry, attempts: 0, next_at: null } : retry };
  if (inflight.repeats !== undefined) {
    const first = nextRemainder(document.remainders);
    return withRemainders({ ...rest, inflight }, document.remainders?.filter((one) => one !== first) ?? []);
  }
  const covered = new Set(inflight.facts.entries);
  const left = (entries: readonly QueuedEntry[]) => entries.filter((entry) => !covered.has(entry));
  return { ...rest, queued: left(document.queued), failed: left(document.failed), inflight };
}

function freeze(document: AlertGroupDocument, now: Instant, context: ClaimContext, due: DueContext): InflightMessage | undefined {
  const also = remindable(document, due.suppressedBy);
  const reminder = reminderDue(document, now, due);
  const free = (entry: QueuedEntry) => !due.suppressedBy.has(entry.alert);
  // What is sent anyway takes news along. Where reminders are closer together than `group_interval`, news would wait without end.
  const isSent = isDue(reminder, now) || (isDue(endsDue(document, now, due), now) && (due.timing.schedule ?? 'off') === 'off');
  const isTaken = isSent && document.queued.some(free);
  if (isTaken || isDue(queuedDue(document, now, due), now) || isDue(retryDue(document, now, due), now)) {
    const entries = [...document.failed.filter(free), ...document.queued.filter(free)].sort(bySourceAndNumber);
    const changed = new Set(entries.map((entry) => entry.alert));
    const rest = Object.fromEntries(Object.entries(also).filter(([id]) => !changed.has(id)));
    const id = hashId('message', context.alertGroup, coversOf(entries));
    const said = acknowledgedIn(entries, rest, document.alerts, context.acknowledged);
    const ends = withEnds(document, due);
    const facts = { reminder: false, entries, also: rest, incident: document.incident ?? id, ...said, ...ends };
    return inflightOf(document, { id, facts }, now, context);
  }
  const isEndAnnounced = isDue(endsDue(document, now, due), now);
  if (isEndAnnounced || isDue(reminder, now)) {
    const ends = withEnds(document, due, also);
    // With the time that was notified before: after a clock that was wrong, due times are no longer of one time alone.
    const id = isEndAnnounced
      ? hashId('silence_end', context.alertGroup, document.notified_at, (ends.silence_ended ?? []).map(endKey).sort())
      : hashId('reminder', context.alertGroup, document.notified_at, reminder);
    const said = acknowledgedIn([], also, document.alerts, context.acknowledged);
    const facts = { reminder: true, entries: [], also, incident: document.incident ?? id, ...said, ...ends };
    return inflightOf(document, { id, facts }, now, context);
  }
  return isDue(remainderDue(document, now), now) ? repeat(document, now, context) : undefined;
}

/** The ends of silences that a message announces along with what else it says. `also`: all that a message without news is about. */
function withEnds(
  document: AlertGroupDocument,
  { ended = [], suppressedBy }: DueContext,
  also?: Facts['also'],
): Pick<Facts, 'silence_ended'> {
  const ends = endsToAnnounce(document, ended, suppressedBy, also);
  return ends.length === 0 ? {} : { silence_ended: ends };
}

function isDue(at: Instant | undefined, now: Instant): boolean {
  return at !== undefined && at <= now;
}

function inflightOf(
  { remainders }: AlertGroupDocument,
  { id, facts }: { readonly id: string; readonly facts: Facts },
  now: Instant,
  { token, lease }: ClaimContext,
): InflightMessage {
  const claimed = {
    id,
    covers: coversOf(facts.entries),
    facts,
    since: now,
    attempts: 0,
    retry_at: null,
    token,
    until: now + lease,
  };
  const except = [...new Set(remainders?.flatMap(({ recipients }) => recipients))];
  return except.length === 0 ? claimed : { ...claimed, except };
}

/**
 * The message that some recipients have not received. Its id differs from the message's own: a delivery is recorded by id alone, and
 * delivery to the others must not count for these.
 */
function repeat({ remainders }: AlertGroupDocument, now: Instant, { token, lease }: ClaimContext): InflightMessage | undefined {
  const first = nextRemainder(remainders);
  if (first === undefined) return undefined;
  const { facts, since, attempts, message, recipients, thread } = first;
  const id = hashId('repeat', message, [...recipients].sort());
  const covers = coversOf(facts.entries);
  return {
    id,
    covers,
    facts,
    since,
    attempts,
    retry_at: null,
    token,
    until: now + lease,
    repeats: { message, recipients, thread },
  };
}

/** Numbers of the entries by source: exactly what a message covers, never a highest number. */
function coversOf(entries: readonly QueuedEntry[]): Readonly<Record<string, readonly number[]>> {
  const covers: Record<string, number[]> = {};
  for (const entry of entries) {
    const numbers = own(covers, entry.source) ?? [];
    numbers.push(entry.n);
    put(covers, entry.source, numbers);
  }
  return covers;
}

/** What was handed over is about the past, whatever its source is called. */
function bySourceAndNumber(a: QueuedEntry, b: QueuedEntry): number {
  if ((a.handed_over === undefined) !== (b.handed_over === undefined)) return a.handed_over === undefined ? 1 : -1;
  return a.source === b.source ? a.n - b.n : a.source < b.source ? -1 : 1;
}
