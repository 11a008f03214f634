import type { Finding } from '../alerts/finding.ts';
import type { Json } from '../core/json.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import type { Group } from '../search/query.ts';

/** What one group of one window came to. */
export interface EvaluatedGroup {
  readonly group: Group;
  readonly finding: Finding;
  readonly values: Readonly<Record<string, Json>>;
}

/** What happened in a test, in the order in which it did. `at` is virtual time: the `now` of the turn, or a document's time. */
export type TimelineEvent =
  | {
      readonly kind: 'documents';
      readonly at: Instant;
      readonly until: Instant;
      readonly count: number;
      readonly index?: string;
      readonly late?: Duration;
    }
  | { readonly kind: 'failure'; readonly at: Instant; readonly until: Instant; readonly what: string }
  | {
      /** Ticks `(from, to]` that were too old to be evaluated. */
      readonly kind: 'gap';
      readonly at: Instant;
      readonly rule: string;
      readonly from: Instant;
      readonly to: Instant;
    }
  | {
      readonly kind: 'window';
      readonly at: Instant;
      readonly rule: string;
      readonly tick: Instant;
      readonly window: TimeRange;
      readonly matched: number;
      readonly groups: readonly EvaluatedGroup[];
      /** A newer tick was due already when it was evaluated. */
      readonly caughtUp?: true;
      /** Why it could not be evaluated. */
      readonly problem?: string;
    }
  | {
      readonly kind: 'transition';
      readonly at: Instant;
      readonly rule: string;
      readonly group: Group;
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly severity: string;
      readonly tick: Instant;
      readonly values: Readonly<Record<string, Json>>;
      readonly why: string;
      /** Found by a second look, in documents that came after the first. */
      readonly late?: true;
    }
  | {
      readonly kind: 'notification';
      readonly at: Instant;
      readonly receiver: string;
      readonly channel: string;
      readonly reason: string;
      readonly title: string;
      /** Part of it was evaluated late. */
      readonly late?: true;
    };
