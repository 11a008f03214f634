import { type Entry, isEnd } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { AlertGroupDocument, QueuedEntry } from './alert-group.ts';
import { waitingByAlert } from './waiting-by-alert.ts';

/** Entries of one rule document that one alert group is to take over. */
export interface Incoming {
  /** `rule#incarnation`. */
  readonly source: string;
  readonly rule: RuleId;
  readonly entries: readonly IncomingEntry[];
}

/** An entry as it is enqueued: from its rule, or from an alert group whose destination is no longer configured. */
export type IncomingEntry = Entry & Pick<QueuedEntry, 'beside' | 'handed_over' | 'escalated'>;

/** Entries that wait in one alert group at most; what is beyond stays in the outbox of its rule until there is room. */
export const ENTRIES_WAITING = 10_000;

/**
 * Appends the entries of each source that this alert group has not taken yet, in order and as far as there is room, and notes how far it
 * took them. The same document when it takes none.
 */
export function append(document: AlertGroupDocument, incoming: readonly Incoming[], now: Instant): AlertGroupDocument {
  const taken: Record<string, number> = { ...document.taken };
  const followed: Record<string, number> = { ...document.followed };
  const queued = [...document.queued];
  let byAlert: ReturnType<typeof waitingByAlert> | undefined;
  let changed = false;
  for (const { source, rule, entries } of incoming) {
    const fresh = entries.filter((entry) => entry.n > (own(taken, source) ?? 0)).sort((a, b) => a.n - b.n);
    for (const entry of fresh.slice(0, Math.max(0, ENTRIES_WAITING - queued.length))) {
      // Thousands may be handed over, or escalate, at once: each looks only at what waits of its own alert.
      if (entry.escalated !== undefined || entry.handed_over !== undefined) byAlert ??= waitingByAlert({ ...document, queued });
      const waiting = byAlert?.get(entry.alert) ?? [];
      const isNews =
        entry.escalated === undefined || entry.handed_over !== undefined
          ? !isMoot(document, waiting, entry)
          : follows(document, waiting, entry, followed);
      if (isNews) {
        const added = { ...entry, source, rule, queued_at: now };
        queued.push(added);
        byAlert?.set(entry.alert, [...waiting, added]);
      }
      put(taken, source, entry.n);
      changed = true;
    }
  }
  const { followed: _before, ...rest } = document;
  return changed ? { ...rest, taken, queued, ...(Object.keys(followed).length > 0 && { followed }) } : document;
}

/** What is handed over says nothing new where the alert's end is known already, or where it fires again. */
function isMoot({ alerts }: AlertGroupDocument, waiting: readonly QueuedEntry[], entry: IncomingEntry): boolean {
  if (entry.handed_over === undefined) return false;
  const notified = own(alerts, entry.alert);
  if (notified !== undefined && notified.episode !== entry.episode) return true;
  return waiting.some((one) => one.handed_over === undefined && (one.episode !== entry.episode || isEnd(one)));
}

/**
 * Says whether a copy of an escalated alert is news here: its first one, unless this receiver knows the alert anyway, and what happens to it then. Each
 * destination of the receiver that it escalated from passes on its own copies. Notes in `followed` how far the alert was followed.
 */
function follows(
  { alerts }: AlertGroupDocument,
  all: readonly QueuedEntry[],
  entry: IncomingEntry,
  followed: Record<string, number>,
): boolean {
  const { alert, episode, escalated } = entry;
  const waiting = all.at(-1);
  const notified = own(alerts, alert);
  const known = waiting ?? notified;
  const isOver = waiting !== undefined && isEnd(waiting);
  const isKnown = known?.episode === episode && !isOver;
  // What moved away while its end here waits may come back from the receiver that took its place.
  if (entry.kind === 'firing') return !isKnown && !(waiting?.episode === episode && waiting.kind === 'resolved');
  // Who is notified of it by the rule itself is notified of everything from there.
  if (!isKnown || known.escalated === undefined) return false;
  const key = `${escalated?.source} ${alert}`;
  const n = escalated?.n ?? 0;
  if (n <= (own(followed, key) ?? 0)) return false;
  if (isEnd(entry)) delete followed[key];
  else put(followed, key, n);
  return true;
}

/** Says whether an alert group has taken over all of these entries. */
export function hasTaken(document: AlertGroupDocument, incoming: Incoming): boolean {
  const taken = own(document.taken, incoming.source) ?? 0;
  return incoming.entries.every((entry) => entry.n <= taken);
}
