import { hashId, type RuleId } from '../../core/ids.ts';
import type { Versioned, Write } from '../../core/stored.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { Lease } from '../../engine/leases.ts';

/** Into how many shards the rules are divided; fixed, because every replica must divide alike. */
export const SHARDS = 32;

/** The ids of the shards' documents. */
export const SHARD_IDS: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => String(shard));

/** How long a lease lives after it was written, ms. */
export const LEASE: Duration = 20_000;

/** Clocks of replicas may differ by less than this, ms, before a rule is evaluated twice; its own lease ends so much earlier for its holder. */
export const MARGIN: Duration = 5_000;

/** No honest lease ends later than this from now, ms: one that seems to was written by a clock that was wrong, and must not hold a shard. */
const FURTHEST: Duration = LEASE + 10_000;

/** Shards given up at once: a share moves in small steps. */
const GIVEN_AT_ONCE = 2;

/** Stands for the shard in a replica entry, by which a replica without a shard is seen, and what it has loaded. */
export const NO_SHARD = -1;

/** A replica: its name for people, and the token by which its own leases are known. */
export interface Holder {
  readonly holder: string;
  readonly token: string;
  /** Its process, if the system can identify it. */
  readonly process?: string;
}

/** The lease documents as last read or written, by id: `0` to `31` for shards, `replica-0` and on for the replicas themselves. */
export type LeaseDocuments = ReadonlyMap<string, Versioned<Lease>>;

/** What a holder does about the leases now; every write is fenced by the version that was read. */
export interface LeasePlan {
  /** Shards to renew or to take, and the replica entry; each is the holder's once its write is acknowledged. */
  readonly keep: readonly Write<Lease>[];
  /** Shards to give up, released so that another takes them at once. */
  readonly giveUp: readonly Write<Lease>[];
  /** Living replicas, this one included. */
  readonly holders: number;
}

/** What a holder knows beside the leases that it read. */
interface KnownBeside {
  /** What it has loaded, for its replica entry. */
  readonly loaded?: readonly string[] | undefined;
  /** Ids of the leases that a newer Tocsin wrote: neither free nor to be written. */
  readonly foreign?: ReadonlySet<string>;
}

/** The leases with those released whose holder's process has certainly ended: no other process can renew them. */
export function withoutDead(documents: LeaseDocuments, isOver: (process: string) => boolean): LeaseDocuments {
  const verdicts = new Map<string, boolean>();
  const isDead = ({ process, until }: Lease) => {
    if (process === undefined || until === 0) return false;
    const verdict = verdicts.get(process) ?? isOver(process);
    verdicts.set(process, verdict);
    return verdict;
  };
  return new Map(
    [...documents].map(([id, stored]) => {
      const { document, version } = stored;
      return [id, isDead(document) ? { document: { ...document, until: 0 }, version } : stored];
    }),
  );
}

/** The shard of a rule, 0 to 31: fixed by its id. */
export function shardOf(rule: RuleId): number {
  return Number.parseInt(hashId('shard', rule).slice(0, 8), 16) % SHARDS;
}

/** Whether a lease has expired, was released, or ends too far in the future to be valid. */
export function hasEnded({ until }: Pick<Lease, 'until'>, now: Instant): boolean {
  return until <= now || until > now + FURTHEST;
}

/**
 * What a holder renews, takes and gives up at `now`. Shares are sticky: nothing moves while each living replica holds its even part, rounded
 * down or up. Above it a holder gives up one or two shards a round; what is free goes to those with the fewest first.
 */
export function planLeases(documents: LeaseDocuments, me: Holder, now: Instant, known: KnownBeside = {}): LeasePlan {
  const { loaded, foreign = new Set() } = known;
  const counts = livingShares(documents, me, now);
  const mine = SHARD_IDS.filter((id) => isMine(documents.get(id), me));
  const free = SHARD_IDS.filter((id) => !mine.includes(id) && !foreign.has(id) && isFree(documents.get(id), now));
  const least = Math.floor(SHARDS / counts.size);
  const most = Math.ceil(SHARDS / counts.size);
  const othersLack = [...counts].some(([token, count]) => token !== me.token && count < least);

  const surplus = surplusOf(mine.length, { least, most, wanted: othersLack && free.length === 0 });
  const given = mine.slice(mine.length - surplus);
  const room = Math.max(0, (othersLack ? least : most) - mine.length);
  const taken = inOrderOf(me, free).slice(0, room);
  const write = (id: string, until: Instant, shard = Number(id)): Write<Lease> => ({
    id,
    document: { v: 1, shard, ...me, until },
    version: documents.get(id)?.version,
  });
  const { document: place, ...where } = write(replicaEntryOf(documents, me, now, foreign), now + LEASE, NO_SHARD);
  const replicaEntry = { ...where, document: loaded === undefined ? place : { ...place, loaded } };
  return {
    keep: [...[...mine.slice(0, mine.length - surplus), ...taken].map((id) => write(id, now + LEASE)), replicaEntry],
    giveUp: given.map((id) => write(id, 0)),
    holders: counts.size,
  };
}

/** The writes that release all that a holder has, so that others need not wait until it runs out. */
export function releaseAll(documents: LeaseDocuments, me: Holder): readonly Write<Lease>[] {
  return [...documents].flatMap(([id, stored]) =>
    isMine(stored, me) ? [{ id, document: { ...stored.document, until: 0 }, version: stored.version }] : [],
  );
}

/** How many shards each living replica holds, by token; one that asks is alive. */
function livingShares(documents: LeaseDocuments, me: Holder, now: Instant): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([[me.token, 0]]);
  for (const { document } of documents.values()) {
    if (hasEnded(document, now)) continue;
    counts.set(document.token, (counts.get(document.token) ?? 0) + (document.shard === NO_SHARD ? 0 : 1));
  }
  return counts;
}

/** A shard too many goes at once; one that is only rounded up goes when it is `wanted` by a replica with less than its part. */
function surplusOf(mine: number, part: { readonly least: number; readonly most: number; readonly wanted: boolean }): number {
  if (mine > part.most) return Math.min(GIVEN_AT_ONCE, mine - part.most);
  return part.wanted && mine > part.least ? 1 : 0;
}

/** An expired lease that was not taken over still belongs to its holder: renewing it moves nothing. A released one has no holder. */
function isMine(stored: Versioned<Lease> | undefined, { token }: Holder): boolean {
  return stored !== undefined && stored.document.token === token && stored.document.until !== 0;
}

function isFree(stored: Versioned<Lease> | undefined, now: Instant): boolean {
  return stored === undefined || hasEnded(stored.document, now);
}

/** Replica entries of replicas that no longer exist are used again, so that there are never more than replicas lived at once. */
function replicaEntryOf(documents: LeaseDocuments, me: Holder, now: Instant, foreign: ReadonlySet<string>): string {
  const replicaEntries = [...documents].filter(([, { document }]) => document.shard === NO_SHARD);
  const own =
    replicaEntries.find(([, stored]) => isMine(stored, me)) ?? replicaEntries.find(([, { document }]) => hasEnded(document, now));
  if (own !== undefined) return own[0];
  let number = 0;
  while (documents.has(`replica-${number}`) || foreign.has(`replica-${number}`)) number++;
  return `replica-${number}`;
}

/** Each replica has an order of its own, so that two that take at the same time seldom reach for the same shard. */
function inOrderOf({ token }: Holder, ids: readonly string[]): readonly string[] {
  const rank = new Map(ids.map((id) => [id, hashId(token, id)]));
  return ids.toSorted((a, b) => ((rank.get(a) ?? '') < (rank.get(b) ?? '') ? -1 : 1));
}
