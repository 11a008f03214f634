import type { Entry } from '../alerts/entry.ts';
import type { Flapping } from '../alerts/flapping.ts';
import type { OutageFacts } from '../alerts/outage.ts';
import type { Receipt } from '../channels/channel.ts';
import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { Instant } from '../core/time.ts';

/** An owed transition within a conversation, and where it came from. Stored names. */
export interface HeldEntry extends Entry {
  /** `rule#incarnation`: whose numbers `n` belongs to. */
  readonly source: string;
  readonly rule: RuleId;
  readonly handed_at: Instant;
  /** Why it is held back, e.g. the silence's id. */
  readonly why?: string;
  /** How many older entries of its alert were folded into it, because too many waited: this one is told for them. */
  readonly folded?: number;
}

/** An alert as the receiver was last told of it: it is firing. */
export interface ToldAlert {
  readonly rule: RuleId;
  /** Whose entry said so last, `rule#incarnation`: only that document, or a newer one's firing, can end it. */
  readonly source?: string;
  readonly episode: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly group: Readonly<Record<string, string | null>>;
  readonly level: string;
  /** Tick at which it began to fire. */
  readonly since: Instant;
  readonly window: { readonly from: Instant; readonly to: Instant };
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  /** It flaps, and what it does meanwhile is not told. */
  readonly flapping?: Flapping;
  /** It is a message about a silent source, and this is what it stands for. */
  readonly outage?: OutageFacts;
}

/** A message claimed and not yet recorded. Never recalled or trimmed. */
export interface Sending {
  /** Hash of what it covers; a reminder's: of the time it was due. */
  readonly id: string;
  /** Entry numbers per source. */
  readonly covers: Readonly<Record<string, readonly number[]>>;
  readonly facts: Facts;
  /** `now` of the claim. */
  readonly since: Instant;
  readonly attempts: number;
  readonly retry_at: Instant | null;
  readonly token: string;
  /** End of the lease; null: nobody holds it. */
  readonly until: Instant | null;
  /** Kind and text of the last failed attempt. */
  readonly last_failure?: { readonly kind: string; readonly text: string };
}

/** What a message says, frozen at the claim; the text is rendered when it is sent. */
export interface Facts {
  readonly reminder: boolean;
  /** All entries covered, oldest first by source and number. */
  readonly entries: readonly HeldEntry[];
  /** Told before, still firing, not suppressed. */
  readonly also: Readonly<Record<string, ToldAlert>>;
  /** Identifies the incident: changes after everything told was over. */
  readonly incident: string;
}

/** The document of one conversation in `tocsin-conversations`. Stored names. */
export interface ConversationDocument {
  readonly v: 1;
  readonly receiver: string;
  readonly destination: string;
  readonly route: string;
  readonly group_labels: Readonly<Record<string, string>>;
  /** Last entry number taken over, by source. */
  readonly taken: Readonly<Record<string, number>>;
  /** Told and firing, by alert id. */
  readonly alerts: Readonly<Record<string, ToldAlert>>;
  readonly untold: readonly HeldEntry[];
  readonly refused: readonly HeldEntry[];
  readonly sending: Sending | null;
  /** The `now` of the last delivered message's claim. */
  readonly told_at: Instant | null;
  /** When something must be done next; indexed. */
  readonly due: Instant | null;
  /** What the channel needs to thread: of the present incident. */
  readonly receipt: Receipt | null;
  readonly incident: string | null;
  /** Notifications that died here (rejected or given up), and when the last one did. */
  readonly dead: { readonly count: number; readonly last_at: Instant; readonly reason: string } | null;
  /** Entries that were dropped because their alert was suppressed from its beginning to its end. */
  readonly suppressed?: { readonly count: number; readonly last_at: Instant; readonly why: string };
}
