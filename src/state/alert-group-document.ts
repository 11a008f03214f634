import { type Static, Type } from 'typebox';
import { entryMembers, Flapping, StoredOutageFacts, StoredTarget, ValueChange } from './entry.ts';
import {
  about,
  count,
  dictionary,
  duration,
  flag,
  group,
  instant,
  json,
  labels,
  list,
  members,
  name,
  named,
  nullable,
  range,
  text,
} from './shapes.ts';

const queuedEntry = {
  ...entryMembers,
  source: about('`rule#incarnation`: the document that `n` is a number of.', name),
  rule: name,
  queued_at: instant,
  notified: about(
    'For an end: the alert as its receiver was last notified of it.',
    Type.Optional(
      members({
        title: Type.Optional(text),
        values: dictionary(json),
        fired: Type.Optional(dictionary(json)),
        condition: text,
        level: name,
        no_recovery: Type.Optional(Type.Literal(true)),
      }),
    ),
  ),
  why: about('Why it is held back, for example the id of a silence.', Type.Optional(text)),
  beside: about('For an end: IDs of the other alert groups in which it is also pending.', Type.Optional(list(name))),
  handed_over: about(
    'It was due at another destination, which is no longer configured; `notified`: whether that destination was notified of the alert before.',
    Type.Optional(members({ from: name, notified: flag })),
  ),
  escalated: about(
    'It is a copy for an additional receiver: the receiver that it escalated from, the document and number of the original, the time of the step, the tick at which the alert last got worse, when the message began that its time counts from, the receivers that it escalated to before, and, for an end, the destinations that have a copy of it themselves.',
    Type.Optional(
      members({
        from: name,
        source: name,
        n: count,
        after: Type.Optional(duration),
        worse_at: Type.Optional(instant),
        notified_at: Type.Optional(instant),
        before: Type.Optional(list(name)),
        beside: Type.Optional(list(name)),
      }),
    ),
  ),
  passed_on: about('The additional receivers of its alert have their copy.', Type.Optional(Type.Literal(true))),
  folded: about(
    'How many older entries of its alert were folded into it because too many were waiting: it is notified in their place.',
    Type.Optional(count),
  ),
  folded_episodes: about('How many complete episodes were among them.', Type.Optional(count)),
  folded_changes: about(
    'The newest value changes that these reported, oldest first, with shortened texts.',
    Type.Optional(list(ValueChange)),
  ),
  folded_changes_left_out: about('How many further value changes they reported.', Type.Optional(count)),
};
const QueuedEntry = named('queued entry', members(queuedEntry));
/** An outbox transition within an alert group, and where it came from. Stored names. */
export type QueuedEntry = Static<typeof QueuedEntry>;

/** The members of an alert as its receiver was last notified of it, for the schemas that have them all. */
export const notifiedMembers = {
  rule: name,
  source: about(
    '`rule#incarnation` of the document whose entry reported it last: only that document, or a newer one that fires, can end it.',
    name,
  ),
  episode: name,
  labels,
  group,
  level: name,
  since: about('Tick at which it began to fire.', instant),
  window: range,
  values: dictionary(json),
  condition: text,
  fired: about(
    'What was measured when it fired; absent if its receiver knows only a later change.',
    Type.Optional(dictionary(json)),
  ),
  present: about(
    'In the facts of a message: the values come from the last evaluation that found the problem, not from the last message.',
    Type.Optional(Type.Literal(true)),
  ),
  title: about('The title that the receiver saw; without it, the title is built from the values above.', Type.Optional(text)),
  no_recovery: about('Its end is not sent.', Type.Optional(Type.Literal(true))),
  escalated: about('The receiver that it escalated from: its alert group enqueues the end.', Type.Optional(name)),
  worse_at: about('Tick at which it last got worse in this episode.', Type.Optional(instant)),
  flapping: about('It is flapping, and its changes are not notified.', Type.Optional(Flapping)),
  outage: about('It is a message about a silent source, which covers these groups.', Type.Optional(StoredOutageFacts)),
};
/** Schema of an alert as its receiver was last notified of it. */
export const NotifiedAlert = named('notified alert', members(notifiedMembers));
/** An alert as the receiver was last notified of it: it is firing. */
export type NotifiedAlert = Static<typeof NotifiedAlert>;

const SaidAcknowledgement = members({
  by: text,
  at: instant,
  comment: text,
  worse: about('It has got worse since then, so it is no longer acknowledged.', Type.Optional(Type.Literal(true))),
});

/** The members of what a message says. */
export const factMembers = {
  reminder: flag,
  entries: about('All entries covered, oldest first by source and number.', list(QueuedEntry)),
  also: about('Notified before, still firing, not suppressed.', dictionary(NotifiedAlert)),
  incident: about('Identifies the incident; changes once all notified alerts have ended.', name),
  silence_ended: about(
    'Silences that have ended while matching alerts still fire; the message mentions them.',
    Type.Optional(list(members({ id: name, ends_at: instant }))),
  ),
  acknowledged: about('Who has acknowledged its alerts, by alert ID.', Type.Optional(dictionary(SaidAcknowledgement))),
};
const Facts = named('facts of a message', members(factMembers));
/** What a message says, frozen at the claim; the text is rendered when it is sent. */
export type Facts = Static<typeof Facts>;

const repeated = {
  message: about('ID of the message; a repeated message has the same ID.', name),
  recipients: list(name),
  thread: about('The thread that the message belonged to when it was first sent.', nullable(dictionary(text))),
};
/** An earlier message that is sent again to some recipients only. */
const Repeated = members(repeated);

/** The members of a message that some recipients have not received yet. */
export const remainderMembers = {
  ...repeated,
  facts: Facts,
  since: about('`now` of the first claim: it is given up `give_up_after` later.', instant),
  attempts: count,
  retry_at: instant,
};
const Remainder = named('remainder', members(remainderMembers));
/** A message that was delivered, but not to these recipients yet: they were refused for the moment. Stored names. */
export type Remainder = Static<typeof Remainder>;

const Retry = named(
  'retry',
  members({
    attempts: about('Failures in a row.', count),
    failed_at: about('When the last one was recorded.', instant),
    next_at: about('When the next attempt is due; null: there is nothing left to retry.', nullable(instant)),
  }),
);
/** The last message failed permanently: it is tried again, as one message about the present. Stored names. */
export type Retry = Static<typeof Retry>;

const Leaving = named(
  'leaving entries',
  members({
    since: about("Together with the alert group's id, the name of the source that these numbers belong to.", instant),
    n: about('The last number used.', count),
    entries: list(members({ ...queuedEntry, to: list(StoredTarget) })),
  }),
);
/** Entries that an alert group hands over, numbered again. Stored names. */
export type Leaving = Static<typeof Leaving>;

/** Schema of how far an alert has escalated. */
export const Escalation = named(
  'escalation',
  members({
    episode: name,
    since: about('When the message started from which the time of escalation counts.', instant),
    done: about('How many steps were taken.', count),
    to: about('Additional receivers that were notified, and will be notified of its end.', list(StoredTarget)),
  }),
);
/** How far an alert has escalated. Stored names. */
export type Escalation = Static<typeof Escalation>;

/** The members of a message that is claimed and not yet recorded. */
export const inflightMembers = {
  id: about('Hash of what it covers; for a reminder, of the time at which it was due.', name),
  covers: about('Entry numbers per source.', dictionary(list(count))),
  facts: Facts,
  since: about('`now` of the claim.', instant),
  attempts: count,
  retry_at: nullable(instant),
  token: name,
  until: about('End of the lease; null: it is not leased.', nullable(instant)),
  last_failure: about('Kind and text of the last failed attempt.', Type.Optional(members({ kind: name, text }))),
  except: about('Recipients that are skipped, because an earlier message must reach them first.', Type.Optional(list(name))),
  repeats: about('It repeats an earlier message for recipients that have not received it yet.', Type.Optional(Repeated)),
};
const InflightMessage = named('message in flight', members(inflightMembers));
/** A message claimed and not yet recorded. Never recalled or trimmed. */
export type InflightMessage = Static<typeof InflightMessage>;

/** A copy of the invalid document that this one was begun in place of, for people. Stored names. */
const SetAside = named(
  'copy of an invalid document',
  members({
    at: instant,
    problem: about('What was invalid.', text),
    body: about('The document as JSON, truncated if it is long.', text),
  }),
);

/** The members of an alert group's document. */
export const alertGroupMembers = {
  v: about('Version of the document.', Type.Literal(2)),
  receiver: about('Name of the receiver. Indexed.', name),
  destination: about('One of its destinations: `receiver/channel/number`.', name),
  route: about('Key of the route in the configuration.', text),
  group_labels: about('The labels by which the route groups.', labels),
  taken: about('Number of the last entry taken over, by source.', dictionary(count)),
  alerts: about('Notified and firing, by alert id.', dictionary(NotifiedAlert)),
  queued: about('Entries that are not in a message yet.', list(QueuedEntry)),
  failed: about('Entries of messages that were refused or given up.', list(QueuedEntry)),
  inflight: about('The message that is being sent.', nullable(InflightMessage)),
  notified_at: about("The `now` of the last delivered message's claim.", nullable(instant)),
  due: about('When the next action is due. Indexed.', nullable(instant)),
  receipt: about('What the channel needs for threading, for the current incident.', nullable(dictionary(text))),
  incident: about('The current incident: from the first alert that fires until none does.', nullable(name)),
  dead: about(
    'Notifications that failed here (rejected or given up), and when the last one did.',
    nullable(members({ count, last_at: instant, reason: text })),
  ),
  retry: about('Present while the last message of the alert group is a failed one.', Type.Optional(Retry)),
  leaving: about(
    'Ends handed over to other destinations, because this one is no longer configured, until each destination has taken over its own.',
    Type.Optional(Leaving),
  ),
  escalations: about(
    'Alerts that escalate here while no one acknowledges them, by alert ID.',
    Type.Optional(dictionary(Escalation)),
  ),
  reminders: about('Reminders in a row since the last change.', Type.Optional(count)),
  followed: about(
    'Number of the last entry taken over about each alert that has escalated to here, by `rule#incarnation alert`.',
    Type.Optional(dictionary(count)),
  ),
  remainders: about(
    'Recipients that have not received everything yet, oldest message first; each has received everything before it.',
    Type.Optional(list(Remainder)),
  ),
  suppressed: about(
    'Entries that were dropped because their alert was suppressed from start to end.',
    Type.Optional(members({ count, last_at: instant, why: text })),
  ),
  announced: about(
    'Recently announced ends of silences, as `id@end`, and when they were announced: each is announced once.',
    Type.Optional(dictionary(instant)),
  ),
  set_aside: about('This document replaced an invalid one.', Type.Optional(SetAside)),
};
/** Schema of an alert group's document. */
export const AlertGroupDocument = members(alertGroupMembers);
/** The document of one alert group in `tocsin-alert-groups`. Stored names. */
export type AlertGroupDocument = Static<typeof AlertGroupDocument>;
