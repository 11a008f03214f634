import { FINDING_CODES } from '../core/finding-codes.ts';
import type { Position, Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import type { Rule } from '../rules/rule.ts';

/** A finding as bad as its code says, at a key of a rule or, where it has none, at the rule. */
export function findingAt(rule: Rule, code: string, key: string, message: string, hint: string): Problem {
  return { ...finding(code, own(rule.places, key) ?? rule.position, message, hint), path: key };
}

/** A finding as bad as its code says. */
export function finding(code: string, at: Position | undefined, message: string, hint: string): Problem {
  const severity = own(FINDING_CODES, code)?.severity ?? 'warning';
  return { code, severity, message, hint, ...(at !== undefined && { at }) };
}
