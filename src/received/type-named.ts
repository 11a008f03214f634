import type { Json } from '../core/json.ts';
import { ruleTypeNamed } from '../rule-types/registry.ts';
import type { RuleType } from '../rule-types/rule-type.ts';
import { receivedType } from './received-type.ts';

/** The type of a rule: those of rule files, and that of the built-in rule. */
export function typeOfAnyRule(name: string): RuleType<unknown, Json> | undefined {
  return name === receivedType.name ? (receivedType as RuleType<unknown, Json>) : ruleTypeNamed(name);
}
