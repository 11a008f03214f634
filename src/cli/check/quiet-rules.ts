import type { Rule } from '../../rules/rule.ts';

/** Types whose documents are the events themselves: an audit index may well be empty for weeks. */
const OF_EVENTS: ReadonlySet<string> = new Set(['match', 'new_term']);

/** Whether no document at all is what a rule hopes for. */
export function mayBeQuiet({ type }: Pick<Rule, 'type'>): boolean {
  return OF_EVENTS.has(type);
}
