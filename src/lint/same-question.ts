import { compileCondition } from '../conditions/compile.ts';
import type { Logic } from '../conditions/logic.ts';
import { allOf, isPossible } from '../conditions/possible.ts';
import { canonicalJson } from '../core/json.ts';
import type { Problem } from '../core/problems.ts';
import { ruleTypeNamed } from '../rule-types/registry.ts';
import type { Rule } from '../rules/rule.ts';
import { finding } from './finding.ts';

/** Rules with the same question that one is compared with. */
const MOST_COMPARED = 20;

/**
 * Warns of rules that measure the same over the same documents and can fire at the same time, at the second of them: one problem sends two messages.
 * Rules that differ in severity should be one rule with `levels`; too many and too few are two rules. Disabled rules are ignored.
 */
export function sameQuestions(rules: readonly Rule[]): readonly Problem[] {
  const byQuestion = new Map<string, Rule[]>();
  return rules.flatMap((rule) => {
    if (!rule.enabled) return [];
    const key = questionOf(rule);
    const earlier = byQuestion.get(key) ?? [];
    byQuestion.set(key, [...earlier, rule].slice(0, MOST_COMPARED));
    const same = earlier.find((other) => canBothHold(rule, other));
    if (same === undefined) return [];
    const { file, line } = same.position;
    const message = `same query and metrics as ${JSON.stringify(same.name)} at ${file}:${line}`;
    const hint = 'use one rule with `levels` if they differ in severity; otherwise remove one';
    return [finding('rule/same-question', rule.position, message, hint)];
  });
}

/** Everything that decides what is measured; the order of indices and groups does not matter. */
function questionOf({ type, source, filter, groupBy, missing, window, options }: Rule): string {
  const { indices, timeField } = source;
  return JSON.stringify([type, [...indices].sort(), timeField, filter, [...groupBy].sort(), missing, window, options]);
}

/** Both measure the same, so both have the same values. Two different calendars are separate hours, such as day and night. */
function canBothHold(one: Rule, other: Rule): boolean {
  const calendars = [one, other].flatMap(({ schedule }) => (schedule.kind === 'cron' ? [canonicalJson(schedule)] : []));
  if (calendars.length === 2 && calendars[0] !== calendars[1]) return false;
  const ranges = ruleTypeNamed(one.type)?.ranges?.(one.options) ?? {};
  const [a, b] = [badOf(one), badOf(other)];
  return a === undefined || b === undefined || isPossible(allOf(a, b), ranges);
}

/** When a rule is bad at any of its levels; undefined if unknown. */
function badOf({ type, options, levels }: Rule): Logic | undefined {
  const variables = ruleTypeNamed(type)?.variables(options) ?? {};
  const compiled = levels.map(({ condition }) => compileCondition(condition.text, variables));
  const known = compiled.flatMap((one) => (one.ok ? [one.logic] : []));
  return known.length < compiled.length ? undefined : { kind: 'any', of: known };
}
