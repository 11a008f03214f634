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
