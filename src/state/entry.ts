import { type Static, Type } from 'typebox';
import {
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
  oneOf,
  range,
  text,
} from './shapes.ts';

/** Schema of a line of a log that belongs to a trace. `level` and `service` are empty where the document has none. */
export const StoredLogLine = members({
  at: instant,
  level: text,
  service: text,
  text,
  trace_id: text,
  /** How many lines said the same; without it one did. */
  count: Type.Optional(count),
});
/** A line of a log that belongs to a trace, as it is stored. */
export type StoredLogLine = Static<typeof StoredLogLine>;

/** Schema of the evidence of an entry. */
export const StoredEvidence = members({
  documents: list(members({ at: instant, fields: dictionary(text) })),
  top: list(members({ field: name, values: list(members({ value: text, count })) })),
  trace_ids: list(text),
  /** The most relevant log lines of these traces, and where they were looked for. */
  logs: Type.Optional(
    members({
      indices: list(name),
      /** Fields that hold the trace ids there. */
      fields: list(name),
      from: instant,
      to: instant,
      /** Oldest first. */
      lines: list(StoredLogLine),
    }),
  ),
});
/** Evidence as it is stored with an entry and frozen into a message; texts are raw and bounded in length. */
export type StoredEvidence = Static<typeof StoredEvidence>;

/** Schema of what is notified of an alert that flaps. */
export const Flapping = members({
  /** Tick at which the first of its episodes began. */
  since: instant,
  /** How many began since. */
  episodes: count,
  /** The newest tick at which one began or ended. */
  changed: instant,
  within: duration,
  steady: duration,
});
/** What is notified of an alert that flaps, or did until now; durations in ms. Stored names. */
export type Flapping = Static<typeof Flapping>;

/** Schema of one change of the value that a rule of the type `change` watches. */
export const ValueChange = members({ previous: json, current: json });
/** One change of the value that a rule of the type `change` watches. Stored names. */
export type ValueChange = Static<typeof ValueChange>;

/** Schema of how long an entry is held back, and why. */
export const StoredHold = members({ until: instant, why: text });
/** How long an entry is held back in favour of one message about its whole source, and why, in words for people. Stored names. */
export type StoredHold = Static<typeof StoredHold>;

/** Schema of what one message about a silent source stands for. */
export const StoredOutageFacts = members({
  /** The data streams and patterns that hold no document, for people. */
  source: text,
  /** From when on there is no document, as far as is known: the beginning of the first window without one. */
  since: instant,
  /** The rule's `group_by`. */
  fields: list(name),
  /** How many groups are silent: those held back, those that this receiver knew of before, and those about to be reported to it. */
  total: count,
  /** The groups whose alerts are held back, with their severities. */
  held: list(members({ group, level: name })),
  /** When the first of them is no longer held back. */
  until: instant,
  /** Of a message about the end: groups that are still silent, and are reported one by one if they stay so. */
  missing: Type.Optional(list(group)),
});
/** What one message about a silent source stands for: the alerts that one receiver would have been sent. Stored names. */
export type StoredOutageFacts = Static<typeof StoredOutageFacts>;

/** The members of an entry, for the schemas that have more of them. */
export const entryMembers = {
  /** Number within its rule's document. */
  n: count,
  alert: name,
  episode: name,
  /** `steady`: an alert that flapped fires on. */
  kind: oneOf('firing', 'worse', 'better', 'steady', 'moved', 'resolved'),
  reason: name,
  /** The tick. */
  at: instant,
  /** The tick at which the episode began to fire. */
  started: instant,
  group,
  labels,
  /** The severity. */
  level: name,
  window: range,
  values: dictionary(json),
  /** The rule's line that decided, for the message's facts. */
  condition: text,
  evidence: Type.Optional(StoredEvidence),
  /** The alert flaps, or did until now: its episodes are notified as one. */
  flapping: Type.Optional(Flapping),
  /** It is held back in favour of one message about its whole source, which is silent. */
  hold: Type.Optional(StoredHold),
  /** It is that one message, and this is what it stands for. */
  outage: Type.Optional(StoredOutageFacts),
  /** Of one that moved: the receivers that it goes to now; none: no receiver is routed to. */
  moved_to: Type.Optional(list(name)),
  /** Its rule has no recovery: receivers are not notified of the end. */
  no_recovery: Type.Optional(Type.Literal(true)),
  /** Of an end: the rule was changed after the last evaluation that found the problem. */
  rule_changed: Type.Optional(Type.Literal(true)),
  /** Evaluated in catch-up, after the time it is about. */
  late: flag,
};

const Entry = members(entryMembers);
/** One outbox transition as it is stored and enqueued. Stored names. */
export type Entry = Static<typeof Entry>;

/** Schema of where an alert goes: a receiver's destination within one route and the route's group labels. */
export const StoredTarget = members({ receiver: name, destination: name, route: text, group_labels: labels });
/** Where an alert goes, as it is stored. */
export type StoredTarget = Static<typeof StoredTarget>;
