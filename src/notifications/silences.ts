import type { StoreAnswer } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { Matcher } from '../routing/route.ts';

/** A silence, in Alertmanager's words: alerts whose labels fit all matchers are not told between `starts_at` and `ends_at`. Stored names. */
export interface Silence {
  readonly v: 1;
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly starts_at: Instant;
  readonly ends_at: Instant;
  readonly created_by: string;
  readonly comment: string;
}

/** Port to `tocsin-silences`. */
export interface Silences {
  /** Silences that may matter at or after `from`. */
  list(from: Instant): Promise<StoreAnswer<readonly Silence[]>>;
  /** Writes a silence whole, by its id. */
  put(silence: Silence): Promise<StoreAnswer<void>>;
  /** Removes silences that ended before an instant, some thousands at a time; gives how many. */
  prune(before: Instant): Promise<number>;
}
