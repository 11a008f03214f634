import { humanDuration } from '../../core/duration.ts';
import type { StoreAnswer, Versioned } from '../../core/stored.ts';
import type { Instant } from '../../core/time.ts';
import type { Lease } from '../../engine/leases.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { hasEnded, SHARDS } from '../../service/sharding/leases.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note, warning } from './check-result.ts';

/** Whether a replica of `tocsin run` is alive, and whether they share all rules between them. */
export const replicasCheck: DoctorCheck = {
  name: 'replicas',
  title: 'Replicas',
  needs: 'state',
  limit: SHORT,
  run: async ({ backend, clock }) => replicaFindings(await backend.leases.load(), clock.now()),
};

/** What is to be said of the replicas. A replica entry shows that its holder lives; the other documents say who evaluates which shard. */
export function replicaFindings(
  leases: StoreAnswer<ReadonlyMap<string, Versioned<Lease>>>,
  now: Instant,
): readonly CheckResult[] {
  if (!leases.ok)
    return [
      error('leases', { found: leases.message, expected: 'that they can be read', fix: 'see the health of tocsin-leases' }),
    ];
  const all = [...leases.value.values()].map(({ document }) => document);
  const living = all.filter((lease) => !hasEnded(lease, now));
  const tokens = [...new Set(living.map(({ token }) => token))];
  if (tokens.length === 0) return [nobody(all)];
  const shards = living.filter(({ shard }) => shard >= 0);
  const holders = tokens.map((token) => {
    const name = living.find((lease) => lease.token === token)?.holder ?? token;
    return good(name, `alive, evaluates ${shards.filter((lease) => lease.token === token).length} of ${SHARDS} shards`);
  });
  const free = SHARDS - new Set(shards.map(({ shard }) => shard)).size;
  const unheld = warning('shards', {
    found: `${free} of ${SHARDS} are held by no replica`,
    expected: 'that each has a replica, 30 seconds after one came or went',
    fix: 'tocsin doctor   # again in half a minute; if it stays, see the log of the replicas',
  });
  return [
    ...holders,
    ...(free > 0 ? [unheld] : []),
    ...(tokens.length === 1 ? [note('replicas', 'there is one: while it is away nothing is evaluated')] : []),
  ];

  function nobody(known: readonly Lease[]): CheckResult {
    if (known.length === 0) return note('replicas', 'none has run yet: `tocsin run` starts one');
    const last = Math.max(0, ...known.map(({ until }) => until));
    const since = last === 0 ? '' : `; the last lease ended ${humanDuration(Math.max(0, now - last))} ago`;
    return error('replicas', {
      found: `none is alive${since}`,
      expected: 'one or more that run',
      fix: 'tocsin run --config tocsin.yaml',
    });
  }
}
