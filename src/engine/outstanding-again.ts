import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import { flappingOf } from '../evaluation/outbox/flaps.ts';
import { sourceOf } from '../evaluation/rule-document.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { QueuedEntry } from '../notify/alert-group.ts';
import type { SaidOfGroup } from '../notify/replacement.ts';
import type { Target } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';

/** What turns a rule's document into entries: the rule, where it is loaded, and the alert group that they are for. */
export interface AgainContext {
  readonly rule: Rule | undefined;
  readonly isGroup: (target: Target) => boolean;
  readonly now: Instant;
}

/** What a rule's document says of an alert group that is replaced; undefined: nothing. */
export function saidOfGroup(document: RuleDocument, context: AgainContext): SaidOfGroup | undefined {
  const entries = document.outbox.flatMap(({ to, ...entry }) => (to.some(context.isGroup) ? [entry] : []));
  const firing = [...alertsAgain(document, context), ...flappingAgain(document, context), ...outagesAgain(document, context)];
  if (entries.length === 0 && firing.length === 0) return undefined;
  return { incoming: { source: sourceOf(document), rule: document.rule, entries }, n: document.n, firing };
}

/** The targets of a rule's document: of its alerts, of those that flap, and of the messages about its source. */
export function targetsIn({ alerts, past = {}, outage, outbox }: RuleDocument): readonly Target[] {
  return [
    ...Object.values(alerts).flatMap(({ held_by }) => held_by ?? []),
    ...Object.values(past).flatMap(({ notified }) => notified?.held_by ?? []),
    ...(outage?.notified ?? []).flatMap(({ held_by }) => held_by),
    ...outbox.flatMap(({ to }) => to),
  ];
}

function alertsAgain(document: RuleDocument, context: AgainContext): readonly QueuedEntry[] {
  const { isGroup, now } = context;
  const held = new Map((document.outage?.held ?? []).map((one) => [one.alert, one]));
  return Object.entries(document.alerts).flatMap(([alert, living]): readonly QueuedEntry[] => {
    const { held_by = [], episode, group, labels = {}, notified_as, started, since, level } = living;
    // What flaps is notified as one episode, which follows below.
    if (episode === undefined || own(document.past, alert)?.notified !== undefined || !held_by.some(isGroup)) return [];
    const { values = {}, condition = '', until = 0 } = held.get(alert) ?? {};
    const about = { alert, group, labels, values, condition, level: labels['severity'] ?? level ?? 'warning' };
    const known = { episode: notified_as?.episode ?? episode, started: notified_as?.started ?? started ?? since };
    const hold = now < until ? { hold: { until, why: 'the message about its source' } } : {};
    return [{ ...base(document, context), ...about, ...known, ...hold }];
  });
}

function flappingAgain(document: RuleDocument, context: AgainContext): readonly QueuedEntry[] {
  return Object.entries(document.past ?? {}).flatMap(([alert, { notified }]): readonly QueuedEntry[] => {
    if (notified === undefined || !notified.held_by.some(context.isGroup)) return [];
    const { episode, started, group, labels, level } = notified;
    const flapping = flappingOf(notified, context.rule?.flapping);
    return [{ ...base(document, context), alert, episode, started, group, labels, level, values: {}, condition: '', flapping }];
  });
}

function outagesAgain(document: RuleDocument, context: AgainContext): readonly QueuedEntry[] {
  return (document.outage?.notified ?? []).flatMap((notified): readonly QueuedEntry[] => {
    if (!notified.held_by.some(context.isGroup)) return [];
    const { alert, episode, started, labels, level, facts, flapping } = notified;
    const window = { from: facts.since, to: document.evaluated_through };
    const about = { alert, episode, started, labels, level, group: {}, values: { groups: facts.total }, condition: '', window };
    const flaps = flapping === undefined ? {} : { flapping: flappingOf(flapping, context.rule?.flapping) };
    return [{ ...base(document, context), ...about, ...flaps, reason: 'no_data', outage: facts }];
  });
}

/** Under the last number of the document: they are not its own entries, and must not be confused with them. */
function base(document: RuleDocument, { rule, now }: AgainContext) {
  const { n, evaluated_through: at, every } = document;
  const window = { from: at - every, to: at };
  const quiet = rule?.sendResolved === false ? { no_recovery: true as const } : {};
  const whose = { n, source: sourceOf(document), rule: document.rule, queued_at: now };
  return { ...whose, kind: 'firing' as const, reason: 'breach', at, window, late: false, ...quiet };
}
