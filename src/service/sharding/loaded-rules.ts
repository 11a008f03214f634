import { hashId, type RuleId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { hasRulesOfFiles, notLoaded } from '../../engine/known-deleted.ts';
import type { WhereLoaded } from '../../engine/retention/remove-rules.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import { hasEnded, type LeaseDocuments, NO_SHARD, SHARDS, shardOf } from './leases.ts';

/** What a replica has loaded: one digest of the sorted rule ids of each shard, whatever the number of rules. */
export type LoadedRules = readonly string[];

const DIGEST_LENGTH = 12;

/** The digests of these rules; paused ones count as loaded. */
export function loadedRules(rules: Iterable<RuleId>): LoadedRules {
  const shards = Array.from({ length: SHARDS }, (): RuleId[] => []);
  for (const rule of rules) shards[shardOf(rule)]?.push(rule);
  return shards.map((ids) => hashId('loaded', ids.toSorted()).slice(0, DIGEST_LENGTH));
}

/**
 * Says what this replica has loaded now, for the others. A rule that a file that does not load may have counts as loaded: it is not known to be gone.
 * Undefined while it is not known which these are. What it said last is kept, since it is asked with every renewal of a lease.
 */
export function loadedNow(): (ports: Pick<TurnPorts, 'rules' | 'failures' | 'inBrokenFiles'>) => LoadedRules | undefined {
  let last: { readonly rules: TurnPorts['rules']; readonly loaded: LoadedRules } | undefined;
  return (ports) => {
    const { rules } = ports;
    const more = notLoaded(ports);
    if (more === undefined || !hasRulesOfFiles(ports)) return undefined;
    if (last?.rules !== rules) last = { rules, loaded: loadedRules(new Set([...rules.keys(), ...more])) };
    return last.loaded;
  };
}

/**
 * Where a rule that this replica has not loaded may be loaded: nowhere when every living replica has the same rules as this one in its
 * shard; perhaps elsewhere when one of them has others; unknown when one of them does not say, as an older Tocsin does not.
 */
export function whereLoaded(rule: RuleId, own: LoadedRules, me: string, documents: LeaseDocuments, now: Instant): WhereLoaded {
  const living = [...documents.values()].map(({ document }) => document).filter((lease) => !hasEnded(lease, now));
  const others = new Set(living.map(({ token }) => token).filter((token) => token !== me));
  const shard = shardOf(rule);
  for (const { shard: kind, token, loaded } of living) {
    if (kind !== NO_SHARD || !others.has(token) || !isReadable(loaded)) continue;
    if (loaded[shard] !== own[shard]) return 'perhaps';
    others.delete(token);
  }
  return others.size === 0 ? 'nowhere' : 'unknown';
}

function isReadable(loaded: unknown): loaded is LoadedRules {
  return Array.isArray(loaded) && loaded.length === SHARDS;
}
