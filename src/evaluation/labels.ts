import { put } from '../core/record.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';

/**
 * Labels of an alert: the group's fields, the rule's labels over them, `alertname` and the severity of its level above all. What another system has sent
 * keeps the labels that it came with, and gets those two where it has none.
 */
export function labelsOf(
  rule: Pick<Rule, 'name' | 'labels' | 'received'>,
  group: Group,
  severity: string,
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [field, value] of Object.entries(group)) if (value !== null) put(labels, field, value);
  if (rule.received === true) return { alertname: rule.name, severity, ...labels };
  return { ...labels, ...rule.labels, alertname: rule.name, severity };
}

/** The severity of a rule's alert: its level's, else that of the rule's only level, which for a plain condition is the rule's label. */
export function severityOf(rule: Pick<Rule, 'levels'>, level: string | undefined): string {
  return level ?? rule.levels[0]?.severity ?? 'warning';
}
