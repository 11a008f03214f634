import type { Entry } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { ConversationDocument, HeldEntry } from './conversation.ts';
import { isEnd } from './suppression.ts';

/** Entries of one rule document that one conversation is to take over. */
export interface Handed {
  /** `rule#incarnation`. */
  readonly source: string;
  readonly rule: RuleId;
  readonly entries: readonly HandedEntry[];
}

/** An entry as it is handed on: from its rule, or from a conversation whose destination is no longer configured. */
export type HandedEntry = Entry & Pick<HeldEntry, 'beside' | 'handed_over'>;

/** Entries that wait in one conversation at most; what is beyond stays owed by its rule until there is room. */
export const ENTRIES_WAITING = 10_000;

/**
 * Appends the entries of each source that this conversation has not taken yet, in order and as far as there is room, and notes how far it
 * took them. The same document when it takes none.
 */
export function append(document: ConversationDocument, handed: readonly Handed[], now: Instant): ConversationDocument {
  const taken: Record<string, number> = { ...document.taken };
  const untold = [...document.untold];
  let changed = false;
  for (const { source, rule, entries } of handed) {
    const fresh = entries.filter((entry) => entry.n > (own(taken, source) ?? 0)).sort((a, b) => a.n - b.n);
    for (const entry of fresh.slice(0, Math.max(0, ENTRIES_WAITING - untold.length))) {
      if (!isMoot(document, untold, entry)) untold.push({ ...entry, source, rule, handed_at: now });
      put(taken, source, entry.n);
      changed = true;
    }
  }
  return changed ? { ...document, taken, untold } : document;
}

/** What is handed over says nothing new where the alert's end is known already, or where it fires anew. */
function isMoot({ alerts, refused, sending }: ConversationDocument, untold: readonly HeldEntry[], entry: HandedEntry): boolean {
  if (entry.handed_over === undefined) return false;
  const told = own(alerts, entry.alert);
  if (told !== undefined && told.episode !== entry.episode) return true;
  const known = [...untold, ...refused, ...(sending?.facts.entries ?? [])].filter(({ alert }) => alert === entry.alert);
  return known.some((one) => one.handed_over === undefined && (one.episode !== entry.episode || isEnd(one)));
}

/** Says whether a conversation has taken over all of these entries. */
export function hasTaken(document: ConversationDocument, handed: Handed): boolean {
  const taken = own(document.taken, handed.source) ?? 0;
  return handed.entries.every((entry) => entry.n <= taken);
}
