import type { Json } from '../core/json.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Group, Value } from './query.ts';
import type { SearchProblem } from './search-problem.ts';

/** One group of a window: how many documents (by the aggregation's count, never hits) and the metrics; null where no document had a value. */
export interface GroupRow {
  readonly group: Group;
  readonly docs: number;
  readonly values: Readonly<Record<string, Value | null>>;
  readonly bucket?: Instant;
}

/** Values of a document by field, as Elasticsearch's `fields` gives them: always arrays. */
export type Fields = Readonly<Record<string, readonly Json[]>>;

/** One document. */
export interface HitRow {
  readonly id: string;
  readonly index: string;
  readonly at: Instant;
  readonly fields: Fields;
}

/** One row of an ES|QL answer, by column. */
export type EsqlRow = Readonly<Record<string, Value | null>>;

/** What one query cost: the server's `took` and the shards it touched; `merged` names how many queries shared the search. */
export interface Cost {
  readonly took: Duration;
  readonly shards: number;
  readonly merged: number;
}

/** An answer that arrived whole, or truncated by `maxGroups`/`limit`; only the member of the query's kind is filled. */
export interface Arrived {
  /** truncated: what did not come back proves nothing; ask again with `only`. */
  readonly kind: 'complete' | 'truncated';
  readonly groups: readonly GroupRow[];
  readonly hits: readonly HitRow[];
  readonly table: readonly EsqlRow[];
  /** Documents that matched the filter in the window, grouped or not. */
  readonly matched: number;
  /** Matching documents that lack a group_by field (`missing: exclude`). */
  readonly ungrouped: number;
  /** Lower bound of the number of groups (groups), documents (hits) or rows (table). */
  readonly atLeast: number;
  /** The groups of `named`, in order, with the values that rows have: `2001:db8::1` for `2001:DB8:0:0:0:0:0:1`. */
  readonly named?: readonly Group[];
  /** Metrics whose values are times in ms, since their field is a date; absent: none. */
  readonly dates?: readonly string[];
  /** The question as it was sent, for `explain`. */
  readonly sent: Json;
  readonly cost: Cost;
}

/** What came back for a query: an answer, or a named problem; never an empty answer in place of a failure. */
export type Answer =
  | Arrived
  | { readonly kind: 'failed'; readonly problem: SearchProblem; readonly sent?: Json; readonly cost: Cost };

/** Answers of one evaluation by the query's name. Never a failed one: that ends the evaluation before `ask` or `measure` sees it. */
export type Answers = ReadonlyMap<string, Arrived>;

/** The cost of a question that was not asked. */
export const NO_COST: Cost = { took: 0, shards: 0, merged: 1 };
