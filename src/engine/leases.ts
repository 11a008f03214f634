import type { ReadApart } from '../core/read-apart.ts';
import type { Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import type { Lease } from '../state/lease.ts';

export type { Lease } from '../state/lease.ts';

/** Port to `tocsin-leases`. */
export interface Leases {
  /** All leases. An invalid one is replaced by one that has expired, so that the next holder replaces it; it is named in `unreadable`. */
  load(): Promise<StoreAnswer<ReadonlyMap<string, Versioned<Lease>>>>;
  save(writes: readonly Write<Lease>[]): Promise<readonly Saved[]>;
}

/** The leases of a store out of what it read: an invalid one counts as ended, since its shard must have a holder. */
export function leasesRead(read: StoreAnswer<ReadApart<Versioned<Lease>>>): StoreAnswer<ReadonlyMap<string, Versioned<Lease>>> {
  if (!read.ok) return read;
  const { found, unreadable, replaceable } = read.value;
  if (unreadable.size === 0) return { ok: true, value: found };
  const leases = new Map(found);
  for (const [id, version] of replaceable) {
    const shard = /^\d{1,3}$/.test(id) ? Number(id) : -1;
    leases.set(id, { document: { v: 1, shard, holder: '', token: '', until: 0 }, version });
  }
  return { ok: true, value: leases, unreadable };
}
