/** Names to values, as templates see them. */
export type Scope = Readonly<Record<string, unknown>>;

/** A compiled Liquid text. `render` never throws: a text that fails on a real document gives the reason, and the caller uses its default. */
export interface Template {
  readonly source: string;
  render(scope: Scope): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };
}
