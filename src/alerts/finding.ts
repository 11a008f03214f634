/** A reading evaluated by the rule's conditions; `level` is the severity of the worst level that holds, for rules with `levels`. */
export type Finding =
  | { readonly kind: 'breach'; readonly level?: string }
  | { readonly kind: 'between' | 'clear' | 'absent' }
  | { readonly kind: 'unknown'; readonly because: string };
