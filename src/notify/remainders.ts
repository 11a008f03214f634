import { hashId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { AlertGroupDocument, InflightMessage, Remainder } from './alert-group.ts';

/** Remainders side by side before those of the same recipients become one message. */
const APART = 2;
/** Remainders of one alert group at most; a recipient that misses more receives the newest. */
const MOST = 20;

/** The remainder that is sent next: the earliest one none of whose recipients waits for an older message. */
export function nextRemainder(remainders: readonly Remainder[] | undefined): Remainder | undefined {
  const waiting = new Set<string>();
  let next: Remainder | undefined;
  for (const one of remainders ?? []) {
    const isFirst = !one.recipients.some((recipient) => waiting.has(recipient));
    for (const recipient of one.recipients) waiting.add(recipient);
    if (isFirst && (next === undefined || one.retry_at < next.retry_at)) next = one;
  }
  return next;
}

/** The alert group with these remainders and no others. */
export function withRemainders(document: AlertGroupDocument, remainders: readonly Remainder[]): AlertGroupDocument {
  const { remainders: _before, ...rest } = document;
  return remainders.length === 0 ? rest : { ...rest, remainders };
}

/** What is left of a message that was sent, for the recipients that it did not reach; `thread`: what it was an answer to. */
export function remainderOf(
  inflight: InflightMessage,
  recipients: readonly string[],
  retry_at: Instant,
  thread: Remainder['thread'],
): Remainder {
  const { facts, since, attempts, repeats } = inflight;
  const whole = repeats ?? { message: inflight.id, thread };
  return { ...whole, recipients, facts, since, attempts: attempts + 1, retry_at };
}

/**
 * Remainders with one more behind them. However long a recipient is refused, few messages wait for it: beyond the oldest, which it may have
 * been given already, the later ones become one about the present.
 */
export function withRemainder(remainders: readonly Remainder[] | undefined, one: Remainder): readonly Remainder[] {
  const before = remainders ?? [];
  const same = before.filter(({ recipients }) => sameRecipients(recipients, one.recipients));
  const last = same.at(-1);
  const joined = last !== undefined && same.length >= APART ? before.filter((other) => other !== last) : before;
  return [...joined, joined === before || last === undefined ? one : joinedTo(last, one)].slice(-MOST);
}

function joinedTo(older: Remainder, newer: Remainder): Remainder {
  const entries = [...older.facts.entries, ...newer.facts.entries];
  const changed = new Set(entries.map((entry) => entry.alert));
  const also = Object.fromEntries(Object.entries(newer.facts.also).filter(([id]) => !changed.has(id)));
  const facts = { ...newer.facts, entries, also, reminder: entries.length === 0 };
  return { ...newer, facts, message: hashId('joined', older.message, newer.message), since: older.since, thread: older.thread };
}

function sameRecipients(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((recipient) => b.includes(recipient));
}
