/**
 * A reading evaluated by the rule's conditions; `level` is the severity of the worst level that holds, for rules with `levels`.
 * `again`: what breaches happened in this very window, so that it is an episode of its own even while the alert fires.
 */
export type Finding =
  | { readonly kind: 'breach'; readonly level?: string; readonly again?: true }
  | { readonly kind: 'between' | 'clear' | 'absent' }
  | { readonly kind: 'unknown'; readonly because: string };
