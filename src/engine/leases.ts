import type { Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';

/**
 * Who judges a share of the rules: saves work only, correctness does not need it. Stored names. The documents `0` to `31` are shards; a
 * `seat-…` has the shard −1 and only shows that its holder lives.
 */
export interface Lease {
  readonly v: 1;
  readonly shard: number;
  readonly holder: string;
  readonly token: string;
  readonly until: Instant;
  /** Of a seat: digests of the rules that its holder has loaded, one of each shard; absent while one of its files does not load. */
  readonly loaded?: readonly string[];
  /** The holder's process, so that another on the same machine knows when it is over. */
  readonly process?: string;
}

/** Port to `tocsin-leases`. */
export interface Leases {
  load(): Promise<StoreAnswer<ReadonlyMap<string, Versioned<Lease>>>>;
  save(writes: readonly Write<Lease>[]): Promise<readonly Saved[]>;
}
