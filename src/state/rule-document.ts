import { type Static, Type } from 'typebox';
import { entryMembers, StoredOutageFacts, StoredTarget } from './entry.ts';
import type { ReadStored } from './read-stored.ts';
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
import { storedKind } from './stored-kind.ts';

const alertMembers = {
  group,
  status: oneOf('inactive', 'pending', 'firing', 'recovering'),
  level: about('The current level (severity) of a rule with `levels`; absent for a single condition.', Type.Optional(name)),
  episode: about('Id of the current episode: set from firing to resolved.', Type.Optional(name)),
  started: about(
    'Tick at which the episode started firing; for an alert from another system, its start there.',
    Type.Optional(instant),
  ),
  since: about('Tick at which the current status began.', instant),
  clear_since: about(
    'While recovering: the tick of the first clear finding; absent after a gap until the next clear finding.',
    Type.Optional(instant),
  ),
  uncovered: about(
    'While pending: how much of the time since `since` no evaluation covered, ms; it does not count towards `for`.',
    Type.Optional(duration),
  ),
  last_present: about(
    'Tick at which the group last had a document; for a group that never had one, the first tick at which it was evaluated. Shifted by time that no evaluation covered, like `clear_since` and `below.since`.',
    Type.Optional(instant),
  ),
  recent: about('`for: {breaches, of}`: the last findings, oldest first, `1` breach and `0` not.', Type.Optional(text)),
  below: about(
    'With levels: since when every finding has been below the current level, and the worst of them (between and clear count as the mildest).',
    Type.Optional(members({ since: instant, worst: name })),
  ),
  settles_at: about(
    "A new group's grace: before this tick its breaches do not count; absent once it has settled.",
    Type.Optional(instant),
  ),
  unknown_since: about(
    'Tick of the last known finding before a run of unknown ones; absent outside such a run.',
    Type.Optional(instant),
  ),
  notified_level: about('The level that receivers were last notified of in this episode.', Type.Optional(name)),
};

const AlertState = members(alertMembers);
/** What is stored of one alert, under its stored names; times are ticks. An alert that is inactive and remembers nothing has no state. */
export type AlertState = Static<typeof AlertState>;

const Measurement = named('measurement', members({ values: dictionary(json), condition: text, window: range }));
/** What was measured of one alert, by which condition, and in which window. */
export type Measurement = Static<typeof Measurement>;

const LivingAlert = named(
  'living alert',
  members({
    ...alertMembers,
    held_by: about('The targets of the current episode.', Type.Optional(list(StoredTarget))),
    definition: about(
      'Hash of the rule at the last evaluation that found the problem; absent once the alert has recovered under the same rule.',
      Type.Optional(name),
    ),
    measured: about(
      'What was measured by the last evaluation that found the problem, for reminders; absent once the alert has ended.',
      Type.Optional(Measurement),
    ),
    labels: about('The labels by which it was last routed.', Type.Optional(labels)),
    notified_as: about(
      'The episode under which its receivers know it, if that is not the current one: they were notified of several as one, because it flapped.',
      Type.Optional(members({ episode: name, started: instant })),
    ),
  }),
);
/** A living alert in its rule's document: its state, what it last measured and who holds it. */
export type LivingAlert = Static<typeof LivingAlert>;

const NotifiedFlapping = named(
  'flapping alert',
  members({
    group,
    episode: name,
    started: instant,
    level: about('The worst severity notified while it flaps.', name),
    labels,
    held_by: list(StoredTarget),
    since: about('Tick at which the first of the episodes that make it flap began.', instant),
    episodes: about('How many have started since.', count),
    changed: about('The newest tick at which one began or ended.', instant),
    uncovered: about(
      'How much of the time since `changed` no evaluation covered, ms; it does not count towards `steady`.',
      Type.Optional(duration),
    ),
    end: about(
      'How the last episode ended; absent while one lasts.',
      Type.Optional(members({ reason: name, values: dictionary(json), condition: text })),
    ),
  }),
);
/** An alert that flaps, as its receivers know it: one episode, whatever it does meanwhile. Stored names. */
export type NotifiedFlapping = Static<typeof NotifiedFlapping>;

const AlertPast = named(
  'past of an alert',
  members({
    begins: list(instant),
    notified: about('While it flaps.', Type.Optional(NotifiedFlapping)),
  }),
);
/** What is remembered of an alert's past episodes, living or not: when they began, as far back as flapping looks. Stored names. */
export type AlertPast = Static<typeof AlertPast>;

const RuleHealth = named(
  'health of a rule',
  members({
    failures: about('Failed evaluations in a row.', count),
    failing_since: Type.Optional(instant),
    tried_at: about(
      'The `now` of the newest stored failed evaluation: it shows that a replica has this rule, although none of its windows can be evaluated.',
      Type.Optional(instant),
    ),
    problem: Type.Optional(members({ code: name, message: text, hint: text })),
    ungrouped: about('Evaluations in a row in which documents matched but none had the group_by fields.', Type.Optional(count)),
    unknown: about('Evaluations in a row in which every group with documents was unknown.', Type.Optional(count)),
    because: about('Why the first of them was unknown.', Type.Optional(text)),
    truncated: about('Whether the last answer was truncated.', Type.Optional(flag)),
    gaps: about('Windows that were too old to evaluate and were skipped, newest 10.', Type.Optional(list(range))),
  }),
);
/** What the rule's own evaluations went like. */
export type RuleHealth = Static<typeof RuleHealth>;

const OutboxEntry = named('outbox entry', members({ ...entryMembers, to: list(StoredTarget) }));
/** An entry with the targets fixed when it was saved. */
export type OutboxEntry = Static<typeof OutboxEntry>;

const span = Type.Unsafe<readonly [number, number]>(Type.Tuple([instant, instant]));

const Revisit = named(
  'second look',
  members({
    through: instant,
    alerts: about("By the ids of the second look's own alerts.", dictionary(LivingAlert)),
    fired: about(
      'By alert id, when it fired in the first look: first and last tick of each episode, as far back as second looks reach.',
      dictionary(list(span)),
    ),
  }),
);
/** The second look of a rule with `revisit`: its windows folded again when late documents had time to arrive. Stored names. */
export type Revisit = Static<typeof Revisit>;

const HeldAlert = named(
  'held alert',
  members({
    alert: name,
    until: instant,
    values: dictionary(json),
    condition: text,
    end: about(
      "Its end, if that is held back: its receivers were last notified that it fires, and the rule's document no longer contains it.",
      Type.Optional(OutboxEntry),
    ),
    released: about(
      'Documents arrive again, but this group is still silent: it is reported at `until` if that does not change.',
      Type.Optional(Type.Literal(true)),
    ),
  }),
);
/** An alert that is held back. Stored names. */
export type HeldAlert = Static<typeof HeldAlert>;

const FlappingOutage = named(
  'flapping source',
  members({
    since: about('Tick at which the first of the outages that make it flap began.', instant),
    episodes: about('How many have started since.', count),
    changed: about('The newest tick at which one began or ended.', instant),
    uncovered: about(
      'How much of the time since `changed` no evaluation covered, ms; it does not count towards `steady`.',
      Type.Optional(duration),
    ),
    end: about('Why the last one ended; absent while one lasts.', Type.Optional(name)),
  }),
);
/** A source that comes and goes, as one receiver knows it: one outage, whatever it does meanwhile. Stored names. */
export type FlappingOutage = Static<typeof FlappingOutage>;

const NotifiedOutage = named(
  'notified outage',
  members({
    receiver: name,
    alert: name,
    episode: name,
    started: instant,
    level: about('The worst severity of the alerts that are held back from this receiver.', name),
    /** The labels that they share. */
    labels,
    held_by: list(StoredTarget),
    facts: StoredOutageFacts,
    flapping: about('While the source is too intermittent to be reported each time.', Type.Optional(FlappingOutage)),
  }),
);
/** What one receiver was notified of an outage: an alert of its own beside those of the groups. Stored names. */
export type NotifiedOutage = Static<typeof NotifiedOutage>;

const Outage = named(
  'outage',
  members({
    source: text,
    since: instant,
    over: about('Tick at which documents arrived again; absent while there are none.', Type.Optional(instant)),
    held: list(HeldAlert),
    notified: about(
      'Who was notified, one entry per receiver; empty before the first alert would have fired, and once the outage has ended and is steady.',
      list(NotifiedOutage),
    ),
  }),
);
/** A rule whose groups went quiet together because their source has no document at all. Stored names. */
export type Outage = Static<typeof Outage>;

const RuleDocument = members({
  v: about('Version of the document; a newer Tocsin reads older ones, an older one refuses newer ones.', Type.Literal(1)),
  rule: about('Id of the rule.', name),
  incarnation: about("The `now` of the document's creation: no two documents of a rule share it.", instant),
  evaluated_through: about('The newest tick whose window was evaluated. Indexed.', instant),
  every: about('The interval between its ticks when it was last evaluated.', duration),
  n: about('Number of the last outbox transition of this document.', count),
  shape: about('Hash of everything that its memory and the identity of its alerts depend on.', name),
  alerts: about('By alert id.', dictionary(LivingAlert)),
  memory: about("The memory of the rule's type, in a format that only the type defines.", json),
  memory_version: about('Version of that format, set by the type.', count),
  health: about('Results of its own evaluations.', RuleHealth),
  outbox: about('Transitions that are not enqueued in their alert groups yet.', list(OutboxEntry)),
  past: about('By alert id; absent while there is nothing to remember.', Type.Optional(dictionary(AlertPast))),
  second: about('Only for a rule with `revisit`.', Type.Optional(Revisit)),
  outage: about(
    'While the whole source is silent, and until everything held back because of it is reported or has ended.',
    Type.Optional(Outage),
  ),
  hasOutbox: about('Indexed: the outbox is not empty.', flag),
  unloaded: about(
    'Since when no running replica has had the rule loaded, according to the holder of its shard, and when that was last confirmed.',
    Type.Optional(members({ since: instant, seen: instant })),
  ),
  paused: about(
    'Since when the rule has been paused, according to a replica that has it loaded; absent once it is evaluated again.',
    Type.Optional(instant),
  ),
  removed: about('Set once the alerts of a removed rule have been ended.', Type.Optional(flag)),
});
/** The document of one rule in `tocsin-rules`; everything that follows from a decision is in it, written once. Stored names. */
export type RuleDocument = Static<typeof RuleDocument>;

/** The documents of `tocsin-rules`. `readRuleDocument` reads them. */
export const RULE = storedKind({
  name: 'rule document',
  index: 'rules',
  schema: RuleDocument,
  indexed: ['hasOutbox', 'evaluated_through'],
  derived: { firing: hasFiring },
});

/** Says whether any alert fires, as receivers know it: one that flaps counts, and so does a message about a silent source. */
export function hasFiring({ alerts, past = {}, outage }: RuleDocument): boolean {
  // A body that was changed by hand is read again before it is used; to be found by a search it need not be whole.
  const fires = (status: unknown) => status === 'firing' || status === 'recovering';
  return (
    Object.values<Partial<LivingAlert> | null>(alerts ?? {}).some((alert) => fires(alert?.status)) ||
    Object.values<Partial<AlertPast> | null>(past ?? {}).some((one) => one?.notified !== undefined) ||
    (outage?.notified?.length ?? 0) > 0
  );
}

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
