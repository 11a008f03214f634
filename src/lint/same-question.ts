import type { Problem } from '../core/problems.ts';
import type { Rule } from '../rules/rule.ts';
import { finding } from './finding.ts';

/**
 * Warns of rules that ask the same of the same documents, at the second of them: both fire, and one problem is two messages. Conditions may
 * differ: what differs by severity alone is a rule with `levels`. Rules that are not enabled ask nothing.
 */
export function sameQuestions(rules: readonly Rule[]): readonly Problem[] {
  const first = new Map<string, Rule>();
  return rules.flatMap((rule) => {
    if (!rule.enabled) return [];
    const key = questionOf(rule);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, rule);
      return [];
    }
    const { file, line } = earlier.position;
    const message = `this asks the same of the same documents as ${JSON.stringify(earlier.name)} at ${file}:${line}`;
    const hint = 'one rule with `levels`, where they differ in how bad it is; else remove one';
    return [finding('rule/same-question', rule.position, message, hint)];
  });
}

/** All that decides what is measured; the order of indices and groups makes no difference. */
function questionOf({ type, source, filter, groupBy, missing, window, options }: Rule): string {
  const { indices, timeField } = source;
  return JSON.stringify([type, [...indices].sort(), timeField, filter, [...groupBy].sort(), missing, window, options]);
}
