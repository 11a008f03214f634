import type { Instant } from '../core/time.ts';

/**
 * A reading evaluated by the rule's conditions; `level` is the severity of the worst level that holds, for rules with `levels`.
 * `again`: what breaches happened in this very window, so that it is an episode of its own even while the alert fires. `began`: when it began, where
 * that is known from elsewhere.
 */
export type Finding =
  | { readonly kind: 'breach'; readonly level?: string; readonly again?: true; readonly began?: Instant }
  | { readonly kind: 'between' | 'clear' | 'absent' }
  | { readonly kind: 'unknown'; readonly because: string };
