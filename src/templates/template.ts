/** Names to values, as templates see them. */
export type Scope = Readonly<Record<string, unknown>>;

/**
 * What a template gave. `endless`: it was stopped after the longest time that it may take, so that rendering it again and again would hold
 * up everything else.
 */
export type RenderedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly endless?: true };

/** A compiled Liquid text. `render` never throws: a text that fails on a real document gives the reason, and the caller uses its default. */
export interface Template {
  readonly source: string;
  render(scope: Scope): RenderedText;
}

/** Names that every message template may use, whatever the rule's type measures. */
export const FIXED_NAMES = [
  ...(['rule', 'description', 'group', 'labels', 'severity', 'status', 'reason', 'values', 'window'] as const),
  ...(['from', 'to', 'at', 'started', 'earlier_episodes', 'condition', 'evidence'] as const),
] as const;

/**
 * Top-level names of a message template: the fixed ones and the rule type's own variables. A variable with a fixed name is
 * hidden by it and still found as `values.<name>`.
 */
export function templateNames(variables: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...FIXED_NAMES, ...Object.keys(variables)])];
}
