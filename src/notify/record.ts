import { isEnd } from '../alerts/entry.ts';
import type { Outcome } from '../channels/channel.ts';
import { hashId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import { worseAt } from './acknowledgements.ts';
import type { AlertGroupDocument, InflightMessage, NotifiedAlert, QueuedEntry, Retry } from './alert-group.ts';
import { remainderOf, withRemainder, withRemainders } from './remainders.ts';
import { shrink } from './shrink.ts';
import { withoutAnnounced } from './silence-ends.ts';

/** The attempt that is recorded: the message, the lease it was sent on and its outcome. */
export interface Attempt {
  readonly id: string;
  readonly token: string;
  readonly outcome: Outcome;
  /** The titles that the message had, by alert. */
  readonly titles?: ReadonlyMap<string, string>;
}

/** What recording an attempt made of the alert group. */
export type RecordResult =
  /** Nothing to write: recorded already, or another replica holds the message now. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'delivered' | 'retry' | 'dead';
      readonly document: AlertGroupDocument;
      /** The lease is still ours. */
      readonly mine: boolean;
    };

/** Backoff of attempts that certainly did not arrive, ms. */
const RETRY = { first: 5_000, most: 300_000 };
/** Backoff of attempts that may have arrived: slower, since each repeats a message for someone. */
const RETRY_UNKNOWN = { first: 30_000, most: 900_000 };

/** Records one attempt in the alert group as it is read now. The caller decides suppression and `due` before it writes. Pure. */
export function recordOutcome(document: AlertGroupDocument, attempt: Attempt, now: Instant, giveUpAfter: Duration): RecordResult {
  const { inflight } = document;
  if (inflight === null || inflight.id !== attempt.id) return { kind: 'nothing' };
  const mine = inflight.token === attempt.token && inflight.until !== null && inflight.until > now;
  const { outcome } = attempt;
  if (outcome.kind === 'delivered')
    return { kind: 'delivered', document: delivered(document, { ...attempt, inflight, outcome }, now, giveUpAfter), mine };
  // Another holder may be sending this very message: its outcome is not ours to decide. Without a lease under our token this very attempt
  // was recorded already, by a write whose answer was lost.
  if (inflight.token !== attempt.token || inflight.until === null) return { kind: 'nothing' };
  if (outcome.kind === 'rejected') return { kind: 'dead', document: dead(document, inflight, outcome.reason.text, now), mine };
  if (now - inflight.since >= giveUpAfter) {
    return { kind: 'dead', document: dead(document, inflight, `given up: ${outcome.reason.text}`, now), mine };
  }
  if (inflight.repeats !== undefined) {
    const { recipients, thread } = inflight.repeats;
    const retryAt = remainderRetry(outcome, inflight, now, giveUpAfter);
    // It waits in front of what waits for the same recipients, and does not delay other recipients.
    const remainders = [remainderOf(inflight, recipients, retryAt, thread), ...(document.remainders ?? [])];
    return { kind: 'retry', document: withRemainders({ ...document, inflight: null }, remainders), mine };
  }
  const attempts = inflight.attempts + 1;
  // Whatever a receiver asks for, the message is given up in time: the last attempt is when its time is up.
  const retry_at = Math.min(now + retryDelay(outcome, inflight.id, attempts), inflight.since + giveUpAfter);
  const next: InflightMessage = { ...inflight, attempts, retry_at, until: null, last_failure: outcome.reason };
  return { kind: 'retry', document: { ...document, inflight: next }, mine };
}

/** How long to wait before attempt `attempts + 1`: doubling, with a jitter that depends on the message alone, and never before Retry-After. */
function retryDelay(outcome: Outcome & { readonly kind: 'retry' | 'unknown' }, id: string, attempts: number): Duration {
  const { first, most } = outcome.kind === 'unknown' ? RETRY_UNKNOWN : RETRY;
  const backoff = Math.min(most, first * 2 ** Math.min(attempts - 1, 16));
  const jitter = Number.parseInt(hashId('jitter', id, attempts).slice(0, 8), 16) / 0xffffffff;
  const delay = Math.round(backoff * (0.75 + jitter / 2));
  return outcome.kind === 'retry' ? Math.max(delay, outcome.after ?? 0) : delay;
}

function remainderRetry(
  outcome: Outcome & { readonly kind: 'retry' | 'unknown' },
  { id, attempts, since }: InflightMessage,
  now: Instant,
  giveUpAfter: Duration,
): Instant {
  return Math.min(now + retryDelay(outcome, id, attempts + 1), Math.max(now, since + giveUpAfter));
}

/** A message that was delivered, at least to some of its recipients. */
interface DeliveredMessage extends Pick<Attempt, 'titles'> {
  readonly inflight: InflightMessage;
  readonly outcome: Outcome & { readonly kind: 'delivered' };
}

function delivered(
  before: AlertGroupDocument,
  message: DeliveredMessage,
  now: Instant,
  giveUpAfter: Duration,
): AlertGroupDocument {
  const { inflight, outcome, titles } = message;
  const reached = withNotReached(before, message, now, giveUpAfter);
  if (inflight.repeats !== undefined) return { ...reached, inflight: null };
  const { retry: _over, reminders: earlier = 0, ...document } = reached;
  const reminded = remindedAlerts(document.alerts, inflight.facts.also, titles);
  const alerts = notifiedAlerts(reminded, inflight.facts.entries, titles);
  const over = Object.keys(alerts).length === 0;
  // That a silence has ended is news: the intervals begin again.
  const isReminder = inflight.facts.reminder && inflight.facts.silence_ended === undefined;
  return {
    ...document,
    alerts,
    inflight: null,
    ...(isReminder && !over && { reminders: earlier + 1 }),
    notified_at: inflight.since,
    incident: over ? null : inflight.facts.incident,
    receipt: over ? null : (outcome.receipt ?? document.receipt),
  };
}

/** Notes the recipients that are to receive this message later: those refused for the moment, and those left out. */
function withNotReached(
  document: AlertGroupDocument,
  { inflight, outcome: { recipients } }: DeliveredMessage,
  now: Instant,
  giveUpAfter: Duration,
): AlertGroupDocument {
  const deferred = now - inflight.since >= giveUpAfter ? [] : (recipients?.deferred ?? []);
  const missed = [...new Set([...deferred.map(({ address }) => address), ...(inflight.except ?? [])])];
  if (missed.length === 0) return document;
  const reason = { kind: 'refused_recipient', text: deferred[0]?.text ?? '' } as const;
  const retryAt = remainderRetry({ kind: 'retry', reason }, inflight, now, giveUpAfter);
  const one = remainderOf(inflight, missed, retryAt, document.receipt);
  const remainders =
    inflight.repeats === undefined ? withRemainder(document.remainders, one) : [one, ...(document.remainders ?? [])];
  return withRemainders(document, remainders);
}

/** What a receiver knows to be firing after it was notified of these entries, in their order. */
function notifiedAlerts(
  before: AlertGroupDocument['alerts'],
  entries: readonly QueuedEntry[],
  titles: Attempt['titles'],
): AlertGroupDocument['alerts'] {
  const alerts: Record<string, NotifiedAlert> = { ...before };
  for (const entry of entries) {
    if (isEnd(entry)) {
      if (entry.handed_over === undefined || own(alerts, entry.alert)?.episode === entry.episode) delete alerts[entry.alert];
    } else {
      const before = own(alerts, entry.alert);
      const fired = (before?.episode === entry.episode ? before.fired : undefined) ?? firedWith(entry);
      const worse_at = worseAt(entry, before);
      const known = notifiedAlert(entry, titles?.get(entry.alert));
      put(alerts, entry.alert, { ...known, ...(fired !== undefined && { fired }), ...(worse_at !== undefined && { worse_at }) });
    }
  }
  return alerts;
}

/** What was measured when an alert fired; undefined of one that fires already and only moves to this receiver. */
function firedWith({ kind, reason, values }: QueuedEntry): NotifiedAlert['fired'] {
  return kind === 'firing' && reason !== 'receiver_removed' ? values : undefined;
}

/** What a receiver was reminded of is what it knows now; of alerts that the message only counted it knows nothing new. */
function remindedAlerts(
  before: AlertGroupDocument['alerts'],
  also: AlertGroupDocument['alerts'],
  titles: Attempt['titles'],
): AlertGroupDocument['alerts'] {
  const alerts: Record<string, NotifiedAlert> = { ...before };
  for (const [id, { present, episode, values, condition, window }] of Object.entries(also)) {
    const [known, title] = [own(alerts, id), titles?.get(id)];
    if (present === undefined || known?.episode !== episode || title === undefined) continue;
    put(alerts, id, { ...known, values, condition, window, title });
  }
  return alerts;
}

function notifiedAlert(entry: QueuedEntry, title: string | undefined): NotifiedAlert {
  const {
    rule,
    source,
    episode,
    labels,
    group,
    level,
    started,
    window,
    values,
    condition,
    kind,
    flapping,
    outage,
    no_recovery,
    escalated,
  } = entry;
  const about = {
    ...{ rule, source: escalated?.source ?? source, episode, labels, group, level, since: started, window, values, condition },
    ...(escalated !== undefined && { escalated: escalated.from }),
    ...(title !== undefined && { title }),
    ...(no_recovery !== undefined && { no_recovery }),
  };
  const notified = outage === undefined ? about : { ...about, outage };
  return flapping === undefined || kind === 'steady' ? notified : { ...notified, flapping };
}

/** What failed permanently. A reminder covers nothing, and is tried again like everything else that failed. */
function dead(document: AlertGroupDocument, inflight: InflightMessage, reason: string, now: Instant): AlertGroupDocument {
  const count = (document.dead?.count ?? 0) + 1;
  const ended = { ...document, inflight: null, dead: { count, last_at: now, reason } };
  // All others have received it, so permanently refused recipients are not a reason to send it again.
  if (inflight.repeats !== undefined) return ended;
  const failed = [...document.failed, ...inflight.facts.entries];
  const again = withoutAnnounced(ended, inflight.facts.silence_ended ?? []);
  return shrink({ ...again, failed, retry: retryAfter(document.retry, inflight, now) });
}

/** What news brought forward leaves the intervals as they are: alerts that fire one after the other must not make the next attempt a late one. */
function retryAfter(before: Retry | undefined, { since }: InflightMessage, now: Instant): Retry {
  if (before !== undefined && before.next_at !== null && since < before.next_at) return before;
  return { attempts: (before?.attempts ?? 0) + 1, failed_at: now, next_at: null };
}
