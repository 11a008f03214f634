import { isWorse } from '../../alerts/levels.ts';
import { own, put } from '../../core/record.ts';
import type { Instant } from '../../core/time.ts';
import { hasFieldsOf } from '../../search/group-key.ts';
import { severityOf } from '../labels.ts';
import type { AlertPast, LivingAlert, NotifiedFlapping, RuleDocument } from '../rule-states.ts';
import { changedAt, flappingOf, isSteady, keptPasts, withBegin } from './flaps.ts';
import {
  address,
  type Draft,
  entryOf,
  labelsNow,
  type NewEntry,
  type OutboxContext,
  type Unaddressed,
  withoutHolders,
} from './outbox-entry.ts';

/**
 * Decides what is notified of a transition while its alert flaps: to receivers it is one episode that lasts, so only a level worse than the one
 * they know is queued for them, and the end of an alert that will never be evaluated again. Says whether anything is.
 */
export function addWhileFlapping(
  draft: Draft,
  what: NewEntry & { readonly notified: NotifiedFlapping },
  context: OutboxContext,
): boolean {
  const { id, transition, severity, notified } = what;
  const { at, reason, kind } = transition;
  const past = own(draft.past, id) ?? { begins: [] };
  if (kind === 'resolved') {
    if (reason === 'rule_changed' || reason === 'rule_removed') {
      endFlapping(draft, { id, notified: changedAt(notified, at) }, { at, reason }, context);
      return true;
    }
    const { values, condition } = what;
    put(draft.past, id, { ...past, notified: { ...changedAt(notified, at), end: { reason, values, condition } } });
    replace(draft, id, withoutHolders);
    return false;
  }
  const begun = kind === 'firing' ? begins(past, notified, at, context) : { ...past, notified };
  put(draft.past, id, begun);
  // The labels have the real severity of a change, although it is not notified.
  const labels = labelsNow(notified.group, severity, context);
  replace(draft, id, (alert) => ({ ...heldAs(alert, begun.notified), labels }));
  const worse = isWorse(severity, notified.level, { levels: context.rule.levels.map((level) => level.severity) });
  if (kind === 'better' || !worse) return false;
  const entry = { ...entryOf(what, 'worse', context), ...knownAs(begun.notified, context) };
  const { held_by } = address(draft, entry, notified, context);
  put(draft.past, id, { ...begun, notified: { ...begun.notified, level: severity, held_by, labels } });
  return true;
}

type FlappingPast = AlertPast & { readonly notified: NotifiedFlapping };

function begins(past: AlertPast, notified: NotifiedFlapping, at: Instant, { rule }: OutboxContext): FlappingPast {
  const { end: _end, ...lasting } = notified;
  const next = { ...changedAt(lasting, at), episodes: notified.episodes + 1 };
  return { ...(rule.flapping === undefined ? past : withBegin(past, at, rule.flapping)), notified: next };
}

/**
 * Queues what follows from steadiness at `at`, after its transitions: an alert in which nothing began or ended for long enough has ended, or
 * fires on; one whose group the rule does not have any more has ended. Gives the pasts that are still to be remembered.
 */
export function settleFlapping(
  draft: Draft,
  at: Instant,
  groupBy: readonly string[],
  context: OutboxContext,
): RuleDocument['past'] {
  for (const [id, { notified }] of Object.entries(draft.past)) {
    if (notified === undefined) continue;
    if (!hasFieldsOf(groupBy, notified.group)) {
      endFlapping(draft, { id, notified: changedAt(notified, at) }, { at, reason: 'rule_changed' }, context);
    } else if (isSteady(notified, at, context.rule.flapping)) {
      const status = own(draft.alerts, id)?.status;
      if (status === 'firing') fireOn(draft, { id, notified }, at, context);
      // Whether a recovering alert has ended is about to be known.
      else if (status !== 'recovering')
        endFlapping(draft, { id, notified }, { at, reason: notified.end?.reason ?? 'recovered' }, context);
    }
  }
  return keptPasts(draft.past, at, context.rule.flapping);
}

/** An alert that flaps, and what receivers know of it. */
interface FlappingAlert {
  readonly id: string;
  readonly notified: NotifiedFlapping;
}

/** Queues the end of what receivers know as one episode; only the times at which its episodes began are remembered. */
export function endFlapping(
  draft: Draft,
  { id, notified }: FlappingAlert,
  end: { readonly at: Instant; readonly reason: string },
  context: OutboxContext,
): void {
  draft.n++;
  const { values = {}, condition = '' } = notified.end ?? {};
  const entry = {
    ...entryAbout(id, notified, end.at, context),
    kind: 'resolved',
    reason: end.reason,
    values,
    condition,
  } as const;
  address(draft, { ...entry, ...knownAs(notified, context) }, notified, context);
  put(draft.past, id, { begins: own(draft.past, id)?.begins ?? [] });
  draft.flapping.push(changeOf(id, notified, 'over', end.at));
}

/** It has fired long enough to be steady: from here on it is notified like any other alert, under the episode that receivers know. */
function fireOn(draft: Draft, { id, notified }: FlappingAlert, at: Instant, context: OutboxContext): void {
  draft.n++;
  const level = severityOf(context.rule, own(draft.alerts, id)?.level);
  const entry = { ...entryAbout(id, notified, at, context), kind: 'steady', reason: 'breach', level } as const;
  replace(draft, id, (alert) => heldAs(alert, notified));
  const { values = {}, condition = '' } = draft.measured.get(id) ?? {};
  address(draft, { ...entry, values, condition, ...knownAs(notified, context) }, notified, context);
  put(draft.past, id, { begins: own(draft.past, id)?.begins ?? [] });
  draft.flapping.push(changeOf(id, notified, 'steady', at));
}

function entryAbout(id: string, notified: NotifiedFlapping, at: Instant, { dueWindow, rule }: OutboxContext) {
  const { window, purpose } = dueWindow;
  const about = { alert: id, at, group: notified.group, level: notified.level, window, late: purpose === 'catch-up' };
  return rule.sendResolved === false ? { ...about, no_recovery: true as const } : about;
}

function knownAs(notified: NotifiedFlapping, { rule }: OutboxContext): Pick<Unaddressed, 'episode' | 'started' | 'flapping'> {
  return { episode: notified.episode, started: notified.started, flapping: flappingOf(notified, rule.flapping) };
}

function heldAs(alert: LivingAlert, { episode, started, held_by }: NotifiedFlapping): LivingAlert {
  return { ...alert, held_by, notified_as: { episode, started } };
}

function replace(draft: Draft, id: string, change: (alert: LivingAlert) => LivingAlert): void {
  const alert = own(draft.alerts, id);
  if (alert !== undefined) put(draft.alerts, id, change(alert));
}

function changeOf(alert: string, { group, since, episodes }: NotifiedFlapping, kind: 'steady' | 'over', at: Instant) {
  return { alert, group, kind, at, since, episodes };
}
