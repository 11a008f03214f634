import { type Static, Type } from 'typebox';
import { about, instant, list, members, name } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const Lease = members({
  v: about('Version of the document.', Type.Literal(1)),
  shard: about('0 to 31; −1 for the entry of a replica.', Type.Integer({ minimum: -1, maximum: 1_000 })),
  holder: about('Name of the replica, for display. Indexed.', name),
  token: about('Token by which a replica recognizes its own leases.', name),
  until: about('When it expires unless it is renewed; 0 if it was released. Indexed.', instant),
  loaded: about(
    'In the entry of a replica: digests of the rules that its holder has loaded, one per shard; absent while the last good content of a file that does not load is unknown.',
    Type.Optional(list(name)),
  ),
  process: about(
    "The holder's process, so that another process on the same machine can detect that it has ended.",
    Type.Optional(name),
  ),
});
/**
 * Who evaluates a share of the rules: saves work only, correctness does not need it. Stored names. The documents `0` to `31` are shards; a
 * `replica-…` has the shard −1 and only shows that its holder lives.
 */
export type Lease = Static<typeof Lease>;

/** The documents of `tocsin-leases`. */
export const LEASE_KIND = storedKind({ name: 'lease', index: 'leases', schema: Lease, indexed: ['holder', 'until'] });
