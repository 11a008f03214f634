import { type Static, Type } from 'typebox';
import { entryMembers, StoredOutageFacts, StoredTarget } from './entry.ts';
import type { ReadStored } from './read-stored.ts';
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
import { storedKind } from './stored-kind.ts';

const alertMembers = {
  group,
  status: oneOf('inactive', 'pending', 'firing', 'recovering'),
  /** The present level (severity) of a rule with `levels`; absent for one condition. */
  level: Type.Optional(name),
  /** Id of the present episode: set from firing to resolved. */
  episode: Type.Optional(name),
  /** Tick at which the episode began to fire. */
  started: Type.Optional(instant),
  /** Tick at which the present status began (pending: t0). */
  since: instant,
  /** recovering: the tick of the first clear, tc; absent after a gap until the next clear. */
  clear_since: Type.Optional(instant),
  /** pending: how much of the time since `since` no evaluation covered, ms; it does not count towards `for`. */
  uncovered: Type.Optional(duration),
  /**
   * Tick at which the group last had a document; for one that never had any, the first tick it was evaluated at. Moved on by time that
   * no evaluation covered, as `clear_since` and `below.since` are.
   */
  last_present: Type.Optional(instant),
  /** `for: {breaches, of}`: the last findings, oldest first, `1` breach and `0` not. */
  recent: Type.Optional(text),
  /** Levels: since when every finding was below the present level, and the worst of them (between and clear count as the mildest). */
  below: Type.Optional(members({ since: instant, worst: name })),
  /** A new group's grace: before this tick its breaches do not count; absent once it has settled. */
  settles_at: Type.Optional(instant),
  /** Since which tick nothing is known: that of the last finding before a run of unknown ones; absent outside such a run. */
  unknown_since: Type.Optional(instant),
  /** The level that receivers were last notified of this episode. */
  notified_level: Type.Optional(name),
};

const AlertState = members(alertMembers);
/** What is stored of one alert, under its stored names; times are ticks. An alert that is inactive and remembers nothing has no state. */
export type AlertState = Static<typeof AlertState>;

const Measurement = members({ values: dictionary(json), condition: text, window: range });
/** What was measured of one alert, by which condition, and in which window. */
export type Measurement = Static<typeof Measurement>;

const LivingAlert = members({
  ...alertMembers,
  /** The alert groups' targets of the present episode. */
  held_by: Type.Optional(list(StoredTarget)),
  /** Hash of what the rule said at the last evaluation that found the problem; absent once it has recovered by the same rule. */
  definition: Type.Optional(name),
  /** What the last evaluation measured that found the problem, for reminders; absent once it is over. */
  measured: Type.Optional(Measurement),
  /** The labels it was last routed with. */
  labels: Type.Optional(labels),
  /** The episode that its receivers know it by, where that is not the present one: they were notified of several as one, because it flapped. */
  notified_as: Type.Optional(members({ episode: name, started: instant })),
});
/** A living alert in its rule's document: its state, what it last measured and who holds it. */
export type LivingAlert = Static<typeof LivingAlert>;

const NotifiedFlapping = members({
  group,
  episode: name,
  started: instant,
  /** The worst severity notified while it flaps. */
  level: name,
  labels,
  held_by: list(StoredTarget),
  /** Tick at which the first of the episodes that make it flap began. */
  since: instant,
  /** How many began since. */
  episodes: count,
  /** The newest tick at which one began or ended. */
  changed: instant,
  /** How much of the time since `changed` no evaluation covered, ms: it does not count towards `steady`. */
  uncovered: Type.Optional(duration),
  /** How the last episode ended; absent while one lasts. */
  end: Type.Optional(members({ reason: name, values: dictionary(json), condition: text })),
});
/** An alert that flaps, as its receivers know it: one episode, whatever it does meanwhile. Stored names. */
export type NotifiedFlapping = Static<typeof NotifiedFlapping>;

const AlertPast = members({
  begins: list(instant),
  /** While it flaps. */
  notified: Type.Optional(NotifiedFlapping),
});
/** What is remembered of an alert's past episodes, living or not: when they began, as far back as flapping looks. Stored names. */
export type AlertPast = Static<typeof AlertPast>;

const RuleHealth = members({
  /** Failed evaluations in a row. */
  failures: count,
  failing_since: Type.Optional(instant),
  /** The `now` of the newest failed evaluation that was stored: a replica has this rule, though none of its windows can be evaluated. */
  tried_at: Type.Optional(instant),
  problem: Type.Optional(members({ code: name, message: text, hint: text })),
  /** Evaluations in a row in which documents matched but none had the group_by fields. */
  ungrouped: Type.Optional(count),
  /** Evaluations in a row in which every group with documents was unknown. */
  unknown: Type.Optional(count),
  /** Why the first of them was unknown. */
  because: Type.Optional(text),
  /** Whether the last answer was truncated. */
  truncated: Type.Optional(flag),
  /** Windows too old to evaluate that were given up, newest 10. */
  gaps: Type.Optional(list(range)),
});
/** What the rule's own evaluations went like. */
export type RuleHealth = Static<typeof RuleHealth>;

const OutboxEntry = members({ ...entryMembers, to: list(StoredTarget) });
/** An entry with the targets fixed when it was saved. */
export type OutboxEntry = Static<typeof OutboxEntry>;

const span = Type.Unsafe<readonly [number, number]>(Type.Tuple([instant, instant]));

const Revisit = members({
  through: instant,
  /** By the ids of the second look's own alerts. */
  alerts: dictionary(LivingAlert),
  /** By alert id, when it fired in the first look: first and last tick of each episode, as far back as second looks go. */
  fired: dictionary(list(span)),
});
/** The second look of a rule with `revisit`: its windows folded once more when late documents had time to arrive. Stored names. */
export type Revisit = Static<typeof Revisit>;

const HeldAlert = members({
  alert: name,
  until: instant,
  values: dictionary(json),
  condition: text,
  /** Its end, where that is what is held back: its receivers know it as firing, and the rule's document does not hold it any more. */
  end: Type.Optional(OutboxEntry),
  /** Documents arrive again and this one is still silent: it is reported at `until` if nothing changes. */
  released: Type.Optional(Type.Literal(true)),
});
/** An alert that is held back. Stored names. */
export type HeldAlert = Static<typeof HeldAlert>;

const FlappingOutage = members({
  /** Tick at which the first of the outages that make it flap began. */
  since: instant,
  /** How many began since. */
  episodes: count,
  /** The newest tick at which one began or ended. */
  changed: instant,
  /** How much of the time since `changed` no evaluation covered, ms: it does not count towards `steady`. */
  uncovered: Type.Optional(duration),
  /** Why the last one ended; absent while one lasts. */
  end: Type.Optional(name),
});
/** A source that comes and goes, as one receiver knows it: one outage, whatever it does meanwhile. Stored names. */
export type FlappingOutage = Static<typeof FlappingOutage>;

const NotifiedOutage = members({
  receiver: name,
  alert: name,
  episode: name,
  started: instant,
  /** The worst severity of the alerts that are held back from this receiver. */
  level: name,
  /** The labels that they share. */
  labels,
  held_by: list(StoredTarget),
  facts: StoredOutageFacts,
  /** While the source comes and goes too often to be reported each time. */
  flapping: Type.Optional(FlappingOutage),
});
/** What one receiver was notified of an outage: an alert of its own beside those of the groups. Stored names. */
export type NotifiedOutage = Static<typeof NotifiedOutage>;

const Outage = members({
  source: text,
  since: instant,
  /** Tick at which documents arrived again; absent while there are none. */
  over: Type.Optional(instant),
  held: list(HeldAlert),
  /** Who was notified, one of each receiver; empty before the first alert would have fired, and once it is over and steady. */
  notified: list(NotifiedOutage),
});
/** A rule whose groups went quiet together because their source has no document at all. Stored names. */
export type Outage = Static<typeof Outage>;

const RuleDocument = members({
  /** Version of the document; a newer Tocsin reads older ones, an older one refuses newer ones. */
  v: Type.Literal(1),
  rule: name,
  /** The `now` of the document's creation: no two documents of a rule share it. */
  incarnation: instant,
  evaluated_through: instant,
  every: duration,
  /** Number of the last outbox transition of this document. */
  n: count,
  shape: name,
  /** By alert id. */
  alerts: dictionary(LivingAlert),
  /** What the rule's type remembers; only the type knows its form. */
  memory: json,
  memory_version: count,
  health: RuleHealth,
  outbox: list(OutboxEntry),
  /** By alert id; absent while nothing is to be remembered. */
  past: Type.Optional(dictionary(AlertPast)),
  second: Type.Optional(Revisit),
  /** While the whole source is silent, and until what was held back for it is reported or over. */
  outage: Type.Optional(Outage),
  /** Indexed: something is outstanding. */
  hasOutbox: flag,
  /** Since when no living replica has the rule loaded, as the holder of its shard sees it, and when it last saw it so. */
  unloaded: Type.Optional(members({ since: instant, seen: instant })),
  /** Since when the rule is paused, as a replica that has it loaded saw it; absent once it was evaluated again. */
  paused: Type.Optional(instant),
  /** Set once a removed rule's alerts were ended. */
  removed: Type.Optional(flag),
});
/** The document of one rule in `tocsin-rules`; everything that follows from a decision is in it, written once. Stored names. */
export type RuleDocument = Static<typeof RuleDocument>;

/** The documents of `tocsin-rules`. `readRuleDocument` reads them. */
export const RULE = storedKind({
  name: 'rule document',
  index: 'rules',
  schema: RuleDocument,
  indexed: ['hasOutbox', 'evaluated_through'],
});

/** Reads the document stored under a rule's id: whole, and of this rule. */
export function readRuleDocument(body: unknown, id: string): ReadStored<RuleDocument> {
  const found = RULE.read(body);
  if (!found.ok) return found;
  const { rule, n, outbox } = found.document;
  if (rule !== id)
    return { ok: false, replaceable: true, message: `is invalid: it is the document of another rule, ${rule.slice(0, 200)}` };
  // A number that is used twice is taken for one that was notified already.
  const ahead = outbox.find((entry) => entry.n > n);
  if (ahead !== undefined)
    return {
      ok: false,
      replaceable: true,
      message: `is invalid: an entry has the number ${ahead.n}, above the last number ${n}`,
    };
  return found;
}
