import type { Duration, Instant } from '../core/time.ts';
import type { AlertGroupDocument } from './alert-group.ts';

/** An alert group in which a message has failed: since when it waits, and how often this process has tried it before its time, in vain so far. */
interface FailedAlertGroup {
  readonly destination: string;
  readonly since: Instant;
  /** Its place among the failures and deliveries that this process saw. */
  readonly order: number;
  readonly triedAt: Instant | undefined;
  readonly times: number;
}

/** What this process knows of receivers that refuse, and of those that take messages again. */
export interface ReceiverSession {
  /** Alert groups in which a message has failed, as far as this process knows. */
  readonly failed: Map<string, FailedAlertGroup>;
  /** Destinations that have delivered a message although others have failed there: the place of the last one in the same order. */
  readonly working: Map<string, number>;
  /** The last place given. */
  lastOrder: number;
}

/** Waits between attempts before their time, ms: a message that its receiver refuses while it takes others is not sent with each of them. */
const APART: readonly Duration[] = [60_000, 300_000, 900_000];
const LONGEST_APART: Duration = 3_600_000;

/** Notes whether a message has failed in an alert group that was read or written. */
export function noteFailed(id: string, document: AlertGroupDocument, session: ReceiverSession): void {
  const { failed } = session;
  if (!hasFailed(document)) failed.delete(id);
  else if (!failed.has(id)) {
    const { destination } = document;
    failed.set(id, { destination, since: waitingSince(document), order: ++session.lastOrder, triedAt: undefined, times: 0 });
  }
}

function hasFailed({ due, retry, inflight }: AlertGroupDocument): boolean {
  return due !== null && (retry !== undefined || (inflight !== null && inflight.attempts > 0));
}

function waitingSince({ retry, failed, inflight }: AlertGroupDocument): Instant {
  const times = [inflight?.since, retry?.failed_at, ...failed.map(({ queued_at }) => queued_at)];
  return Math.min(...times.filter((time) => time !== undefined));
}

/** Notes that destinations work to which other messages have failed. */
export function noteDelivered(
  notified: readonly { readonly destination: string; readonly outcome: string }[],
  session: ReceiverSession,
): void {
  for (const { destination, outcome } of notified)
    if (outcome === 'delivered' || outcome === 'partial') noteWorks(destination, session);
}

/** Notes that a destination works; where nothing has failed that is no news. */
export function noteWorks(destination: string, session: ReceiverSession): void {
  const hasMore = [...session.failed.values()].some((one) => one.destination === destination);
  if (hasMore) session.working.set(destination, ++session.lastOrder);
}

/**
 * Alert groups in which something failed and whose receiver has delivered something since they were last tried, those that have waited longest first.
 * They are to be tried now: each counts as tried by being given.
 */
export function takeHeldUp(now: Instant, session: ReceiverSession): readonly string[] {
  const { failed, working } = session;
  const taken = heldUp(session)
    .filter(([, one]) => notBefore(one) <= now)
    .sort(([, a], [, b]) => a.since - b.since);
  for (const [id, one] of taken) failed.set(id, { ...one, order: ++session.lastOrder, triedAt: now, times: one.times + 1 });
  const left = new Set(heldUp(session).map(([, { destination }]) => destination));
  for (const destination of working.keys()) if (!left.has(destination)) working.delete(destination);
  return taken.map(([id]) => id);
}

/** When the next of them is to be tried; undefined: there is none. */
export function nextHeldUp(session: ReceiverSession): Instant | undefined {
  const times = heldUp(session).map(([, one]) => notBefore(one));
  return times.length === 0 ? undefined : Math.min(...times);
}

function heldUp({ failed, working }: ReceiverSession): readonly (readonly [string, FailedAlertGroup])[] {
  if (working.size === 0) return [];
  return [...failed].filter(([, { destination, order }]) => (working.get(destination) ?? 0) > order);
}

function notBefore({ triedAt, times }: FailedAlertGroup): Instant {
  return triedAt === undefined ? 0 : triedAt + (APART[times - 1] ?? LONGEST_APART);
}
