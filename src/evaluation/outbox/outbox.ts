import { isNotifiable, type Transition } from '../../alerts/alert-state.ts';
import type { Entry } from '../../alerts/entry.ts';
import { own, put } from '../../core/record.ts';
import type { Rule } from '../../rules/rule.ts';
import { severityOf } from '../labels.ts';
import type { LivingAlert } from '../rule-states.ts';
import { beginsToFlap, withBegin } from './flaps.ts';
import {
  type AlertTransitions,
  address,
  type Draft,
  entryOf,
  type Holders,
  type NewEntry,
  type OutboxContext,
} from './outbox-entry.ts';
import { addWhileFlapping } from './outbox-while-flapping.ts';

/** Numbers transitions, and queues those that receivers are notified of, unless the alert flaps: then what is notified of it is decided apart. */
export function appendEntries(draft: Draft, what: AlertTransitions, context: OutboxContext): void {
  let holders: Holders = { held_by: what.alert.held_by ?? [], labels: what.alert.labels };
  for (const transition of what.transitions) {
    const severity = severityNow(context.rule, transition, what.alert);
    draft.n++;
    const notified = own(draft.past, what.id)?.notified;
    const quiet =
      isNotifiable(transition) && notified !== undefined && transition.reason !== 'event'
        ? !addWhileFlapping(draft, { ...what, transition, severity, notified }, context)
        : false;
    if (isNotifiable(transition) && (notified === undefined || transition.reason === 'event'))
      holders = addToOutbox(draft, { ...what, transition, severity }, holders, context);
    const { id: alert, values, condition } = what;
    draft.changes.push({
      ...{ alert, group: what.alert.group, transition, severity, values, condition },
      ...(quiet && { quiet }),
    });
  }
}

function addToOutbox(draft: Draft, what: NewEntry, holders: Holders, context: OutboxContext): Holders {
  const { id, transition, severity } = what;
  const { flapping: rule } = context.rule;
  const begins = transition.kind === 'firing' && transition.reason !== 'event' && rule !== undefined;
  const past = begins ? withBegin(own(draft.past, id), transition.at, rule) : undefined;
  if (past !== undefined) put(draft.past, id, past);
  const entry = { ...entryOf(what, transition.kind as Entry['kind'], context), level: severity };
  if (past === undefined || rule === undefined || !beginsToFlap(past, rule)) return address(draft, entry, holders, context);
  const { episode, started, group } = entry;
  const since = past.begins[0] ?? transition.at;
  const run = { since, episodes: past.begins.length, changed: transition.at };
  const flapping = { ...run, within: rule.within, steady: rule.steady };
  const next = address(draft, { ...entry, flapping }, holders, context);
  const notified = { group, episode, started, level: severity, labels: next.labels ?? {}, held_by: next.held_by, ...run };
  put(draft.past, id, { ...past, notified });
  draft.flapping.push({ alert: id, group, kind: 'flapping', at: transition.at, since, episodes: run.episodes });
  return next;
}

/** An end is notified with the severity that the episode was last notified with, whatever a reload made of the rule since. */
function severityNow(rule: Pick<Rule, 'levels'>, transition: Transition, alert: LivingAlert): string {
  const notified = transition.kind === 'resolved' ? alert.labels?.['severity'] : undefined;
  return notified ?? severityOf(rule, transition.level ?? alert.level);
}
