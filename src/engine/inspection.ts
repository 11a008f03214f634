import type { StoreAnswer, StoreUse } from '../core/stored.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Source } from '../search/query.ts';
import type { SearchProblem } from '../search/search-problem.ts';

/** An answer of the cluster about itself, or why there is none. */
export type Inspected<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: SearchProblem };

/** What one address of the cluster says of itself. */
export interface NodeFound {
  /** Such as `8.19.3`. */
  readonly version: string;
  readonly cluster: string;
  readonly clusterId: string;
  /** `default`, or `serverless`. */
  readonly flavor: string;
  /** How long the answer took, ms by a clock that does not jump. */
  readonly took: Duration;
}

/** Whose requests these are, as the cluster knows them. */
export interface LoginFound {
  readonly username: string;
  /** The API key's name and id, where one was shown. */
  readonly apiKey: { readonly id: string; readonly name: string } | undefined;
  readonly roles: readonly string[];
}

/** Privileges, in Elasticsearch's words: of the cluster, and on names or patterns of indices. */
export interface Privileges {
  readonly cluster: readonly string[];
  readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
}

/** One index of Tocsin's own, without the runs' of single days. */
export interface StateIndexFound {
  readonly name: string;
  /** `missing`: it is made at the start. `foreign`: not made by Tocsin. Else the version of its mapping. */
  readonly mapping: 'missing' | 'foreign' | number;
  readonly health: string | undefined;
  /** Blocks that refuse its writes, as its settings name them: `read_only_allow_delete`. */
  readonly blocks?: readonly string[];
}

/** What is behind the patterns of a source. */
export interface SourceFound {
  readonly dataStreams: readonly { readonly name: string; readonly template: string | undefined }[];
  /** Indices of no data stream. */
  readonly indices: readonly string[];
}

/** How a field is mapped in the indices of a source: its types, and whether every one of them can be grouped by. Empty: nowhere. */
export interface FieldFound {
  readonly types: readonly string[];
  readonly aggregatable: boolean;
}

/** Port to what a cluster says of itself, for the doctor. Everything only reads; nothing is made. */
export interface Inspection {
  /** Addresses of the configuration, without credentials. */
  readonly addresses: readonly string[];
  /** Asks one address, and no other. */
  node(address: string, signal: AbortSignal): Promise<Inspected<NodeFound>>;
  /** `off`: the cluster does not authenticate. */
  login(signal: AbortSignal): Promise<Inspected<LoginFound | 'off'>>;
  /** Those of the wanted privileges that this login does not have; each with all its names. */
  lacking(wanted: Privileges, signal: AbortSignal): Promise<Inspected<Privileges>>;
  /** By how much the clocks of the cluster's nodes are ahead of this machine, ms, by name; half of the way there and back is taken off. */
  clocks(now: () => Instant, signal: AbortSignal): Promise<Inspected<ReadonlyMap<string, Duration>>>;
  stateIndices(
    signal: AbortSignal,
    use?: StoreUse,
  ): Promise<Inspected<{ readonly indices: readonly StateIndexFound[]; readonly mappingVersion: number }>>;
  source(source: Source, signal: AbortSignal): Promise<Inspected<SourceFound>>;
  /** Only for fields that are named, without patterns. */
  fields(source: Source, names: readonly string[], signal: AbortSignal): Promise<Inspected<ReadonlyMap<string, FieldFound>>>;
  /** Names of fields that are mapped in a source, without metadata: what a misspelt name may have been intended to be. */
  fieldNames(source: Source, signal: AbortSignal): Promise<Inspected<readonly string[]>>;
  /** Ids of alert groups that have something to send, or something that died; at most `limit`. */
  alertGroups(limit: number): Promise<StoreAnswer<readonly string[]>>;
}
