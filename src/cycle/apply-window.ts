import { alertId } from '../alerts/alert-id.ts';
import { isOwed, type Transition } from '../alerts/alert-state.ts';
import type { Entry, StoredEvidence } from '../alerts/entry.ts';
import { tellEvent } from '../alerts/event.ts';
import type { Finding } from '../alerts/finding.ts';
import { endAlert, type StepContext, type Stepped, step } from '../alerts/step.ts';
import type { Json } from '../core/json.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Labels, Target } from '../routing/route.ts';
import type { Measured } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import { evidenceOfEvents } from './evidence.ts';
import type { Absence } from './judge.ts';
import { type Judgement, judgements } from './judgements.ts';
import { labelsOf, severityOf } from './labels.ts';
import { type Ended, groupKey, idsByGroup } from './rule-document.ts';
import type { LivingAlert, OwedEntry, RuleDocument } from './rule-states.ts';
import type { OwedWindow } from './windows-owed.ts';

/** One change of one alert in one window, for timelines, runs and evidence. */
export interface Change {
  readonly alert: string;
  readonly group: Group;
  readonly transition: Transition;
  readonly severity: string;
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
}

/** What a window did to a rule's document. */
export interface Applied {
  readonly document: RuleDocument;
  readonly changes: readonly Change[];
  readonly counts: Readonly<Record<Finding['kind'], number>>;
  /** Groups that could not be decided, with the reason; at most 20. */
  readonly unknown: readonly { readonly group: Group; readonly because: string }[];
}

/** What judging needs besides the rule and its document. */
export interface ApplyContext {
  readonly namespace: string;
  readonly absence: Absence;
  readonly every: number;
  readonly route: (labels: Labels, receivers: readonly string[] | undefined) => readonly Target[];
  /** Labels of an alert; `labelsOf` unless a built-in rule has its own way. */
  readonly labels?: (group: Group, severity: string) => Labels;
}

const UNKNOWN_SHOWN = 20;

/**
 * Folds one measured window into a rule's document: findings, alert steps, and each transition that is to be told as an owed entry with
 * its number and its targets fixed now. Pure; the caller saves.
 */
export function applyWindow(
  rule: Rule,
  before: RuleDocument,
  ended: readonly Ended[],
  owed: OwedWindow,
  measured: Measured<Json>,
  context: ApplyContext,
): Applied {
  const counts = { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 };
  const unknown: { readonly group: Group; readonly because: string }[] = [];
  const draft = startDraft(rule, before);
  for (const { id, alert, transitions } of ended)
    record(draft, rule, owed, context, { id, alert, transitions, values: {}, condition: '' });

  for (const judgement of judgements(rule, before, measured, context.absence)) {
    counts[judgement.finding.kind]++;
    if (judgement.finding.kind === 'unknown' && unknown.length < UNKNOWN_SHOWN) {
      unknown.push({ group: judgement.group, because: judgement.finding.because });
    }
    stepGroup(draft, rule, owed, context, judgement);
  }
  const document: RuleDocument = {
    ...before,
    judged_through: owed.at,
    every: context.every,
    n: draft.n,
    alerts: draft.alerts,
    memory: measured.memory,
    owed: draft.owed,
    owes: draft.owed.length > 0,
  };
  return { document, changes: draft.changes, counts, unknown };
}

/** The document's parts that change while its groups are stepped; lives only within `applyWindow`. */
interface Draft {
  n: number;
  readonly alerts: Record<string, LivingAlert>;
  readonly owed: OwedEntry[];
  readonly changes: Change[];
  readonly ids: ReadonlyMap<string, string>;
}

function startDraft(rule: Pick<Rule, 'groupBy'>, document: RuleDocument): Draft {
  return {
    n: document.n,
    alerts: { ...document.alerts },
    owed: [...document.owed],
    changes: [],
    ids: idsByGroup(rule.groupBy, document),
  };
}

function stepGroup(draft: Draft, rule: Rule, owed: OwedWindow, context: ApplyContext, judgement: Judgement): void {
  const key = groupKey(rule.groupBy, judgement.group);
  const knownId = draft.ids.get(key);
  // Most groups of most windows are fine and were fine: they have no alert, need none, and are not worth a hash.
  if (judgement.events !== undefined && judgement.finding.kind !== 'breach') return;
  if (
    knownId === undefined &&
    judgement.finding.kind !== 'breach' &&
    rule.lifecycle.noData !== 'alert' &&
    rule.lifecycle.settle === 0
  )
    return;
  const id = knownId ?? alertId(context.namespace, rule.id, judgement.group);
  const alert = draft.alerts[id];
  if (judgement.ends !== undefined && alert === undefined) return;
  const stepped = stepOf(alert, judgement, stepContext(id, rule, owed, context, judgement));
  const evidence = judgement.events && evidenceOfEvents(rule, judgement.events);
  const held = alert === undefined ? {} : heldPart(alert);
  if (stepped.state === undefined) delete draft.alerts[id];
  else draft.alerts[id] = { ...stepped.state, ...held };
  record(draft, rule, owed, context, {
    id,
    alert: alert ?? { group: judgement.group, status: 'inactive', since: owed.at },
    transitions: stepped.transitions,
    values: judgement.values,
    condition: judgement.condition,
    ...(evidence !== undefined && { evidence }),
  });
}

function stepOf(alert: LivingAlert | undefined, { finding, ends, events }: Judgement, context: StepContext): Stepped {
  if (ends !== undefined) return endAlert(alert, context.at, ends);
  if (events === undefined || finding.kind !== 'breach') return step(alert, finding, context);
  return tellEvent(finding.level, context);
}

function heldPart(alert: LivingAlert): Pick<LivingAlert, 'held_by' | 'labels'> {
  return { ...(alert.held_by && { held_by: alert.held_by }), ...(alert.labels && { labels: alert.labels }) };
}

function stepContext(id: string, rule: Rule, owed: OwedWindow, context: ApplyContext, judgement: Judgement): StepContext {
  return {
    id,
    group: judgement.group,
    at: owed.at,
    lifecycle: rule.lifecycle,
    present: judgement.present,
    previous: owed.previous,
    every: context.every,
  };
}

interface Recorded {
  readonly id: string;
  readonly alert: LivingAlert;
  readonly transitions: readonly Transition[];
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  readonly evidence?: StoredEvidence;
}

/** Numbers transitions, and gives the owed ones their targets: firing by route, a change of level by its new route, the end to who holds it. */
function record(
  draft: Draft,
  rule: Pick<Rule, 'name' | 'labels' | 'levels' | 'receivers'>,
  owed: Pick<OwedWindow, 'window' | 'purpose'>,
  context: Pick<ApplyContext, 'route' | 'labels'>,
  what: Recorded,
): void {
  let heldBy = what.alert.held_by ?? [];
  for (const transition of what.transitions) {
    const severity = severityNow(rule, transition, what.alert);
    const group = what.alert.group;
    draft.changes.push({ alert: what.id, group, transition, severity, values: what.values, condition: what.condition });
    draft.n++;
    if (!isOwed(transition)) continue;
    const fresh = context.labels?.(group, severity) ?? labelsOf(rule, group, severity);
    const labels = transition.kind === 'resolved' ? (what.alert.labels ?? fresh) : fresh;
    const to = transition.kind === 'resolved' ? heldBy : context.route(labels, rule.receivers);
    const entry = entryOf(what, transition, labels, severity, owed.window, owed.purpose === 'catch-up');
    if (to.length > 0) draft.owed.push({ ...entry, n: draft.n, to });
    const left = transition.kind === 'resolved' ? [] : heldBy.filter((old) => !to.some((target) => sameTarget(old, target)));
    if (left.length > 0) draft.owed.push({ ...entry, n: ++draft.n, kind: 'moved', to: left });
    heldBy = transition.kind === 'resolved' ? [] : to;
    const alert = draft.alerts[what.id];
    if (alert !== undefined && transition.kind === 'resolved') draft.alerts[what.id] = withoutHolders(alert);
    else if (alert !== undefined) draft.alerts[what.id] = { ...alert, held_by: heldBy, labels };
  }
}

/** An end is told with the severity that the episode was last told with, whatever a reload made of the rule since. */
function severityNow(rule: Pick<Rule, 'levels'>, transition: Transition, alert: LivingAlert): string {
  const told = transition.kind === 'resolved' ? alert.labels?.['severity'] : undefined;
  return told ?? severityOf(rule, transition.level ?? alert.level);
}

function withoutHolders(alert: LivingAlert): LivingAlert {
  const { held_by: _held, labels: _labels, ...rest } = alert;
  return rest;
}

function entryOf(
  what: Recorded,
  transition: Transition,
  labels: Labels,
  severity: string,
  window: TimeRange,
  late: boolean,
): Entry {
  return {
    n: 0,
    alert: what.id,
    episode: transition.episode ?? what.alert.episode ?? what.id,
    kind: transition.kind as Entry['kind'],
    reason: transition.reason,
    at: transition.at,
    started: what.alert.started ?? transition.at,
    group: what.alert.group,
    labels,
    level: severity,
    window,
    values: what.values,
    condition: what.condition,
    ...(what.evidence !== undefined && transition.kind === 'firing' && { evidence: what.evidence }),
    late,
  };
}

/**
 * Ends every alert of a document whose rule nobody judges any more; who was told of them is owed the end. Labels are those the alerts were
 * last routed with, since the rule's own are gone. Pure; the caller saves.
 */
export function endAll(document: RuleDocument, at: Instant, reason: 'rule_removed' | 'rule_changed'): RuleDocument {
  const draft = startDraft({ groupBy: [] }, document);
  const owed = { window: { from: document.judged_through, to: at }, purpose: 'live' } as const;
  const { second, ...rest } = document;
  for (const [id, alert] of Object.entries({ ...document.alerts, ...second?.alerts })) {
    delete draft.alerts[id];
    const { transitions } = endAlert(alert, at, reason);
    const rule = { name: document.rule, labels: {}, levels: [] };
    record(draft, rule, owed, { route: () => [] }, { id, alert, transitions, values: {}, condition: '' });
  }
  return { ...rest, n: draft.n, alerts: draft.alerts, owed: draft.owed, owes: draft.owed.length > 0 };
}

/** Says whether two targets are the same conversation. */
export function sameTarget(a: Target, b: Target): boolean {
  return (
    a.destination === b.destination && a.route === b.route && JSON.stringify(a.group_labels) === JSON.stringify(b.group_labels)
  );
}
