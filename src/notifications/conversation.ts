import type { Entry } from '../alerts/entry.ts';
import type { Flapping } from '../alerts/flapping.ts';
import type { Receipt } from '../channels/channel.ts';
import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { Instant } from '../core/time.ts';
import type { Target } from '../routing/route.ts';

/** An owed transition within a conversation, and where it came from. Stored names. */
export interface HeldEntry extends Entry {
  /** `rule#incarnation`: whose numbers `n` belongs to. */
  readonly source: string;
  readonly rule: RuleId;
  readonly handed_at: Instant;
  /** Why it is held back, e.g. the silence's id. */
  readonly why?: string;
  /** Of an end: ids of the other conversations that are owed it as well. */
  readonly beside?: readonly string[];
  /** It was to be told by another destination, which is no longer configured; `told`: that one had told of the alert before. */
  readonly handed_over?: { readonly from: string; readonly told: boolean };
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
  /** Recipients that are left out: an earlier message has to reach them first. */
  readonly except?: readonly string[];
  /** It repeats an earlier message for the recipients that have not received it yet. */
  readonly repeats?: Repeated;
}

/** An earlier message that is sent again to some recipients only. Stored names. */
export interface Repeated {
  /** Id of the message, for receivers: they see the same message, under the same id. */
  readonly message: string;
  readonly recipients: readonly string[];
  /** The thread that the message belonged to when it was first sent. */
  readonly thread: Receipt | null;
}

/** A message that was delivered, but not to these recipients yet: they were refused for the moment. Stored names. */
export interface Remainder extends Repeated {
  readonly facts: Facts;
  /** `now` of the first claim: it is given up `give_up_after` later. */
  readonly since: Instant;
  readonly attempts: number;
  readonly retry_at: Instant;
}

/** The last message failed for good: it is tried again, as one message about the present. Stored names. */
export interface Retry {
  /** Failures in a row. */
  readonly attempts: number;
  /** When the last one was recorded. */
  readonly failed_at: Instant;
  /** When the next attempt is due; null: nothing is left to try. */
  readonly next_at: Instant | null;
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

/** Entries that a conversation hands over, numbered anew. Stored names. */
export interface Leaving {
  /** With the conversation's id the name of the source that these numbers belong to. */
  readonly since: Instant;
  /** The last number used. */
  readonly n: number;
  readonly entries: readonly (HeldEntry & { readonly to: readonly Target[] })[];
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
  /** Notifications that failed here (rejected or given up), and when the last one did. */
  readonly dead: { readonly count: number; readonly last_at: Instant; readonly reason: string } | null;
  /** Present while the last message of the conversation was one that failed. */
  readonly retry?: Retry;
  /** Ends that others are to tell, because the destination is no longer configured, until each of them has taken them over. */
  readonly leaving?: Leaving;
  /** Recipients that have not received everything yet, oldest message first; each has received all that came before. */
  readonly remainders?: readonly Remainder[];
  /** Entries that were dropped because their alert was suppressed from its beginning to its end. */
  readonly suppressed?: { readonly count: number; readonly last_at: Instant; readonly why: string };
}
