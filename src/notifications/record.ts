import type { Outcome } from '../channels/channel.ts';
import { hashId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { ConversationDocument, HeldEntry, Retry, Sending, ToldAlert } from './conversation.ts';
import { remainderOf, withRemainder, withRemainders } from './remainders.ts';
import { shrink } from './shrink.ts';
import { isEnd } from './suppression.ts';

/** The attempt that is recorded: the message, the lease it was sent on and what became of it. */
export interface Attempt {
  readonly id: string;
  readonly token: string;
  readonly outcome: Outcome;
  /** The titles that the message had, by alert. */
  readonly titles?: ReadonlyMap<string, string>;
}

/** What recording an attempt made of the conversation. */
export type Recorded =
  /** Nothing to write: recorded already, or another replica holds the message now. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'delivered' | 'retry' | 'dead';
      readonly document: ConversationDocument /** The lease is still ours. */;
      readonly mine: boolean;
    };

/** Backoff of attempts that certainly did not arrive, ms. */
const RETRY = { first: 5_000, most: 300_000 };
/** Backoff of attempts that may have arrived: slower, since each repeats a message for somebody. */
const RETRY_UNKNOWN = { first: 30_000, most: 900_000 };

/** Records one attempt in the conversation as it is read now. The caller decides suppression and `due` before it writes. Pure. */
export function record(document: ConversationDocument, attempt: Attempt, now: Instant, giveUpAfter: Duration): Recorded {
  const { sending } = document;
  if (sending === null || sending.id !== attempt.id) return { kind: 'nothing' };
  const mine = sending.token === attempt.token && sending.until !== null && sending.until > now;
  const { outcome } = attempt;
  if (outcome.kind === 'delivered')
    return { kind: 'delivered', document: delivered(document, sending, attempt, outcome, now, giveUpAfter), mine };
  // Another holder may be sending this very message: its outcome is not ours to decide. Without a lease under our token this very attempt
  // was recorded already, by a write whose answer was lost.
  if (sending.token !== attempt.token || sending.until === null) return { kind: 'nothing' };
  if (outcome.kind === 'rejected') return { kind: 'dead', document: dead(document, sending, outcome.reason.text, now), mine };
  if (now - sending.since >= giveUpAfter) {
    return { kind: 'dead', document: dead(document, sending, `given up: ${outcome.reason.text}`, now), mine };
  }
  if (sending.repeats !== undefined) {
    const { recipients, thread } = sending.repeats;
    const retryAt = remainderRetry(outcome, sending, now, giveUpAfter);
    // It waits in front of what waits for the same recipients, and holds nobody else up.
    const remainders = [remainderOf(sending, recipients, retryAt, thread), ...(document.remainders ?? [])];
    return { kind: 'retry', document: withRemainders({ ...document, sending: null }, remainders), mine };
  }
  const attempts = sending.attempts + 1;
  // Whatever a receiver asks for, the message is given up in time: the last attempt is when its time is over.
  const retry_at = Math.min(now + retryDelay(outcome, sending.id, attempts), sending.since + giveUpAfter);
  const next: Sending = { ...sending, attempts, retry_at, until: null, last_failure: outcome.reason };
  return { kind: 'retry', document: { ...document, sending: next }, mine };
}

/** How long to wait before attempt `attempts + 1`: doubling, with a jitter that depends on the message alone, and never before Retry-After. */
export function retryDelay(outcome: Outcome & { readonly kind: 'retry' | 'unknown' }, id: string, attempts: number): Duration {
  const { first, most } = outcome.kind === 'unknown' ? RETRY_UNKNOWN : RETRY;
  const backoff = Math.min(most, first * 2 ** Math.min(attempts - 1, 16));
  const jitter = Number.parseInt(hashId('jitter', id, attempts).slice(0, 8), 16) / 0xffffffff;
  const delay = Math.round(backoff * (0.75 + jitter / 2));
  return outcome.kind === 'retry' ? Math.max(delay, outcome.after ?? 0) : delay;
}

function remainderRetry(
  outcome: Outcome & { readonly kind: 'retry' | 'unknown' },
  { id, attempts, since }: Sending,
  now: Instant,
  giveUpAfter: Duration,
): Instant {
  return Math.min(now + retryDelay(outcome, id, attempts + 1), Math.max(now, since + giveUpAfter));
}

function delivered(
  before: ConversationDocument,
  sending: Sending,
  { titles }: Pick<Attempt, 'titles'>,
  outcome: Outcome & { readonly kind: 'delivered' },
  now: Instant,
  giveUpAfter: Duration,
): ConversationDocument {
  const reached = withNotReached(before, sending, outcome, now, giveUpAfter);
  if (sending.repeats !== undefined) return { ...reached, sending: null };
  const { retry: _over, ...document } = reached;
  const alerts = toldAlerts(document.alerts, sending.facts.entries, titles);
  const over = Object.keys(alerts).length === 0;
  return {
    ...document,
    alerts,
    sending: null,
    told_at: sending.since,
    incident: over ? null : sending.facts.incident,
    receipt: over ? null : (outcome.receipt ?? document.receipt),
  };
}

/** Notes the recipients that are to receive this message later: those refused for the moment, and those left out. */
function withNotReached(
  document: ConversationDocument,
  sending: Sending,
  { recipients }: Outcome & { readonly kind: 'delivered' },
  now: Instant,
  giveUpAfter: Duration,
): ConversationDocument {
  const deferred = now - sending.since >= giveUpAfter ? [] : (recipients?.deferred ?? []);
  const missed = [...new Set([...deferred.map(({ address }) => address), ...(sending.except ?? [])])];
  if (missed.length === 0) return document;
  const reason = { kind: 'refused_recipient', text: deferred[0]?.text ?? '' } as const;
  const retryAt = remainderRetry({ kind: 'retry', reason }, sending, now, giveUpAfter);
  const one = remainderOf(sending, missed, retryAt, document.receipt);
  const remainders =
    sending.repeats === undefined ? withRemainder(document.remainders, one) : [one, ...(document.remainders ?? [])];
  return withRemainders(document, remainders);
}

/** What a receiver knows to be firing after it was told these entries, in their order. */
function toldAlerts(
  before: ConversationDocument['alerts'],
  entries: readonly HeldEntry[],
  titles: Attempt['titles'],
): ConversationDocument['alerts'] {
  const alerts: Record<string, ToldAlert> = { ...before };
  for (const entry of entries) {
    if (isEnd(entry)) {
      if (entry.handed_over === undefined || own(alerts, entry.alert)?.episode === entry.episode) delete alerts[entry.alert];
    } else put(alerts, entry.alert, toldAlert(entry, titles?.get(entry.alert)));
  }
  return alerts;
}

function toldAlert(entry: HeldEntry, title: string | undefined): ToldAlert {
  const { rule, source, episode, labels, group, level, started, window, values, condition, kind, flapping, outage, no_recovery } =
    entry;
  const about = {
    ...{ rule, source, episode, labels, group, level, since: started, window, values, condition },
    ...(title !== undefined && { title }),
    ...(no_recovery !== undefined && { no_recovery }),
  };
  const told = outage === undefined ? about : { ...about, outage };
  return flapping === undefined || kind === 'steady' ? told : { ...told, flapping };
}

/** What failed for good. A reminder covers nothing, and is tried again like everything else that failed. */
function dead(document: ConversationDocument, sending: Sending, reason: string, now: Instant): ConversationDocument {
  const count = (document.dead?.count ?? 0) + 1;
  const failed = { ...document, sending: null, dead: { count, last_at: now, reason } };
  // Everybody else has received it, so the recipients that never will are no reason to send it again.
  if (sending.repeats !== undefined) return failed;
  const refused = [...document.refused, ...sending.facts.entries];
  return shrink({ ...failed, refused, retry: retryAfter(document.retry, sending, now) });
}

/** What news brought forward leaves the intervals as they are: alerts that fire one after the other must not make the next attempt a late one. */
function retryAfter(before: Retry | undefined, { since }: Sending, now: Instant): Retry {
  if (before !== undefined && before.next_at !== null && since < before.next_at) return before;
  return { attempts: (before?.attempts ?? 0) + 1, failed_at: now, next_at: null };
}
