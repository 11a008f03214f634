import type { Markup } from './markup.ts';

/** Names to values, as templates see them. */
export type Scope = Readonly<Record<string, unknown>>;

/**
 * What a template gave. `endless`: it was stopped after the longest time that it may take, so that rendering it again and again would hold
 * up everything else.
 */
export type RenderedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly endless?: true };

/** What a template gave that may have formatting; absent: it has none. */
export type RenderedMarkup =
  | { readonly ok: true; readonly text: string; readonly markup?: Markup }
  | Exclude<RenderedText, { readonly ok: true }>;

/** A compiled Liquid text. `render` never throws: a text that fails on a real document gives the reason, and the caller uses its default. */
export interface Template {
  readonly source: string;
  render(scope: Scope): RenderedText;
  /** As `render`, with the formatting that the text itself has; `text` is without. A text without it has none. */
  renderMarkup?(scope: Scope): RenderedMarkup;
}

/** Names that every message template may use, whatever the rule's type measures. */
export const FIXED_NAMES = [
  ...(['rule', 'description', 'group', 'labels', 'severity', 'status', 'reason', 'values', 'window'] as const),
  ...(['from', 'to', 'at', 'started', 'earlier_episodes', 'condition', 'evidence', 'timezone', 'document', 'mention'] as const),
] as const;

/** Names that a text about several alerts of a rule may use: what is measured of each is in `alerts`. */
export const GROUP_NAMES: readonly string[] = [
  ...['rule', 'description', 'alerts', 'firing', 'resolved', 'severity', 'labels', 'timezone', 'mention'],
];

/**
 * Top-level names of a message template: the fixed ones and the rule type's own variables. A variable with a fixed name is
 * hidden by it and still found as `values.<name>`.
 */
export function templateNames(variables: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...FIXED_NAMES, ...Object.keys(variables)])];
}
