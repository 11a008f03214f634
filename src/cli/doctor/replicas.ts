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
      error('leases', { found: leases.message, expected: 'readable leases', fix: 'check the health of the index tocsin-leases' }),
    ];
  const all = [...leases.value.values()].map(({ document }) => document);
  const living = all.filter((lease) => !hasEnded(lease, now));
  const tokens = [...new Set(living.map(({ token }) => token))];
  if (tokens.length === 0) return [noReplica(all)];
  const shards = living.filter(({ shard }) => shard >= 0);
  const holders = tokens.map((token) => {
    const name = living.find((lease) => lease.token === token)?.holder ?? token;
    return good(name, `alive, evaluates ${shards.filter((lease) => lease.token === token).length} of ${SHARDS} shards`);
  });
  const free = SHARDS - new Set(shards.map(({ shard }) => shard)).size;
  const unheld = warning('shards', {
    found: `${free} of ${SHARDS} are held by no replica`,
    expected: 'a replica for each, 30 seconds after a replica started or stopped',
    fix: 'tocsin doctor   # again in half a minute; if the problem persists, see the log of the replicas',
  });
  return [
    ...holders,
    ...(free > 0 ? [unheld] : []),
    ...(tokens.length === 1 ? [note('replicas', 'there is one: while it is down nothing is evaluated')] : []),
  ];

  function noReplica(known: readonly Lease[]): CheckResult {
    if (known.length === 0) return note('replicas', 'none has run yet: `tocsin run` starts one');
    const last = Math.max(0, ...known.map(({ until }) => until));
    const found =
      last === 0
        ? 'none is running: the last one was stopped, and released its leases'
        : `none is alive; the last lease ended ${humanDuration(Math.max(0, now - last))} ago`;
    return error('replicas', {
      found,
      expected: 'at least one running replica',
      fix: 'tocsin run --config tocsin.yaml',
    });
  }
}
