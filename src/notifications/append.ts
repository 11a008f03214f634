import type { Entry } from '../alerts/entry.ts';
import type { RuleId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { ConversationDocument, HeldEntry } from './conversation.ts';

/** Entries of one rule document that one conversation is to take over. */
export interface Handed {
  /** `rule#incarnation`. */
  readonly source: string;
  readonly rule: RuleId;
  readonly entries: readonly Entry[];
}

/** Appends the entries this conversation has not taken yet, in order, and notes how far it took them. The same document when all are known. */
export function append(document: ConversationDocument, handed: Handed, now: Instant): ConversationDocument {
  const taken = document.taken[handed.source] ?? 0;
  const fresh = handed.entries.filter((entry) => entry.n > taken).sort((a, b) => a.n - b.n);
  const last = fresh.at(-1);
  if (last === undefined) return document;
  const held = fresh.map((entry): HeldEntry => ({ ...entry, source: handed.source, rule: handed.rule, handed_at: now }));
  return { ...document, taken: { ...document.taken, [handed.source]: last.n }, untold: [...document.untold, ...held] };
}
