import type { Transition } from '../alerts/alert-state.ts';
import { endAlert } from '../alerts/step.ts';
import type { Json } from '../core/json.ts';
import { put } from '../core/record.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { groupKey, hasFieldsOf } from '../search/group-key.ts';
import type { LivingAlert, RuleDocument } from './rule-states.ts';

/**
 * The document of a rule before its first window; `at` is its first tick. Its incarnation is `now` and not the tick: the next document of a
 * rare rule, should someone delete this one, may begin at the same tick, and its numbers start over.
 */
export function newRuleDocument(
  rule: Pick<Rule, 'id' | 'shape'>,
  first: { readonly at: Instant; readonly now: Instant; readonly every: Duration },
  memoryVersion: number,
): RuleDocument {
  return {
    v: 1,
    rule: rule.id,
    incarnation: first.now,
    evaluated_through: first.at - first.every,
    every: first.every,
    n: 0,
    shape: rule.shape,
    alerts: {},
    memory: null,
    memory_version: memoryVersion,
    health: { failures: 0 },
    outbox: [],
    hasOutbox: false,
  };
}

/** Whose numbers an entry's `n` belongs to: `rule#incarnation`. */
export function sourceOf(document: Pick<RuleDocument, 'rule' | 'incarnation'>): string {
  return `${document.rule}#${document.incarnation}`;
}

/** An alert that ends because its rule is not what it was. */
export interface EndedAlert {
  readonly id: string;
  readonly alert: LivingAlert;
  readonly transitions: readonly Transition[];
}

/**
 * Fits a stored document to the rule as it is now: another shape resets the type's memory, and alerts whose groups have other fields end.
 * Everything else is kept: queries, conditions and texts may change under a living alert.
 */
export function adoptDocument(
  rule: Rule,
  document: RuleDocument,
  at: Instant,
  memoryVersion: number,
): { readonly document: RuleDocument; readonly ended: readonly EndedAlert[] } {
  const { document: kept, ended } = withoutRevisit(rule, document, at);
  if (document.shape === rule.shape && document.memory_version === memoryVersion) return { document: kept, ended };
  const alerts: Record<string, LivingAlert> = {};
  for (const [id, alert] of Object.entries(document.alerts)) {
    if (hasFieldsOf(rule.groupBy, alert.group)) put(alerts, id, alert);
    else ended.push({ id, alert, transitions: endAlert(alert, at, 'rule_changed').transitions });
  }
  return { document: { ...kept, shape: rule.shape, memory: null, memory_version: memoryVersion, alerts }, ended };
}

/** A rule that has no `revisit` any more, or that is another rule now, ends what its second looks reported. */
function withoutRevisit(
  rule: Rule,
  document: RuleDocument,
  at: Instant,
): { readonly document: RuleDocument; readonly ended: EndedAlert[] } {
  if (document.second === undefined || (rule.revisit !== undefined && document.shape === rule.shape))
    return { document, ended: [] };
  const { second, ...rest } = document;
  const ended = Object.entries(second.alerts).map(([id, alert]) => ({
    id,
    alert,
    transitions: endAlert(alert, at, 'rule_changed').transitions,
  }));
  return { document: rest, ended };
}

/** The type's memory as stored, or undefined when there is none. */
export function memoryOf(document: RuleDocument): Json | undefined {
  return document.memory === null ? undefined : document.memory;
}

/** Ids of the alerts a document holds, by their group's key: saves hashing the groups that are known already. */
export function idsByGroup(groupBy: readonly string[], document: RuleDocument): ReadonlyMap<string, string> {
  return new Map(Object.entries(document.alerts).map(([id, alert]) => [groupKey(groupBy, alert.group), id]));
}
