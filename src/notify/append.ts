import type { Entry } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';
import { isEnd } from './suppression.ts';

/** Entries of one rule document that one alert group is to take over. */
export interface Incoming {
  /** `rule#incarnation`. */
  readonly source: string;
  readonly rule: RuleId;
  readonly entries: readonly IncomingEntry[];
}

/** An entry as it is enqueued: from its rule, or from an alert group whose destination is no longer configured. */
export type IncomingEntry = Entry & Pick<QueuedEntry, 'beside' | 'handed_over'>;

/** Entries that wait in one alert group at most; what is beyond stays in the outbox of its rule until there is room. */
export const ENTRIES_WAITING = 10_000;

/**
 * Appends the entries of each source that this alert group has not taken yet, in order and as far as there is room, and notes how far it
 * took them. The same document when it takes none.
 */
export function append(document: AlertGroupDocument, incoming: readonly Incoming[], now: Instant): AlertGroupDocument {
  const taken: Record<string, number> = { ...document.taken };
  const queued = [...document.queued];
  let changed = false;
  for (const { source, rule, entries } of incoming) {
    const fresh = entries.filter((entry) => entry.n > (own(taken, source) ?? 0)).sort((a, b) => a.n - b.n);
    for (const entry of fresh.slice(0, Math.max(0, ENTRIES_WAITING - queued.length))) {
      if (!isMoot(document, queued, entry)) queued.push({ ...entry, source, rule, queued_at: now });
      put(taken, source, entry.n);
      changed = true;
    }
  }
  return changed ? { ...document, taken, queued } : document;
}

/** What is handed over says nothing new where the alert's end is known already, or where it fires again. */
function isMoot({ alerts, failed, inflight }: AlertGroupDocument, queued: readonly QueuedEntry[], entry: IncomingEntry): boolean {
  if (entry.handed_over === undefined) return false;
  const notified = own(alerts, entry.alert);
  if (notified !== undefined && notified.episode !== entry.episode) return true;
  const known = [...queued, ...failed, ...(inflight?.facts.entries ?? [])].filter(({ alert }) => alert === entry.alert);
  return known.some((one) => one.handed_over === undefined && (one.episode !== entry.episode || isEnd(one)));
}

/** Says whether an alert group has taken over all of these entries. */
export function hasTaken(document: AlertGroupDocument, incoming: Incoming): boolean {
  const taken = own(document.taken, incoming.source) ?? 0;
  return incoming.entries.every((entry) => entry.n <= taken);
}
