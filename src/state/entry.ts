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
  /** The most telling lines that these traces left in the logs, and where they were looked for. */
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

/** Schema of what is told of an alert that flaps. */
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
/** What is told of an alert that flaps, or did until now; durations in ms. Stored names. */
export type Flapping = Static<typeof Flapping>;

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
  /** The alert flaps, or did until now: its episodes are told as one. */
  flapping: Type.Optional(Flapping),
  /** Judged in catch-up, after the time it is about. */
  late: flag,
};

const Entry = members(entryMembers);
/** One owed transition as it is stored and handed on. Stored names. */
export type Entry = Static<typeof Entry>;

/** Schema of where an alert goes: a receiver's destination within one route and the route's group labels. */
export const StoredTarget = members({ receiver: name, destination: name, route: text, group_labels: labels });
