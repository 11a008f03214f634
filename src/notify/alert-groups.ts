import type { Removal, Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { AlertGroupDocument } from './alert-group.ts';

/** Port to the documents of `tocsin-alert-groups`. Reads by id are current; `due` is a search that may lag and only finds work. */
export interface AlertGroups {
  load(ids: readonly string[]): Promise<StoreAnswer<ReadonlyMap<string, Versioned<AlertGroupDocument>>>>;
  /**
   * Ids of alert groups with `due <= before`, earliest first, and when the next one after that is due. However high the limit, a store may
   * stop at 9,999.
   */
  due(
    before: Instant,
    limit: number,
  ): Promise<StoreAnswer<{ readonly ids: readonly string[]; readonly next: Instant | undefined }>>;
  /** One bulk of fenced writes; answers in order. */
  save(writes: readonly Write<AlertGroupDocument>[]): Promise<readonly Saved[]>;
  /** Ids of alert groups in which nothing is due, up to `limit`, after `after` in the order of ids. */
  quiet(limit: number, after?: string): Promise<StoreAnswer<readonly string[]>>;
  /** One bulk of fenced removals; answers in order, those that no longer exist as `saved`. */
  remove(removals: readonly Removal[]): Promise<readonly Saved[]>;
}
