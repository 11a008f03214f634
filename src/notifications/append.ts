import type { Entry } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { ConversationDocument } from './conversation.ts';

/** Entries of one rule document that one conversation is to take over. */
export interface Handed {
  /** `rule#incarnation`. */
  readonly source: string;
  readonly rule: RuleId;
  readonly entries: readonly Entry[];
}

/** Entries that wait in one conversation at most; what is beyond stays owed by its rule until there is room. */
export const ENTRIES_WAITING = 10_000;

/**
 * Appends the entries of each source that this conversation has not taken yet, in order and as far as there is room, and notes how far it
 * took them. The same document when it takes none.
 */
export function append(document: ConversationDocument, handed: readonly Handed[], now: Instant): ConversationDocument {
  const taken: Record<string, number> = { ...document.taken };
  const untold = [...document.untold];
  for (const { source, rule, entries } of handed) {
    const fresh = entries.filter((entry) => entry.n > (own(taken, source) ?? 0)).sort((a, b) => a.n - b.n);
    for (const entry of fresh.slice(0, Math.max(0, ENTRIES_WAITING - untold.length))) {
      untold.push({ ...entry, source, rule, handed_at: now });
      put(taken, source, entry.n);
    }
  }
  return untold.length === document.untold.length ? document : { ...document, taken, untold };
}

/** Says whether a conversation has taken over all of these entries. */
export function hasTaken(document: ConversationDocument, handed: Handed): boolean {
  const taken = own(document.taken, handed.source) ?? 0;
  return handed.entries.every((entry) => entry.n <= taken);
}
