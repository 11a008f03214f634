import type { RuleId } from '../core/ids.ts';
import type { Removal, Saved, StoreAnswer, Version, Versioned, Write } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { RuleDocument } from '../state/rule-document.ts';

export type {
  AlertPast,
  LivingAlert,
  Measurement,
  NotifiedFlapping,
  OutboxEntry,
  Revisit,
  RuleDocument,
  RuleHealth,
} from '../state/rule-document.ts';

/** Port to the documents of `tocsin-rules`. Every read is by id and current; `outboxes` is a search that may lag and only finds work. */
export interface RuleStates {
  /** `have`: versions the caller already holds; a document still at that version comes back as `same` without its body. */
  load(
    ids: readonly RuleId[],
    have: ReadonlyMap<RuleId, Versioned<RuleDocument>>,
  ): Promise<StoreAnswer<ReadonlyMap<RuleId, Versioned<RuleDocument>>>>;
  /** Ids of the rules with a document in this namespace, up to `limit`, after `after` in the order of ids. */
  list(limit: number, after?: RuleId): Promise<StoreAnswer<readonly RuleId[]>>;
  /** Up to which tick each rule with a document is evaluated, up to `limit` of them, after `after` in the order of ids. It may lag as a search does. */
  progress(limit: number, after?: RuleId): Promise<StoreAnswer<ReadonlyMap<RuleId, Instant>>>;
  /** Rules of which an alert fires, with the versions of their documents, up to `limit`, after `after` in the order of ids. It may lag as a search does. */
  firing(limit: number, after?: RuleId): Promise<StoreAnswer<ReadonlyMap<RuleId, Version>>>;
  /** Ids of rules with outbox entries. */
  outboxes(limit: number): Promise<StoreAnswer<readonly RuleId[]>>;
  /** One bulk of fenced writes; answers in order. */
  save(writes: readonly Write<RuleDocument>[]): Promise<readonly Saved[]>;
  /** One bulk of fenced removals; answers in order, those that no longer exist as `saved`. */
  remove(removals: readonly Removal[]): Promise<readonly Saved[]>;
}
