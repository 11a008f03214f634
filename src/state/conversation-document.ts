import { type Static, Type } from 'typebox';
import { entryMembers, Flapping, StoredOutageFacts } from './entry.ts';
import { storedReader } from './read-stored.ts';
import { count, dictionary, flag, group, instant, json, labels, list, members, name, nullable, range, text } from './shapes.ts';

const HeldEntry = members({
  ...entryMembers,
  /** `rule#incarnation`: whose numbers `n` belongs to. */
  source: name,
  rule: name,
  handed_at: instant,
  /** Why it is held back, e.g. the silence's id. */
  why: Type.Optional(text),
  /** How many older entries of its alert were folded into it, because too many waited: this one is told for them. */
  folded: Type.Optional(count),
});
/** An owed transition within a conversation, and where it came from. Stored names. */
export type HeldEntry = Static<typeof HeldEntry>;

const ToldAlert = members({
  rule: name,
  /** Whose entry said so last, `rule#incarnation`: only that document, or a newer one's firing, can end it. */
  source: Type.Optional(name),
  episode: name,
  labels,
  group,
  level: name,
  /** Tick at which it began to fire. */
  since: instant,
  window: range,
  values: dictionary(json),
  condition: text,
  /** It flaps, and what it does meanwhile is not told. */
  flapping: Type.Optional(Flapping),
  /** It is a message about a silent source, and this is what it stands for. */
  outage: Type.Optional(StoredOutageFacts),
});
/** An alert as the receiver was last told of it: it is firing. */
export type ToldAlert = Static<typeof ToldAlert>;

const Facts = members({
  reminder: flag,
  /** All entries covered, oldest first by source and number. */
  entries: list(HeldEntry),
  /** Told before, still firing, not suppressed. */
  also: dictionary(ToldAlert),
  /** Identifies the incident: changes after everything told was over. */
  incident: name,
});
/** What a message says, frozen at the claim; the text is rendered when it is sent. */
export type Facts = Static<typeof Facts>;

const Sending = members({
  /** Hash of what it covers; a reminder's: of the time it was due. */
  id: name,
  /** Entry numbers per source. */
  covers: dictionary(list(count)),
  facts: Facts,
  /** `now` of the claim. */
  since: instant,
  attempts: count,
  retry_at: nullable(instant),
  token: name,
  /** End of the lease; null: it is free. */
  until: nullable(instant),
  /** Kind and text of the last failed attempt. */
  last_failure: Type.Optional(members({ kind: name, text })),
});
/** A message claimed and not yet recorded. Never recalled or trimmed. */
export type Sending = Static<typeof Sending>;

const ConversationDocument = members({
  v: Type.Literal(1),
  receiver: name,
  destination: name,
  route: text,
  group_labels: labels,
  /** Last entry number taken over, by source. */
  taken: dictionary(count),
  /** Told and firing, by alert id. */
  alerts: dictionary(ToldAlert),
  untold: list(HeldEntry),
  refused: list(HeldEntry),
  sending: nullable(Sending),
  /** The `now` of the last delivered message's claim. */
  told_at: nullable(instant),
  /** When something must be done next; indexed. */
  due: nullable(instant),
  /** What the channel needs to thread: of the present incident. */
  receipt: nullable(dictionary(text)),
  incident: nullable(name),
  /** Notifications that died here (rejected or given up), and when the last one did. */
  dead: nullable(members({ count, last_at: instant, reason: text })),
  /** Entries that were dropped because their alert was suppressed from its beginning to its end. */
  suppressed: Type.Optional(members({ count, last_at: instant, why: text })),
});
/** The document of one conversation in `tocsin-conversations`. Stored names. */
export type ConversationDocument = Static<typeof ConversationDocument>;

/** Reads a conversation's document, whole. */
export const readConversationDocument = storedReader(ConversationDocument);
