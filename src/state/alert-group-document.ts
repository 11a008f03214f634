import { type Static, Type } from 'typebox';
import { isObject } from '../core/json.ts';
import { put } from '../core/record.ts';
import { entryMembers, Flapping, StoredOutageFacts, StoredTarget, ValueChange } from './entry.ts';
import { partCheck, storedReader } from './read-stored.ts';
import { count, dictionary, flag, group, instant, json, labels, list, members, name, nullable, range, text } from './shapes.ts';

const queuedEntry = {
  ...entryMembers,
  /** `rule#incarnation`: whose numbers `n` belongs to. */
  source: name,
  rule: name,
  queued_at: instant,
  /** Of an end: how its receiver knew the alert. */
  notified: Type.Optional(
    members({
      title: Type.Optional(text),
      values: dictionary(json),
      fired: Type.Optional(dictionary(json)),
      condition: text,
      level: name,
      no_recovery: Type.Optional(Type.Literal(true)),
    }),
  ),
  /** Why it is held back, e.g. the silence's id. */
  why: Type.Optional(text),
  /** Of an end: ids of the other alert groups that are outstanding it as well. */
  beside: Type.Optional(list(name)),
  /** It was to be notified by another destination, which is no longer configured; `notified`: that one had notified of the alert before. */
  handed_over: Type.Optional(members({ from: name, notified: flag })),
  /** How many older entries of its alert were folded into it, because too many waited: this one is notified for them. */
  folded: Type.Optional(count),
  /** How many whole episodes were among them. */
  folded_episodes: Type.Optional(count),
  /** The changes of a value that these reported, the newest of them, oldest first, with texts cut short. */
  folded_changes: Type.Optional(list(ValueChange)),
  /** How many changes of a value they reported besides. */
  folded_changes_left_out: Type.Optional(count),
};
const QueuedEntry = members(queuedEntry);
/** An outbox transition within an alert group, and where it came from. Stored names. */
export type QueuedEntry = Static<typeof QueuedEntry>;

const NotifiedAlert = members({
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
  /** What was measured when it fired; absent where its receiver knows it by a later change only. */
  fired: Type.Optional(dictionary(json)),
  /** Within the facts of a message: the values are those of the last evaluation that found the problem, not those of the last message. */
  present: Type.Optional(Type.Literal(true)),
  /** The title that the receiver read; without it the title is made of the values above. */
  title: Type.Optional(text),
  /** Its end is not sent. */
  no_recovery: Type.Optional(Type.Literal(true)),
  /** It flaps, and what it does meanwhile is not notified. */
  flapping: Type.Optional(Flapping),
  /** It is a message about a silent source, and this is what it stands for. */
  outage: Type.Optional(StoredOutageFacts),
});
/** An alert as the receiver was last notified of it: it is firing. */
export type NotifiedAlert = Static<typeof NotifiedAlert>;

const Facts = members({
  reminder: flag,
  /** All entries covered, oldest first by source and number. */
  entries: list(QueuedEntry),
  /** Notified before, still firing, not suppressed. */
  also: dictionary(NotifiedAlert),
  /** Identifies the incident: changes after everything notified was over. */
  incident: name,
});
/** What a message says, frozen at the claim; the text is rendered when it is sent. */
export type Facts = Static<typeof Facts>;

const repeated = {
  /** Id of the message, for receivers: they see the same message, under the same id. */
  message: name,
  recipients: list(name),
  /** The thread that the message belonged to when it was first sent. */
  thread: nullable(dictionary(text)),
};
/** An earlier message that is sent again to some recipients only. */
const Repeated = members(repeated);

const Remainder = members({
  ...repeated,
  facts: Facts,
  /** `now` of the first claim: it is given up `give_up_after` later. */
  since: instant,
  attempts: count,
  retry_at: instant,
});
/** A message that was delivered, but not to these recipients yet: they were refused for the moment. Stored names. */
export type Remainder = Static<typeof Remainder>;

const Retry = members({
  /** Failures in a row. */
  attempts: count,
  /** When the last one was recorded. */
  failed_at: instant,
  /** When the next attempt is due; null: nothing is left to try. */
  next_at: nullable(instant),
});
/** The last message failed for good: it is tried again, as one message about the present. Stored names. */
export type Retry = Static<typeof Retry>;

const Leaving = members({
  /** With the alert group's id the name of the source that these numbers belong to. */
  since: instant,
  /** The last number used. */
  n: count,
  entries: list(members({ ...queuedEntry, to: list(StoredTarget) })),
});
/** Entries that an alert group hands over, numbered again. Stored names. */
export type Leaving = Static<typeof Leaving>;

const InflightMessage = members({
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
  /** Recipients that are left out: an earlier message has to reach them first. */
  except: Type.Optional(list(name)),
  /** It repeats an earlier message for the recipients that have not received it yet. */
  repeats: Type.Optional(Repeated),
});
/** A message claimed and not yet recorded. Never recalled or trimmed. */
export type InflightMessage = Static<typeof InflightMessage>;

/** A copy of the invalid document that this one was begun in place of, for people. Stored names. */
const SetAside = members({
  at: instant,
  /** What was invalid. */
  problem: text,
  /** The document as JSON, cut where it is long. */
  body: text,
});

const AlertGroupDocument = members({
  v: Type.Literal(1),
  receiver: name,
  destination: name,
  route: text,
  group_labels: labels,
  /** Last entry number taken over, by source. */
  taken: dictionary(count),
  /** Notified and firing, by alert id. */
  alerts: dictionary(NotifiedAlert),
  queued: list(QueuedEntry),
  failed: list(QueuedEntry),
  inflight: nullable(InflightMessage),
  /** The `now` of the last delivered message's claim. */
  notified_at: nullable(instant),
  /** When something must be done next; indexed. */
  due: nullable(instant),
  /** What the channel needs to thread: of the present incident. */
  receipt: nullable(dictionary(text)),
  incident: nullable(name),
  /** Notifications that died here (rejected or given up), and when the last one did. */
  dead: nullable(members({ count, last_at: instant, reason: text })),
  /** Present while the last message of the alert group was one that failed. */
  retry: Type.Optional(Retry),
  /** Ends to be sent by other alert groups, because the destination is no longer configured, until each of them has taken them over. */
  leaving: Type.Optional(Leaving),
  /** Recipients that have not received everything yet, oldest message first; each has received all that came before. */
  remainders: Type.Optional(list(Remainder)),
  /** Entries that were dropped because their alert was suppressed from its beginning to its end. */
  suppressed: Type.Optional(members({ count, last_at: instant, why: text })),
  /** It was begun in place of a document that was invalid. */
  set_aside: Type.Optional(SetAside),
});
/** The document of one alert group in `tocsin-alert-groups`. Stored names. */
export type AlertGroupDocument = Static<typeof AlertGroupDocument>;

/** Reads an alert group's document, whole. */
export const readAlertGroupDocument = storedReader(AlertGroupDocument);

const targetProblem = partCheck(StoredTarget);
const notifiedProblem = partCheck(NotifiedAlert);

/** What is valid in the body of an invalid alert group: whom it notifies, and which alerts its receiver knows to be firing. */
export interface ValidParts {
  readonly target: StoredTarget | undefined;
  readonly alerts: Readonly<Record<string, NotifiedAlert>>;
}

/** Takes the valid parts out of the body of an invalid alert group. Numbers are not included: they must not be invented. */
export function validParts(body: unknown): ValidParts {
  if (!isObject(body)) return { target: undefined, alerts: {} };
  const target = targetProblem(body) === undefined ? (body as unknown as StoredTarget) : undefined;
  const alerts: Record<string, NotifiedAlert> = {};
  for (const [id, alert] of isObject(body['alerts']) ? Object.entries(body['alerts']) : [])
    if (notifiedProblem(alert) === undefined) put(alerts, id, alert as unknown as NotifiedAlert);
  return { target, alerts };
}
