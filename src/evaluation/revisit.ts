import { alertId } from '../alerts/alert-id.ts';
import { isWorse } from '../alerts/levels.ts';
import type { RuleId } from '../core/ids.ts';
import { own, put } from '../core/record.ts';
import { newestTick } from '../core/schedule.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import { type ApplyContext, applyWindow, type MeasuredWindow } from './apply-window.ts';
import { type DueWindow, windowOf } from './due-windows.ts';
import type { Change } from './outbox/outbox-entry.ts';
import type { LivingAlert, OutboxEntry, Revisit, RuleDocument } from './rule-states.ts';

/** Most episodes remembered of one alert; more within one `revisit` would be flapping that was notified already. */
const EPISODES = 20;

/**
 * The window due for a second look beside the tick `at`: the one that closed `revisit` ago. Undefined until the rule was evaluated for that
 * long: what was never looked at a first time has no late documents.
 */
export function dueRevisit(rule: Rule, document: RuleDocument, at: Instant): DueWindow | undefined {
  const through = document.second?.through;
  if (rule.revisit === undefined || through === undefined) return undefined;
  const tick = newestTick(rule.schedule, at - rule.revisit);
  if (tick === undefined || tick <= through) return undefined;
  return { at: tick, window: windowOf(rule, tick), previous: through, purpose: 'catch-up' };
}

/** Begins second looks with the tick `at`, or notes which alerts fire in the first look, as far back as second looks go. */
export function noteFirstEvaluation(rule: Rule, document: RuleDocument, at: Instant): RuleDocument {
  if (rule.revisit === undefined) return document;
  const before = document.second ?? { through: at, alerts: {}, fired: {} };
  const oldest = at - rule.revisit - rule.window;
  const fired: Record<string, readonly (readonly [Instant, Instant])[]> = {};
  for (const [id, spans] of Object.entries(before.fired)) {
    const kept = spans.filter(([, to]) => to >= oldest).slice(-EPISODES);
    if (kept.length > 0) put(fired, id, kept);
  }
  for (const [id, { status, started }] of Object.entries(document.alerts)) {
    if ((status !== 'firing' && status !== 'recovering') || started === undefined) continue;
    put(fired, id, [...(own(fired, id) ?? []).filter(([from]) => from !== started), [started, at]]);
  }
  return { ...document, second: { ...before, fired } };
}

/** What a second look gave: the document with its own alerts folded on, and the changes that were not notified before. */
export interface Revisited {
  readonly document: RuleDocument;
  readonly changes: readonly Change[];
}

/**
 * Folds a window that was evaluated again into the document's second look: the same steps over the same windows, seen when late documents had
 * time to arrive. Notified is only what the first look missed: an episode of an alert that did not fire around that time. Alerts of the second
 * look have identities of their own, so that the end of a late episode never ends one that fires now. Pure.
 */
export function applyRevisit(
  rule: Rule,
  document: RuleDocument,
  window: Pick<MeasuredWindow, 'dueWindow' | 'measured'>,
  context: ApplyContext,
): Revisited {
  const second = document.second;
  if (second === undefined) return { document, changes: [] };
  const { past, ...rest } = document;
  const { flapping: _flapping, ...unhurried } = rule;
  const shadow: RuleDocument = { ...rest, alerts: second.alerts };
  const own = { ...context, namespace: secondNamespace(context.namespace), isConfigured: undefined };
  const applied = applyWindow(unhurried, shadow, window, own);
  const alerts: Record<string, LivingAlert> = { ...applied.document.alerts };
  const kept: OutboxEntry[] = [];
  for (const entry of applied.document.outbox.slice(document.outbox.length)) {
    if (isNews(entry, kept, { rule, second, past, namespace: context.namespace })) kept.push(asLate(entry));
    else dropHolders(alerts, entry.alert);
  }
  const notified = new Set(kept.map((entry) => entry.alert));
  for (const [id, { held_by = [] }] of Object.entries(second.alerts)) if (held_by.length > 0) notified.add(id);
  const outboxNow = [...document.outbox, ...kept];
  return {
    document: {
      ...document,
      n: applied.document.n,
      outbox: outboxNow,
      hasOutbox: outboxNow.length > 0,
      second: { ...second, through: window.dueWindow.at, alerts },
    },
    changes: applied.changes.filter((change) => notified.has(change.alert)),
  };
}

/** The identity of a group's alert in second looks, which is not the one that fires now. */
export function secondAlertId(namespace: string, rule: RuleId, group: Group): string {
  return alertId(secondNamespace(namespace), rule, group);
}

function secondNamespace(namespace: string): string {
  return `${namespace}#revisit`;
}

/** What was looked at and notified before the second look at a window. */
interface Before {
  readonly rule: Rule;
  readonly second: Revisit;
  readonly past: RuleDocument['past'];
  readonly namespace: string;
}

function isNews(entry: OutboxEntry, kept: readonly OutboxEntry[], { rule, second, past, namespace }: Before): boolean {
  const begun = kept.some((other) => other.alert === entry.alert) || (own(second.alerts, entry.alert)?.held_by ?? []).length > 0;
  if (entry.kind !== 'firing') return begun;
  const id = alertId(namespace, rule.id, entry.group);
  const flapping = own(past, id)?.notified;
  // One more episode of an alert that is known to flap is not notified, unless it is worse.
  if (flapping !== undefined && !isWorse(entry.level, flapping.level, rule.lifecycle)) return false;
  return !firedAround(own(second.fired, id) ?? [], entry.at, rule.window);
}

/** An episode of the first look that touches the window before or after a tick is the same problem, begun a little earlier or later. */
function firedAround(spans: readonly (readonly [Instant, Instant])[], at: Instant, window: Duration): boolean {
  return spans.some(([from, to]) => from <= at + window && to >= at - window);
}

/** Said once: the end of what was notified as late is an end like any other. */
function asLate(entry: OutboxEntry): OutboxEntry {
  if (entry.kind === 'resolved') return { ...entry, late: false };
  return { ...entry, late: true, reason: entry.kind === 'firing' ? 'late_documents' : entry.reason };
}

function dropHolders(alerts: Record<string, LivingAlert>, id: string): void {
  const alert = own(alerts, id);
  if (alert === undefined) return;
  const { held_by: _held, ...rest } = alert;
  put(alerts, id, rest);
}
