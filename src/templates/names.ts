/** Names that every message template may use, whatever the rule's type measures. */
export const FIXED_NAMES = [
  ...(['rule', 'description', 'group', 'labels', 'severity', 'status', 'reason', 'values', 'window'] as const),
  ...(['from', 'to', 'at', 'started', 'earlier_episodes', 'condition', 'evidence'] as const),
] as const;

/**
 * Top-level names of a message template: the fixed ones and the rule type's own variables. A variable with a fixed name is
 * hidden by it and still found as `values.<name>`; a text that names it alone is refused (`firstHidden`).
 */
export function templateNames(variables: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...FIXED_NAMES, ...Object.keys(variables)])];
}
