import { isWorse } from '../alerts/levels.ts';
import { own, put } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import type { Group } from '../search/query.ts';
import { changedAt, flappingOf, isSteady, keptPasts, withBegin } from './flaps.ts';
import { severityOf } from './labels.ts';
import {
  address,
  type Draft,
  entryOf,
  labelsNow,
  type OweContext,
  type Owed,
  type Unaddressed,
  withoutHolders,
} from './owed-entry.ts';
import type { AlertPast, LivingAlert, RuleDocument, ToldFlapping } from './rule-states.ts';

/**
 * Decides what is told of a transition while its alert flaps: to receivers it is one episode that lasts, so only a level worse than the one
 * they know is owed to them, and the end of an alert that will never be judged again. Says whether anything is owed.
 */
export function oweWhileFlapping(draft: Draft, what: Owed & { readonly told: ToldFlapping }, context: OweContext): boolean {
  const { id, transition, severity, told } = what;
  const { at, reason, kind } = transition;
  const past = own(draft.past, id) ?? { begins: [] };
  if (kind === 'resolved') {
    if (reason === 'rule_changed' || reason === 'rule_removed') {
      endFlapping(draft, id, changedAt(told, at), { at, reason }, context);
      return true;
    }
    const { values, condition } = what;
    put(draft.past, id, { ...past, told: { ...changedAt(told, at), end: { reason, values, condition } } });
    replace(draft, id, withoutHolders);
    return false;
  }
  const begun = kind === 'firing' ? begins(past, told, at, context) : { ...past, told };
  put(draft.past, id, begun);
  // By its labels a change is known as bad as it is, though nobody hears of it.
  const labels = labelsNow(told.group, severity, context);
  replace(draft, id, (alert) => ({ ...heldAs(alert, begun.told), labels }));
  const worse = isWorse(severity, told.level, { levels: context.rule.levels.map((level) => level.severity) });
  if (kind === 'better' || !worse) return false;
  const entry = { ...entryOf(what, 'worse', context), ...knownAs(begun.told, context) };
  const { held_by } = address(draft, entry, told, context);
  put(draft.past, id, { ...begun, told: { ...begun.told, level: severity, held_by, labels } });
  return true;
}

type FlappingPast = AlertPast & { readonly told: ToldFlapping };

function begins(past: AlertPast, told: ToldFlapping, at: Instant, { rule }: OweContext): FlappingPast {
  const { end: _end, ...lasting } = told;
  const next = { ...changedAt(lasting, at), episodes: told.episodes + 1 };
  return { ...(rule.flapping === undefined ? past : withBegin(past, at, rule.flapping)), told: next };
}

/**
 * Owes what follows from steadiness at `at`, after its transitions: an alert in which nothing began or ended for long enough is over, or
 * fires on; one whose group the rule does not have any more is over. Gives the pasts that are still to be remembered.
 */
export function settleFlapping(draft: Draft, at: Instant, groupBy: readonly string[], context: OweContext): RuleDocument['past'] {
  for (const [id, { told }] of Object.entries(draft.past)) {
    if (told === undefined) continue;
    if (!fits(told.group, groupBy)) {
      endFlapping(draft, id, changedAt(told, at), { at, reason: 'rule_changed' }, context);
    } else if (isSteady(told, at, context.rule.flapping)) {
      const status = own(draft.alerts, id)?.status;
      if (status === 'firing') fireOn(draft, id, told, at, context);
      // Whether a recovering alert is over is about to be known.
      else if (status !== 'recovering') endFlapping(draft, id, told, { at, reason: told.end?.reason ?? 'recovered' }, context);
    }
  }
  return keptPasts(draft.past, at, context.rule.flapping);
}

/** Owes the end of what receivers know as one episode; nothing of it is remembered but when its episodes began. */
export function endFlapping(
  draft: Draft,
  id: string,
  told: ToldFlapping,
  end: { readonly at: Instant; readonly reason: string },
  context: OweContext,
): void {
  draft.n++;
  const { values = {}, condition = '' } = told.end ?? {};
  const entry = { ...entryAbout(id, told, end.at, context), kind: 'resolved', reason: end.reason, values, condition } as const;
  address(draft, { ...entry, ...knownAs(told, context) }, told, context);
  put(draft.past, id, { begins: own(draft.past, id)?.begins ?? [] });
  draft.flapping.push(changeOf(id, told, 'over', end.at));
}

/** It fires for so long now that it does not flap: from here on it is told as any other, under the episode that receivers know. */
function fireOn(draft: Draft, id: string, told: ToldFlapping, at: Instant, context: OweContext): void {
  draft.n++;
  const level = severityOf(context.rule, own(draft.alerts, id)?.level);
  const entry = { ...entryAbout(id, told, at, context), kind: 'steady', reason: 'breach', level } as const;
  replace(draft, id, (alert) => heldAs(alert, told));
  const { values = {}, condition = '' } = draft.measured.get(id) ?? {};
  address(draft, { ...entry, values, condition, ...knownAs(told, context) }, told, context);
  put(draft.past, id, { begins: own(draft.past, id)?.begins ?? [] });
  draft.flapping.push(changeOf(id, told, 'steady', at));
}

function entryAbout(id: string, told: ToldFlapping, at: Instant, { owed, rule }: OweContext) {
  const { window, purpose } = owed;
  const about = { alert: id, at, group: told.group, level: told.level, window, late: purpose === 'catch-up' };
  return rule.sendResolved === false ? { ...about, no_recovery: true as const } : about;
}

function knownAs(told: ToldFlapping, { rule }: OweContext): Pick<Unaddressed, 'episode' | 'started' | 'flapping'> {
  return { episode: told.episode, started: told.started, flapping: flappingOf(told, rule.flapping) };
}

function heldAs(alert: LivingAlert, { episode, started, held_by }: ToldFlapping): LivingAlert {
  return { ...alert, held_by, told_as: { episode, started } };
}

function replace(draft: Draft, id: string, change: (alert: LivingAlert) => LivingAlert): void {
  const alert = own(draft.alerts, id);
  if (alert !== undefined) put(draft.alerts, id, change(alert));
}

function changeOf(alert: string, { group, since, episodes }: ToldFlapping, kind: 'steady' | 'over', at: Instant) {
  return { alert, group, kind, at, since, episodes };
}

function fits(group: Group, groupBy: readonly string[]): boolean {
  const fields = Object.keys(group);
  return fields.length === groupBy.length && groupBy.every((field) => fields.includes(field));
}
