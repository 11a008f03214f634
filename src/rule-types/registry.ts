import type { Json } from '../core/json.ts';
import { change } from './change/change.ts';
import { esql } from './esql/esql.ts';
import { flatline } from './flatline/flatline.ts';
import { frequency } from './frequency/frequency.ts';
import { match } from './match/match.ts';
import { newTerm } from './new-term/new-term.ts';
import type { RuleType } from './rule-type.ts';
import { spike } from './spike/spike.ts';
import { threshold } from './threshold/threshold.ts';

/** Every rule type by its name in rule files. */
export const ruleTypes = { frequency, threshold, spike, flatline, change, new_term: newTerm, match, esql } satisfies Record<
  string,
  RuleType<unknown, Json>
>;

/** The rule type of a name; undefined when there is none. Options and memory are validated before they reach it. */
export function ruleTypeNamed(name: string): RuleType<unknown, Json> | undefined {
  return Object.hasOwn(ruleTypes, name) ? ruleTypes[name as keyof typeof ruleTypes] : undefined;
}
