import type { Transition } from '../../alerts/alert-state.ts';
import type { Entry, StoredEvidence } from '../../alerts/entry.ts';
import type { Json } from '../../core/json.ts';
import { own, put } from '../../core/record.ts';
import type { Labels, Target } from '../../routing/route.ts';
import { sameTarget } from '../../routing/targets.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import type { DueWindow } from '../due-windows.ts';
import { labelsOf } from '../labels.ts';
import type { AlertPast, LivingAlert, OutboxEntry } from '../rule-states.ts';
import type { FlappingChange } from './flaps.ts';

/** One change of one alert in one window, for timelines, runs and evidence. */
export interface Change {
  readonly alert: string;
  readonly group: Group;
  readonly transition: Transition;
  readonly severity: string;
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  /** Not notified, because the alert flaps. */
  readonly quiet?: true;
}

/** The document's parts that change while its alerts are stepped; lives only within one fold. */
export interface Draft {
  n: number;
  readonly alerts: Record<string, LivingAlert>;
  readonly past: Record<string, AlertPast>;
  readonly outbox: OutboxEntry[];
  readonly changes: Change[];
  readonly flapping: FlappingChange[];
  /** What was measured of the alerts that flap, by alert id. */
  readonly measured: Map<string, Pick<Change, 'values' | 'condition'>>;
}

/** The parts of a rule needed to queue entries. */
type OutboxRule = Pick<Rule, 'name' | 'labels' | 'received' | 'levels' | 'receivers' | 'flapping' | 'sendResolved'>;

/** Where entries go and what they are about. */
export interface OutboxContext {
  readonly rule: OutboxRule;
  readonly dueWindow: Pick<DueWindow, 'window' | 'purpose'>;
  readonly route: (labels: Labels, receivers: readonly string[] | undefined) => readonly Target[];
  /** Labels of an alert; `labelsOf` unless a built-in rule has its own way. */
  readonly labels?: ((group: Group, severity: string) => Labels) | undefined;
  /** Whether a destination is configured; default: all are. */
  readonly isConfigured?: ((destination: string) => boolean) | undefined;
}

/** An alert as it was before its transitions, and what they are to be notified with. */
export interface AlertTransitions {
  readonly id: string;
  readonly alert: LivingAlert;
  readonly transitions: readonly Transition[];
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  readonly evidence?: StoredEvidence;
  /** It ends by a change of the rule, as far as the last evaluations say. */
  readonly ruleChanged?: boolean;
}

/** Who holds an alert, by which labels. */
export interface Holders {
  readonly held_by: readonly Target[];
  readonly labels: Labels | undefined;
}

/** One transition that is to be notified. */
export interface NewEntry extends Omit<AlertTransitions, 'transitions'> {
  readonly transition: Transition;
  readonly severity: string;
}

/** An entry before it has its number, its labels and its targets. */
export type Unaddressed = Omit<Entry, 'n' | 'labels'>;

/**
 * Queues an entry for its receivers: a firing by route; a change of level by its new route, and to those it leaves that it moved; the end to
 * who holds it. The living alert remembers who holds it now. Gives the new holders.
 */
export function address(
  draft: Draft,
  unaddressed: Unaddressed,
  { held_by, labels: known }: Holders,
  context: OutboxContext,
): Holders {
  const { alert: id, group, level } = unaddressed;
  const over = unaddressed.kind === 'resolved';
  const fresh = labelsNow(group, level, context);
  const labels = over ? (known ?? fresh) : fresh;
  const to = over ? held_by : context.route(labels, context.rule.receivers).map((target) => staying(target, held_by));
  const entry = { ...unaddressed, labels };
  if (to.length > 0) draft.outbox.push({ ...entry, n: draft.n, to });
  const left = over ? [] : held_by.filter((old) => !to.some((target) => sameTarget(old, target)));
  const moved_to = [...new Set(to.map(({ receiver }) => receiver))];
  if (left.length > 0) draft.outbox.push({ ...entry, n: ++draft.n, kind: 'moved', moved_to, to: left });
  const alert = own(draft.alerts, id);
  if (alert !== undefined && over) put(draft.alerts, id, withoutHolders(alert));
  else if (alert !== undefined) put(draft.alerts, id, { ...alert, held_by: to, labels });
  return over ? { held_by: [], labels: undefined } : { held_by: to, labels };
}

/** The alert without its receivers. */
export function withoutHolders(alert: LivingAlert): LivingAlert {
  const { held_by: _held, labels: _labels, notified_as: _notified, ...rest } = alert;
  return rest;
}

/** An entry about a transition, under the episode that receivers know the alert by. */
export function entryOf(what: NewEntry, kind: Entry['kind'], { dueWindow, rule }: OutboxContext): Unaddressed {
  const { transition, alert } = what;
  // An episode that begins may follow another one at its tick, of which the alert still speaks.
  const known = transition.kind === 'firing' ? undefined : alert.notified_as;
  const started = transition.kind === 'firing' ? transition.started : alert.started;
  return {
    alert: what.id,
    episode: known?.episode ?? transition.episode ?? alert.episode ?? what.id,
    kind,
    reason: transition.reason,
    at: transition.at,
    started: known?.started ?? started ?? transition.at,
    group: alert.group,
    level: what.severity,
    window: dueWindow.window,
    values: what.values,
    condition: what.condition,
    ...(what.evidence !== undefined && kind === 'firing' && { evidence: what.evidence }),
    ...(rule.sendResolved === false && { no_recovery: true }),
    ...(kind === 'resolved' && transition.reason === 'recovered' && what.ruleChanged && { rule_changed: true }),
    late: dueWindow.purpose === 'catch-up',
  };
}

/** The labels of an alert as the rule is now. */
export function labelsNow(group: Group, severity: string, { rule, labels }: OutboxContext): Labels {
  return labels?.(group, severity) ?? labelsOf(rule, group, severity);
}

/**
 * The alert group that an alert stays in when its route does not divide by severity: one that was begun while routes did, under the severity of that
 * time, goes on. Otherwise the target itself.
 */
function staying(target: Target, held_by: readonly Target[]): Target {
  if (Object.hasOwn(target.group_labels, 'severity')) return target;
  const before = held_by.find(
    ({ group_labels: { severity, ...rest }, ...old }) =>
      severity !== undefined && sameTarget({ ...old, group_labels: rest }, target),
  );
  return before ?? target;
}
