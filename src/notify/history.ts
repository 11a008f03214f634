import type { JsonObject } from '../core/json.ts';
import type { Instant } from '../core/time.ts';

/** A document for people and dashboards; losing one loses no alert. `alerts` (which has the audit records of silences beside the episodes) and `notifications` overwrite by id, `runs` go to the index of their day. */
export interface HistoryRecord {
  readonly index: 'alerts' | 'notifications' | 'runs';
  readonly id: string;
  /** Decides the daily index of a run. */
  readonly at: Instant;
  /** ECS-shaped fields, `@timestamp` among them. */
  readonly body: JsonObject;
}

/** Port to the history: best effort, never throws; gives how many were written. */
export interface History {
  /** False: what is written is dropped, so that nothing need be put into words for it. */
  readonly kept?: boolean;
  write(history: readonly HistoryRecord[]): Promise<number>;
  /** Deletes daily run indices that ended before `before`; gives their names. */
  prune(before: Instant): Promise<readonly string[]>;
  /** Removes episodes and notifications from before an instant, some thousands at a time; gives how many. */
  pruneHistory(before: Instant): Promise<number>;
}
