import type { Duration } from './time.ts';

/** When a rule is judged: multiples of `every` ms since 1970-01-01T00:00Z, or a cron pattern in an IANA zone. */
export type Schedule =
  | { readonly kind: 'every'; readonly every: Duration }
  | { readonly kind: 'cron'; readonly pattern: string; readonly timezone: string };
