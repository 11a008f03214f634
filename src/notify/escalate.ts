import { isEnd } from '../alerts/entry.ts';
import { groupedBy } from '../core/grouped-by.ts';
import type { RuleId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Target } from '../routing/route.ts';
import { type AcknowledgedAlerts, isAcknowledged, worseAt } from './acknowledgements.ts';
import type { AlertGroupDocument, Escalation, Leaving, NotifiedAlert, QueuedEntry } from './alert-group.ts';
import { waitingByAlert } from './waiting-by-alert.ts';

/** One step of an escalation: who is notified too, how long after the first message. */
interface EscalationStep {
  readonly after: Duration;
  readonly receiver: string;
  readonly targets: readonly Target[];
}

/** How alerts of a rule escalate in an alert group, the earliest step first. */
export interface EscalationPlan {
  readonly steps: readonly EscalationStep[];
  /** Receivers are not notified of the end of its alerts. */
  readonly quiet: boolean;
  /** Says whether a destination is no longer configured. */
  readonly isGone?: (destination: string) => boolean;
}

/** What decides about escalations, beside what decides when an alert group speaks. */
export interface EscalateContext {
  readonly suppressedBy: ReadonlyMap<string, string>;
  readonly acknowledged: AcknowledgedAlerts;
  readonly escalationOf: (rule: RuleId) => EscalationPlan;
}

/**
 * Passes on changes of escalated alerts: each entry that waits here is copied once for those that were notified in addition, and the end of an
 * episode ends its escalation. Gives the same document when there is nothing to pass on. Pure.
 */
export function passOn(
  document: AlertGroupDocument,
  now: Instant,
  { escalationOf }: Pick<EscalateContext, 'escalationOf'>,
): AlertGroupDocument {
  const { escalations } = document;
  if (escalations === undefined) return document;
  const copies: { readonly entry: QueuedEntry; readonly to: readonly Target[] }[] = [];
  const left: Record<string, Escalation> = { ...escalations };
  const queued = document.queued.map((entry) => {
    const escalation = own(left, entry.alert);
    if (escalation?.episode !== entry.episode || entry.passed_on === true) return entry;
    if (isEnd(entry)) delete left[entry.alert];
    if (escalation.to.length === 0) return entry;
    const plan = escalationOf(entry.rule);
    if (isEnd(entry)) copies.push(...endsByStep(entry, escalation, plan, document));
    else copies.push({ entry: copyOf(entry, document, plan.quiet), to: escalation.to });
    return { ...entry, passed_on: true as const };
  });
  if (copies.length === 0 && Object.keys(left).length === Object.keys(escalations).length) return document;
  return withLeft({ ...document, queued, escalations: left }, copies, now);
}

/**
 * Lets alerts escalate whose time has come: one that its receiver was notified of, or could not be, and that is neither acknowledged nor held back.
 * The entry for those who are notified in addition is in the same write as the note that it is. Pure.
 */
export function escalate(document: AlertGroupDocument, now: Instant, context: EscalateContext): AlertGroupDocument {
  const firing = firingHere(document);
  const before = document.escalations ?? {};
  const escalations: Record<string, Escalation> = {};
  const copies: { readonly entry: QueuedEntry; readonly to: readonly Target[] }[] = [];
  const passed = new Set<string>();
  let waiting: ReturnType<typeof waitingByAlert> | undefined;
  for (const [alert, known] of firing) {
    const plan = context.escalationOf(known.rule);
    const noted = own(before, alert);
    const mine = noted?.episode === known.episode ? noted : undefined;
    if (known.escalated !== undefined || (plan.steps.length === 0 && mine === undefined)) continue;
    let escalation = mine ?? { episode: known.episode, since: now, done: 0, to: [] };
    if (isWorseNow(alert, document, now)) escalation = { ...escalation, since: now };
    const due = isHeldOrAcknowledged(alert, known, context) ? [] : stepsTaken(escalation, plan.steps, now);
    // A receiver that was renamed, or given another destination, takes the place of the one that no longer exists.
    const taken = escalation.to.some(({ destination }) => plan.isGone?.(destination) === true)
      ? plan.steps.slice(0, escalation.done).filter((step) => newTargets([step], escalation.to, document).length > 0)
      : [];
    for (const step of isHeldOrAcknowledged(alert, known, context) ? [] : taken) {
      const to = newTargets([step], escalation.to, document);
      escalation = { ...escalation, to: [...escalation.to, ...to] };
      passed.add(alert);
      waiting ??= waitingByAlert(document);
      copies.push({ entry: firingCopy(alert, known, document, { now, ...stepFacts(step, plan, escalation), waiting }), to });
    }
    for (const step of due) {
      const to = newTargets([step], escalation.to, document);
      escalation = { ...escalation, done: escalation.done + 1, to: [...escalation.to, ...to] };
      if (to.length === 0) continue;
      passed.add(alert);
      waiting ??= waitingByAlert(document);
      copies.push({ entry: firingCopy(alert, known, document, { now, ...stepFacts(step, plan, escalation), waiting }), to });
    }
    put(escalations, alert, escalation);
  }
  // What waits here is in the copy already.
  const isNew = (entry: QueuedEntry) => passed.has(entry.alert) && entry.passed_on !== true;
  const queued = document.queued.some(isNew)
    ? document.queued.map((entry) => (isNew(entry) ? { ...entry, passed_on: true as const } : entry))
    : document.queued;
  if (copies.length === 0 && isUnchanged(before, escalations)) return document;
  return withLeft({ ...document, queued, escalations }, copies, now);
}

/** When the next alert escalates, if no one acknowledges it before; undefined: none does. What is held back is looked at anyway. */
export function escalationDue(document: AlertGroupDocument, context: EscalateContext): Instant | undefined {
  if (document.escalations === undefined) return undefined;
  const firing = firingHere(document);
  const times = Object.entries(document.escalations).flatMap(([alert, { since, done }]) => {
    const known = firing.get(alert);
    const next = known === undefined ? undefined : context.escalationOf(known.rule).steps[done];
    if (known === undefined || next === undefined || isHeldOrAcknowledged(alert, known, context)) return [];
    return [since + next.after];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Who is notified of an alert in addition, because it escalated here. */
export function escalatedTo({ escalations }: AlertGroupDocument, alert: string): readonly Target[] {
  return own(escalations, alert)?.to ?? [];
}

/** What is known of an alert that fires here: as its receiver was notified of it, or as it is to be. */
type Known = Pick<NotifiedAlert, 'rule' | 'episode' | 'level' | 'source' | 'worse_at' | 'escalated'>;

/** The alerts of which a message was at least begun, and that have not ended as far as this alert group knows. */
function firingHere({ alerts, inflight, failed, queued }: AlertGroupDocument): ReadonlyMap<string, Known> {
  const firing = new Map<string, Known>(Object.entries(alerts));
  const begun = inflight?.repeats === undefined ? (inflight?.facts.entries ?? []) : [];
  for (const entry of [...failed, ...begun]) {
    if (isEnd(entry)) firing.delete(entry.alert);
    else firing.set(entry.alert, knownFrom(entry, own(alerts, entry.alert)));
  }
  for (const entry of queued) if (isEnd(entry) && firing.get(entry.alert)?.episode === entry.episode) firing.delete(entry.alert);
  return firing;
}

function knownFrom(entry: QueuedEntry, notified: NotifiedAlert | undefined): Known {
  const { rule, episode, level, source, escalated } = entry;
  const worse_at = worseAt(entry, notified);
  return {
    ...{ rule, episode, level, source },
    ...(worse_at !== undefined && { worse_at }),
    ...(escalated !== undefined && { escalated: escalated.from }),
  };
}

/** A message that says that it is worse begins with this write: those who get it have their time again. */
function isWorseNow(alert: string, { inflight }: AlertGroupDocument, now: Instant): boolean {
  if (inflight === null || inflight.since !== now || inflight.attempts > 0) return false;
  return inflight.facts.entries.some((entry) => entry.alert === alert && entry.kind === 'worse');
}

/** Steps whose time has come. */
function stepsTaken({ since, done }: Escalation, steps: readonly EscalationStep[], now: Instant): readonly EscalationStep[] {
  return steps.slice(done).filter(({ after }) => since + after <= now);
}

function isHeldOrAcknowledged(alert: string, known: Known, { suppressedBy, acknowledged }: EscalateContext): boolean {
  return suppressedBy.has(alert) || isAcknowledged(acknowledged.get(alert), known);
}

function isSame(a: Target, b: Target): boolean {
  return a.destination === b.destination && a.route === b.route;
}

function isUnchanged(before: Readonly<Record<string, Escalation>>, after: Readonly<Record<string, Escalation>>): boolean {
  const keys = Object.keys(after);
  return keys.length === Object.keys(before).length && keys.every((alert) => own(before, alert) === own(after, alert));
}

/** What the receiver of a step has to know of it: after how long it is notified, and who was before. */
interface StepFacts {
  readonly after: Duration;
  readonly quiet: boolean;
  readonly notified_at: Instant;
  readonly before: readonly string[];
}

function stepFacts(step: EscalationStep, { steps, quiet }: EscalationPlan, { since }: Escalation): StepFacts {
  const before = steps.slice(0, steps.indexOf(step)).map(({ receiver }) => receiver);
  return { after: step.after, quiet, notified_at: since, before: [...new Set(before)] };
}

interface Firing extends StepFacts {
  readonly now: Instant;
  readonly waiting: ReturnType<typeof waitingByAlert>;
}

/** The alert as it is known here, for a receiver that was not notified of it before. */
function firingCopy(alert: string, known: Known, document: AlertGroupDocument, { now, waiting, ...step }: Firing): QueuedEntry {
  const latest = waiting.get(alert)?.findLast((entry) => entry.episode === known.episode && !isEnd(entry));
  const notified = own(document.alerts, alert);
  const firing = { kind: 'firing', reason: 'escalated', at: now, queued_at: now, late: false } as const;
  const { worse_at } = known;
  if (latest !== undefined) return withOrigin({ ...latest, ...firing }, document, { ...step, worse_at });
  if (notified === undefined) throw new Error(`nothing is known of ${alert}, which is to escalate`);
  const { rule, source, episode, since, labels, group, level, window, values, condition, flapping, outage } = notified;
  const about = { rule, source, episode, labels, group, level, window, values, condition, alert, n: 0, started: since };
  const entry = { ...about, ...firing, ...(flapping && { flapping }), ...(outage && { outage }) };
  return withOrigin(entry, document, { ...step, worse_at });
}

function copyOf(entry: QueuedEntry, document: AlertGroupDocument, quiet: boolean): QueuedEntry {
  return withOrigin(entry, document, { quiet });
}

interface CopiedEnd {
  readonly entry: QueuedEntry;
  readonly to: readonly Target[];
}

/**
 * The end for those who were notified in addition, with the step that each belongs to: by it the receiver that replaces it is found, should it be
 * removed, or if it was. That one is notified only if it was ever notified itself, which its own alert group knows.
 */
function endsByStep(
  entry: QueuedEntry,
  escalation: Escalation,
  plan: EscalationPlan,
  document: AlertGroupDocument,
): readonly CopiedEnd[] {
  const { to } = escalation;
  const { steps, quiet } = plan;
  const beside = to.length > 1 ? to.map(({ destination }) => destination) : [];
  const known = steps.map(({ after, targets }) => ({
    after,
    to: to.filter((one) => targets.some((other) => isSame(one, other))),
  }));
  const others = to.filter((one) => !known.some((step) => step.to.includes(one)));
  const gone = goneByStep(others, escalation, plan, document);
  const rest = others.filter((one) => !gone.some((step) => step.to.includes(one)));
  return [
    ...[...known, ...gone].map((step) => ({
      entry: withOrigin(entry, document, { quiet, after: step.after, beside }),
      to: step.to,
    })),
    { entry: copyOf(entry, document, quiet), to: rest },
  ].filter((copy) => copy.to.length > 0);
}

/**
 * Receivers and destinations that no longer exist, with the step of which each was: that of the same receiver, which has another destination now; else, in
 * the order in which they were notified, the steps whose receivers no one was notified of.
 */
function goneByStep(
  others: readonly Target[],
  { done, to }: Escalation,
  { steps, isGone }: EscalationPlan,
  document: AlertGroupDocument,
): readonly { readonly after: Duration; readonly to: readonly Target[] }[] {
  const open = steps.slice(0, done).filter((step) => newTargets([step], to, document).length > 0);
  const unread = open.filter(({ targets }) => !targets.some((one) => to.some((other) => isSame(one, other))));
  const gone = groupedBy(
    others.filter(({ destination }) => isGone?.(destination) === true),
    ({ receiver }) => receiver,
  );
  return [...gone].flatMap(([receiver, targets], index) => {
    const step = open.find((one) => one.receiver === receiver) ?? unread[Math.min(index, unread.length - 1)];
    return step === undefined ? [] : [{ after: step.after, to: targets }];
  });
}

/** Who takes the place of a destination that an alert had escalated to: the receivers of its step, as they are now. */
export function successorsOfStep(
  { escalated }: Pick<QueuedEntry, 'escalated'>,
  { steps }: Pick<EscalationPlan, 'steps'>,
): readonly Target[] {
  return escalated?.after === undefined ? [] : (steps.find(({ after }) => after === escalated.after)?.targets ?? []);
}

function newTargets(
  steps: readonly EscalationStep[],
  to: readonly Target[],
  { destination }: AlertGroupDocument,
): readonly Target[] {
  const all = steps.flatMap(({ targets }) => targets);
  const isNew = (target: Target) => target.destination !== destination && !to.some((other) => isSame(other, target));
  return all.filter((target, index) => isNew(target) && all.findIndex((other) => isSame(other, target)) === index);
}

/** What a copy says of where it comes from. */
interface Origin extends Partial<StepFacts> {
  readonly worse_at?: Instant | undefined;
  readonly beside?: readonly string[];
}

/** Whether the end is notified is for the rule and the other destination to say, and not for this one. */
function withOrigin(
  entry: QueuedEntry,
  { receiver }: AlertGroupDocument,
  { quiet, after, worse_at, notified_at, before = [], beside = [] }: Origin,
): QueuedEntry {
  const { no_recovery: _here, why: _why, beside: _beside, notified: _known, passed_on: _passed, hold: _hold, ...rest } = entry;
  const escalated = {
    ...{ from: receiver, source: entry.source, n: entry.n },
    ...(after !== undefined && { after }),
    ...(worse_at !== undefined && { worse_at }),
    ...(notified_at !== undefined && { notified_at }),
    ...(before.length > 0 && { before }),
    ...(beside.length > 0 && { beside }),
  };
  return { ...rest, escalated, ...(quiet && { no_recovery: true as const }) };
}

/** With copies that others are to take over, numbered like everything that leaves this alert group. */
function withLeft(
  document: AlertGroupDocument,
  copies: readonly { readonly entry: QueuedEntry; readonly to: readonly Target[] }[],
  now: Instant,
): AlertGroupDocument {
  const { escalations, ...rest } = document;
  const kept = escalations !== undefined && Object.keys(escalations).length > 0 ? { ...rest, escalations } : rest;
  if (copies.length === 0) return kept;
  const leaving: Leaving = document.leaving ?? { since: now, n: 0, entries: [] };
  const added = copies.map(({ entry, to }, index) => ({ ...entry, n: leaving.n + index + 1, to }));
  return { ...kept, leaving: { ...leaving, n: leaving.n + copies.length, entries: [...leaving.entries, ...added] } };
}
