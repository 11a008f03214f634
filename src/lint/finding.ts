import { FINDING_CODES } from '../core/finding-codes.ts';
import type { Position, Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import type { Rule } from '../rules/rule.ts';

/** A finding with the severity of its code, at a key of a rule or, if absent, at the rule. */
export function findingAt(rule: Rule, code: string, key: string, message: string, hint: string): Problem {
  return { ...finding(code, own(rule.places, key) ?? rule.position, message, hint), path: key };
}

/** A finding with the severity of its code. */
export function finding(code: string, at: Position | undefined, message: string, hint: string): Problem {
  const severity = own(FINDING_CODES, code)?.severity ?? 'warning';
  return { code, severity, message, hint, ...(at !== undefined && { at }) };
}
