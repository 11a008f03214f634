import type { Condition, ConditionValues } from '../../conditions/condition.ts';
import type { Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { ruleTypeNamed } from '../../rule-types/registry.ts';
import type { Rule } from '../../rules/rule.ts';
import type { QueryDsl } from '../../search/query.ts';

/** What is known of a breach: its level, what was measured, and why it counts as one. */
export interface Breach {
  readonly level: string;
  readonly reason: string;
  readonly values: Readonly<Record<string, Json>>;
}

/** More than any measurement that a condition compares with. */
const HUGE = 1e15;

/**
 * What narrows a rule's documents to those behind a breach: `evidence.query` where the rule has one, else the filters of the metrics that the breached
 * condition names, so that a ratio shows the failures and not what they are compared with. Undefined: all documents of the group.
 */
export function evidenceFilter(rule: Rule, breach: Breach | undefined): QueryDsl | undefined {
  if (rule.evidence.filter !== undefined) return rule.evidence.filter;
  if (breach === undefined || breach.reason === 'no_data') return undefined;
  const filters = ruleTypeNamed(rule.type)?.filters?.(rule.options) ?? {};
  const condition = (rule.levels.find(({ severity }) => severity === breach.level) ?? rule.levels[0])?.condition;
  if (condition === undefined) return undefined;
  const named = Object.keys(filters).filter((name) => names(condition.text, name));
  const values = Object.fromEntries(Object.entries(breach.values).filter(isComparable));
  const effects = new Map(named.map((name) => [name, effectOf(name, condition, values)]));
  const filtersOf = (some: readonly string[]) => some.map((name) => own(filters, name)).filter((one) => one !== undefined);
  const having = (effect: Effect) => named.filter((name) => effects.get(name) === effect);
  const numberOf = (name: string) => Number(own(values, name) ?? 0) || 0;
  const bad = having('too many');
  const most = Math.max(0, ...bad.map(numberOf));
  // Of what is too few, only a part of the others says which documents are not meant; the whole that they are compared with does not.
  const good = having('too few').filter((name) => bad.length === 0 || numberOf(name) < most);
  const chosen = bad.length > 0 || good.length > 0 ? bad : named.filter((name) => numberOf(name) > 0);
  const meant = chosen.length === 0 ? [] : [anyOf(filtersOf(chosen))];
  if (good.length > 0) return { bool: { filter: meant, must_not: filtersOf(good) } };
  return meant[0];
}

/** How a metric has to do with a breach: there is too much of it, too little, or something else decides as well. */
type Effect = 'too many' | 'too few' | 'undecided';

/** Found by trying: a count that is too high is fine at 0 and still bad when higher; a total that others are compared with is neither. */
function effectOf(name: string, condition: Condition, values: ConditionValues): Effect {
  const holds = (value: number) => condition.evaluate({ ...values, [name]: value }).kind === 'true';
  const low = holds(0);
  const high = holds(HUGE);
  if (low === high) return 'undecided';
  return high ? 'too many' : 'too few';
}

function names(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(text.replace(/"[^"]*"|'[^']*'/g, ''));
}

function isComparable(entry: [string, Json]): entry is [string, number | string | boolean | null] {
  return entry[1] === null || typeof entry[1] !== 'object';
}

function anyOf(filters: readonly QueryDsl[]): QueryDsl {
  const [only] = filters;
  return filters.length === 1 && only !== undefined ? only : { bool: { should: [...filters], minimum_should_match: 1 } };
}
