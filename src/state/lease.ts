import { type Static, Type } from 'typebox';
import { storedReader } from './read-stored.ts';
import { instant, list, members, name } from './shapes.ts';

const Lease = members({
  v: Type.Literal(1),
  shard: Type.Integer({ minimum: -1, maximum: 1_000 }),
  holder: name,
  token: name,
  until: instant,
  /** Of a replica entry: digests of the rules that its holder has loaded, one of each shard; absent while it does not know what a file that does not load last held. */
  loaded: Type.Optional(list(name)),
  /** The holder's process, so that another on the same machine knows when it is over. */
  process: Type.Optional(name),
});
/**
 * Who evaluates a share of the rules: saves work only, correctness does not need it. Stored names. The documents `0` to `31` are shards; a
 * `replica-…` has the shard −1 and only shows that its holder lives.
 */
export type Lease = Static<typeof Lease>;

/** Reads a lease, whole. */
export const readLease = storedReader(Lease);
