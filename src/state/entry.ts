import { type Static, Type } from 'typebox';
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
  oneOf,
  range,
  text,
} from './shapes.ts';

/** Schema of a line of a log that belongs to a trace. `level` and `service` are empty where the document has none. */
export const StoredLogLine = named(
  'log line',
  members({
    at: instant,
    level: text,
    service: text,
    text,
    trace_id: text,
    count: about('Number of identical lines; default 1.', Type.Optional(count)),
  }),
);
/** A line of a log that belongs to a trace, as it is stored. */
export type StoredLogLine = Static<typeof StoredLogLine>;

/** Schema of the evidence of an entry. */
export const StoredEvidence = named(
  'evidence',
  members({
    documents: list(
      members({
        at: instant,
        fields: dictionary(text),
        lists: about('Values of fields with several values, for templates.', Type.Optional(dictionary(list(text)))),
      }),
    ),
    top: list(members({ field: name, values: list(members({ value: text, count })) })),
    trace_ids: list(text),
    logs: about(
      'The most important log lines of these traces, and where they were searched.',
      Type.Optional(
        members({
          indices: list(name),
          fields: about('Fields that contain the trace ids there.', list(name)),
          from: instant,
          to: instant,
          lines: about('Oldest first.', list(StoredLogLine)),
        }),
      ),
    ),
  }),
);
/** Evidence as it is stored with an entry and frozen into a message; texts are raw and bounded in length. */
export type StoredEvidence = Static<typeof StoredEvidence>;

/** Schema of what is notified of an alert that flaps. */
export const Flapping = named(
  'flapping',
  members({
    since: about('Tick at which the first of its episodes began.', instant),
    episodes: about('How many have started since.', count),
    changed: about('The newest tick at which one began or ended.', instant),
    within: duration,
    steady: duration,
  }),
);
/** What is notified of an alert that flaps, or did until now; durations in ms. Stored names. */
export type Flapping = Static<typeof Flapping>;

/** Schema of one change of the value that a rule of the type `change` watches. */
export const ValueChange = named('change of a value', members({ previous: json, current: json }));
/** One change of the value that a rule of the type `change` watches. Stored names. */
export type ValueChange = Static<typeof ValueChange>;

/** Schema of how long an entry is held back, and why. */
export const StoredHold = members({ until: instant, why: text });
/** How long an entry is held back in favour of one message about its whole source, and why, in words for people. Stored names. */
export type StoredHold = Static<typeof StoredHold>;

/** Schema of what one message about a silent source stands for. */
export const StoredOutageFacts = named(
  'silent source',
  members({
    source: about('The data streams and patterns without documents, for display.', text),
    since: about('Since when there have been no documents: the start of the first window known to have none.', instant),
    fields: about("The rule's `group_by`.", list(name)),
    total: about(
      'How many groups are silent: those held back, those already known to this receiver, and those about to be reported to it.',
      count,
    ),
    held: about('The groups whose alerts are held back, with their severities.', list(members({ group, level: name }))),
    until: about('When the first of them is released.', instant),
    missing: about(
      'In a message about the end: groups that are still silent, and are reported individually if that does not change.',
      Type.Optional(list(group)),
    ),
  }),
);
/** What one message about a silent source stands for: the alerts that one receiver would have been sent. Stored names. */
export type StoredOutageFacts = Static<typeof StoredOutageFacts>;

/** The members of an entry, for the schemas that have more of them. */
export const entryMembers = {
  n: about("Number within its rule's document.", count),
  alert: name,
  episode: name,
  kind: about('`steady`: an alert that flapped keeps firing.', oneOf('firing', 'worse', 'better', 'steady', 'moved', 'resolved')),
  reason: name,
  at: about('The tick.', instant),
  started: about('The tick at which the episode started firing; for an alert from another system, its start there.', instant),
  group,
  labels,
  level: about('The severity.', name),
  window: range,
  values: dictionary(json),
  condition: about('The deciding condition of the rule, for the message.', text),
  evidence: Type.Optional(StoredEvidence),
  flapping: about('The alert is flapping, or was until now: its episodes are notified as one.', Type.Optional(Flapping)),
  hold: about('It is held back in favour of one message about its silent source.', Type.Optional(StoredHold)),
  outage: about('It is that message, which covers these groups.', Type.Optional(StoredOutageFacts)),
  moved_to: about('If it moved: its new receivers; empty if it is routed to none.', Type.Optional(list(name))),
  no_recovery: about(
    'Its rule has no recovery notifications: receivers are not notified of its end.',
    Type.Optional(Type.Literal(true)),
  ),
  rule_changed: about(
    'For an end: the rule was changed after the last evaluation that found the problem.',
    Type.Optional(Type.Literal(true)),
  ),
  late: about('Evaluated late, while catching up.', flag),
};

const Entry = members(entryMembers);
/** One outbox transition as it is stored and enqueued. Stored names. */
export type Entry = Static<typeof Entry>;

/** Schema of where an alert goes: a receiver's destination within one route and the route's group labels. */
export const StoredTarget = named('target', members({ receiver: name, destination: name, route: text, group_labels: labels }));
/** Where an alert goes, as it is stored. */
export type StoredTarget = Static<typeof StoredTarget>;
