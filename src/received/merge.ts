import type { Instant } from '../core/time.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';

/** Whether an alert has ended at an instant. */
export function isResolved({ ends_at }: Pick<ReceivedAlert, 'ends_at'>, at: Instant): boolean {
  return ends_at <= at;
}

/**
 * What is stored once an alert was received again, as Alertmanager merges them: where the two overlap it began at the earliest time that was sent,
 * and an end that a sender has named is not brought forward by a later one, unless that says that the alert has ended.
 */
export function mergeReceived(stored: ReceivedAlert | undefined, sent: ReceivedAlert, now: Instant): ReceivedAlert {
  if (stored === undefined || !overlap(stored, sent)) return sent;
  const starts_at = Math.min(stored.starts_at, sent.starts_at);
  const later = isResolved(sent, now) ? isResolved(stored, now) : stored.timeout !== true;
  if (!later || stored.ends_at <= sent.ends_at) return { ...sent, starts_at };
  const { timeout: _timeout, ...rest } = sent;
  return { ...rest, starts_at, ends_at: stored.ends_at, ...(stored.timeout === true && { timeout: true }) };
}

function overlap(stored: ReceivedAlert, { starts_at, ends_at }: ReceivedAlert): boolean {
  const within = (at: Instant) => at > stored.starts_at && at < stored.ends_at;
  return within(ends_at) || within(starts_at);
}
