import type { JsonObject } from '../core/json.ts';
import type { Duration, TimeRange } from '../core/time.ts';

/** A single value of a document or a measurement; a bigint is an integer beyond 2^53, exact. */
export type Value = number | bigint | string | boolean;

/** The values of a rule's `group_by` fields, as strings; `{}` without group_by; null where `missing: include` found no value. */
export type Group = Readonly<Record<string, string | null>>;

/** A query of Elasticsearch's Query DSL. */
export type QueryDsl = JsonObject;

/** Where a rule looks: data streams or patterns, its time field and how a search of it may behave. */
export interface Source {
  readonly indices: readonly string[];
  readonly timeField: string;
  /** True: no index at all reads as no documents; false: it is the problem `no_index`. */
  readonly ignoreMissingIndex: boolean;
  /** Longest time one search may take, ms. */
  readonly timeout: Duration;
  /** True: the frozen tier is searched too. */
  readonly frozen: boolean;
}

/** A number (or for `last` any value) to take over the documents of a group; `where` narrows the documents it looks at. */
export type Metric = { readonly where?: QueryDsl } & (
  | { readonly of: 'count' }
  | { readonly of: 'avg' | 'min' | 'max' | 'sum' | 'cardinality' | 'value_count'; readonly field: string }
  // Of several values in the newest document the greatest, or with `all` the whole set as one text. `number`: a date is a problem.
  | { readonly of: 'last'; readonly field: string; readonly all?: true; readonly number?: true }
  | { readonly of: 'percentile'; readonly field: string; readonly percent: number }
);

interface Asked {
  /** The query's name within one evaluation; answers are found by it. */
  readonly name: string;
  readonly source: Source;
  readonly window: TimeRange;
  readonly filter: QueryDsl;
}

/** Counts and metrics for each group of documents in a window. */
export type GroupsQuery = Asked & {
  readonly kind: 'groups';
  readonly groupBy: readonly string[];
  readonly missing: 'exclude' | 'include';
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly maxGroups: number;
  /** Asks about these groups alone. */
  readonly only?: readonly Group[];
  /** Groups as a person wrote them: the answer says by which values its rows have them. */
  readonly named?: readonly Group[];
  /** Divides the window into buckets of this length, ms, counted from `window.from`; each row then has its bucket's start. */
  readonly bucket?: Duration;
};

/** Documents of a window, newest first; the port pages up to `limit`. `fields: ['*']` asks for all. */
export type HitsQuery = Asked & {
  readonly kind: 'hits';
  readonly fields: readonly string[];
  /** Fields whose values become groups or keys: dates among them come as rows of groups have them, in ISO 8601. */
  readonly keys?: readonly string[];
  readonly limit: number;
  /** Documents that match this come before all others. Such a question is one page: its limit stays below 1,000. */
  readonly first?: QueryDsl;
  /** Only documents in one of these parts of the window, oldest first; all of them by default. */
  readonly within?: readonly TimeRange[];
};

/**
 * An ES|QL query over the source, bounded to the window by a request filter. `text` has the commands after `FROM`, beginning with `|`;
 * the port says `FROM` itself, so that every kind of question looks where its source says.
 */
export type EsqlQuery = Asked & { readonly kind: 'esql'; readonly text: string; readonly maxRows: number };

/** What a rule type can ask about one window. */
export type Query = GroupsQuery | HitsQuery | EsqlQuery;
