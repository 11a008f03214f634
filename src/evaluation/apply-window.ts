import { alertId } from '../alerts/alert-id.ts';
import type { Finding } from '../alerts/finding.ts';
import { endAlert, notifyEvent, type StepContext, type Stepped, step } from '../alerts/step.ts';
import type { Json } from '../core/json.ts';
import { own, put } from '../core/record.ts';
import { uncovered } from '../core/schedule.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Labels, Target } from '../routing/route.ts';
import type { Measured } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import { groupKey } from '../search/group-key.ts';
import type { Group } from '../search/query.ts';
import type { DueWindow } from './due-windows.ts';
import type { Absence } from './evaluate-reading.ts';
import { evidenceOfEvents } from './evidence/evidence.ts';
import { type GroupFinding, groupFindings } from './group-findings.ts';
import { type FlappingChange, pastsWithUncovered } from './outbox/flaps.ts';
import { appendEntries } from './outbox/outbox.ts';
import type { Change, Draft, OutboxContext } from './outbox/outbox-entry.ts';
import { endFlapping, settleFlapping } from './outbox/outbox-while-flapping.ts';
import { type Firing, hasLeft, readdress } from './outbox/readdress.ts';
import { type EndedAlert, idsByGroup } from './rule-document.ts';
import type { LivingAlert, Measurement, RuleDocument } from './rule-states.ts';

/** What a window did to a rule's document. */
export interface Applied {
  readonly document: RuleDocument;
  readonly changes: readonly Change[];
  /** Alerts that began to flap, or are steady again. */
  readonly flapping: readonly FlappingChange[];
  readonly counts: Readonly<Record<Finding['kind'], number>>;
  /** Groups that could not be decided, with the reason; at most 20. */
  readonly unknown: readonly { readonly group: Group; readonly because: string }[];
  /** What was found of each group, of those measured and of those that are only remembered. */
  readonly findings: readonly GroupFinding[];
}

/** What evaluating needs besides the rule and its document. */
export interface ApplyContext {
  readonly namespace: string;
  readonly absence: Absence;
  /** Distance from the tick to the one before it, ms. */
  readonly every: number;
  /** The usual distance between ticks, ms; `every` by default. */
  readonly usualEvery?: number;
  readonly route: (labels: Labels, receivers: readonly string[] | undefined) => readonly Target[];
  /** Labels of an alert; `labelsOf` unless a built-in rule has its own way. */
  readonly labels?: (group: Group, severity: string) => Labels;
  /** Whether a destination is configured: alerts move away from one that is not. Default: all are. */
  readonly isConfigured?: ((destination: string) => boolean) | undefined;
}

/** A window and what was measured in it. */
export interface MeasuredWindow {
  readonly dueWindow: DueWindow;
  readonly measured: Measured<Json>;
  /** Alerts that ended because the rule changed, and are reported with this window. */
  readonly ended?: readonly EndedAlert[];
}

const UNKNOWN_SHOWN = 20;
const UNSEEN = { values: {}, condition: '' } as const;

/**
 * Folds one measured window into a rule's document: findings, alert steps, and each transition that is to be notified as an outbox entry with
 * its number and its targets fixed now. Pure; the caller saves.
 */
export function applyWindow(
  rule: Rule,
  before: RuleDocument,
  { dueWindow, measured, ended = [] }: MeasuredWindow,
  context: ApplyContext,
): Applied {
  const counts = { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 };
  const unknown: { readonly group: Group; readonly because: string }[] = [];
  const draft = startDraft(before, uncovered(dueWindow.previous, dueWindow.at, context.usualEvery ?? context.every));
  const { route, labels, isConfigured } = context;
  const outboxContext: OutboxContext = { rule, dueWindow, route, labels, isConfigured };
  const ids = idsByGroup(rule.groupBy, before);
  const leaves = hasLeft(before, isConfigured);
  const scene: Scene = { rule, dueWindow, context, outboxContext, ids };
  const seen = new Map<string, Pick<Firing, 'values' | 'condition'>>();
  for (const { id, alert, transitions } of ended) {
    // This window is of the rule as it is now, and says nothing of what it was.
    const last = { ...outboxContext, dueWindow: { ...dueWindow, window: alert.measured?.window ?? dueWindow.window } };
    appendEntries(draft, { id, alert, transitions, values: {}, condition: '' }, last);
  }

  const found = groupFindings(rule, before, measured, context.absence);
  for (const groupFinding of found) {
    counts[groupFinding.finding.kind]++;
    if (groupFinding.finding.kind === 'unknown' && unknown.length < UNKNOWN_SHOWN) {
      unknown.push({ group: groupFinding.group, because: groupFinding.finding.because });
    }
    stepGroup(draft, groupFinding, scene);
    const known = leaves ? ids.get(groupKey(rule.groupBy, groupFinding.group)) : undefined;
    if (known !== undefined) seen.set(known, groupFinding);
  }
  // Also those whose group was not measured.
  if (leaves)
    for (const [id, alert] of Object.entries(draft.alerts))
      readdress(draft, { id, alert, ...(seen.get(id) ?? UNSEEN) }, outboxContext);
  const past = settleFlapping(draft, dueWindow.at, rule.groupBy, outboxContext);
  const { past: _past, ...rest } = before;
  const document: RuleDocument = {
    ...rest,
    evaluated_through: dueWindow.at,
    every: context.every,
    n: draft.n,
    alerts: draft.alerts,
    memory: measured.memory,
    outbox: draft.outbox,
    hasOutbox: draft.outbox.length > 0,
    ...(past !== undefined && { past }),
  };
  return { document, changes: draft.changes, flapping: draft.flapping, counts, unknown, findings: found };
}

/** `lost`: how much of the time since the tick before no evaluation covered, ms. */
function startDraft(document: RuleDocument, lost: Duration = 0): Draft {
  return {
    n: document.n,
    alerts: { ...document.alerts },
    past: pastsWithUncovered(document.past, lost),
    outbox: [...document.outbox],
    changes: [],
    flapping: [],
    measured: new Map(),
  };
}

/** What all groups of a window are stepped with. */
interface Scene {
  readonly rule: Rule;
  readonly dueWindow: DueWindow;
  readonly context: ApplyContext;
  readonly outboxContext: OutboxContext;
  /** Ids of the living alerts by the key of their group. */
  readonly ids: ReadonlyMap<string, string>;
}

function stepGroup(draft: Draft, groupFinding: GroupFinding, scene: Scene): void {
  const { rule, dueWindow, context, outboxContext, ids } = scene;
  const knownId = ids.size === 0 ? undefined : ids.get(groupKey(rule.groupBy, groupFinding.group));
  // Most groups of most windows are fine and were fine: they have no alert, need none, and are not worth a hash.
  if (groupFinding.events !== undefined && groupFinding.finding.kind !== 'breach') return;
  if (
    knownId === undefined &&
    groupFinding.finding.kind !== 'breach' &&
    rule.lifecycle.noData !== 'alert' &&
    rule.lifecycle.settle === 0
  )
    return;
  const id = knownId ?? alertId(context.namespace, rule.id, groupFinding.group);
  const alert = own(draft.alerts, id);
  if (groupFinding.ends !== undefined && alert === undefined) return;
  const stepped = stepOf(alert, groupFinding, stepContext(id, groupFinding, scene));
  const evidence = groupFinding.events && evidenceOfEvents(rule, groupFinding.events);
  const definition = definitionAfter(alert, groupFinding, stepped, rule.definition);
  const ruleChanged = alert?.definition !== undefined && alert.definition !== rule.definition;
  const { values, condition } = groupFinding;
  if (stepped.state === undefined) delete draft.alerts[id];
  else {
    const measured = measurementAfter(alert, groupFinding, stepped, dueWindow);
    put(draft.alerts, id, livingAfter(alert, stepped.state, { definition, measured }));
  }
  if (own(draft.past, id) !== undefined) draft.measured.set(id, { values, condition });
  const before: LivingAlert = alert ?? { group: groupFinding.group, status: 'inactive', since: dueWindow.at };
  const { transitions } = stepped;
  appendEntries(
    draft,
    { id, alert: before, transitions, values, condition, ruleChanged, ...(evidence !== undefined && { evidence }) },
    outboxContext,
  );
}

/**
 * What the rule said when it last found the problem, so that an end can be distinguished from a change of the rule. Once an alert begins to recover by that
 * very rule, what is changed later does not matter.
 */
function definitionAfter(
  alert: LivingAlert | undefined,
  { finding }: GroupFinding,
  { state, transitions }: Stepped,
  now: string | undefined,
): string | undefined {
  if (state === undefined || (state.status !== 'firing' && state.status !== 'recovering')) return undefined;
  if (finding.kind === 'breach' || finding.kind === 'absent') return now;
  const begins = transitions.some(({ kind }) => kind === 'recovering');
  return begins && alert?.definition === now ? undefined : alert?.definition;
}

/** What a reminder says: what was measured when the problem was last found. Nothing more is written for it than the document itself. */
function measurementAfter(
  alert: LivingAlert | undefined,
  { finding, values, condition }: GroupFinding,
  { state }: Stepped,
  { window }: Pick<DueWindow, 'window'>,
): Measurement | undefined {
  if (state === undefined || (state.status !== 'firing' && state.status !== 'recovering')) return undefined;
  const finds = finding.kind === 'breach' || finding.kind === 'between' || finding.kind === 'absent';
  return finds ? { values, condition, window } : alert?.measured;
}

function stepOf(alert: LivingAlert | undefined, { finding, ends, events }: GroupFinding, context: StepContext): Stepped {
  if (ends !== undefined) return endAlert(alert, context.at, ends);
  if (events === undefined || finding.kind !== 'breach') return step(alert, finding, context);
  return notifyEvent(finding.level, context);
}

interface Noted {
  readonly definition: LivingAlert['definition'] | undefined;
  readonly measured: LivingAlert['measured'] | undefined;
}

/**
 * The alert as it is stored: what was stepped, with those it was sent to before, and with what is noted now. Members are assigned to a copy, which already
 * has them at most ticks: a spread for each would take longer than the step.
 */
function livingAfter(before: LivingAlert | undefined, stepped: LivingAlert, { definition, measured }: Noted): LivingAlert {
  const living: { -readonly [K in keyof LivingAlert]: LivingAlert[K] } = { ...stepped };
  if (before?.held_by !== undefined) living.held_by = before.held_by;
  if (before?.labels !== undefined) living.labels = before.labels;
  if (before?.notified_as !== undefined) living.notified_as = before.notified_as;
  if (definition !== undefined) living.definition = definition;
  else if (living.definition !== undefined) delete living.definition;
  if (measured !== undefined) living.measured = measured;
  else if (living.measured !== undefined) delete living.measured;
  return living;
}

function stepContext(id: string, groupFinding: GroupFinding, { rule, dueWindow, context }: Scene): StepContext {
  return {
    id,
    group: groupFinding.group,
    at: dueWindow.at,
    lifecycle: rule.lifecycle,
    present: groupFinding.present,
    previous: dueWindow.previous,
    every: context.usualEvery ?? context.every,
  };
}

/**
 * Ends every alert of a document whose rule is no longer evaluated; their receivers are notified of the end. Labels are those the alerts were
 * last routed with, since the rule's own no longer exist. Pure; the caller saves.
 */
export function endAll(document: RuleDocument, at: Instant, reason: 'rule_removed' | 'rule_changed'): RuleDocument {
  const draft = startDraft(document);
  // No window was evaluated for it: the last one applies, that of the alert if known.
  const through = document.evaluated_through;
  const contextOf = (alert?: LivingAlert): OutboxContext => ({
    rule: { name: document.rule, labels: {}, levels: [] },
    dueWindow: { window: alert?.measured?.window ?? { from: through, to: through }, purpose: 'live' },
    route: () => [],
  });
  const { second, past: _past, ...rest } = document;
  for (const [id, alert] of Object.entries({ ...document.alerts, ...second?.alerts })) {
    delete draft.alerts[id];
    const { transitions } = endAlert(alert, at, reason);
    appendEntries(draft, { id, alert, transitions, values: {}, condition: '' }, contextOf(alert));
  }
  for (const [id, { notified }] of Object.entries(draft.past)) {
    if (notified !== undefined) endFlapping(draft, { id, notified: { ...notified, changed: at } }, { at, reason }, contextOf());
  }
  return { ...rest, n: draft.n, alerts: draft.alerts, outbox: draft.outbox, hasOutbox: draft.outbox.length > 0 };
}
