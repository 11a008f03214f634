import { hashId, type RuleId } from '../../core/ids.ts';
import { canonicalJson } from '../../core/json.ts';
import type { Duration } from '../../core/time.ts';
import { BATCH_RULES } from '../../engine/batches.ts';
import type { Rule } from '../../rules/rule.ts';
import { shardOf } from '../sharding/leases.ts';

/** Executions are spread over at most this long, ms: with the second between two polls, a rule is late by less than five. */
const WIDEST: Duration = 3_000;
const SHARE = 12;

/** What the spread of a rule follows from. */
export type Spreading = Pick<Rule, 'id' | 'schedule' | 'source'>;

/**
 * How long after its ticks each rule is executed, ms, so that not everything starts at once: at most 3 s or a twelfth of `every`. Rules that
 * look at the same indices on the same schedule go together as long as they fit one batch, because together they take fewer requests, and
 * counts among them one search. Neighbours by shard go together, so that this also holds for the part that one replica evaluates.
 */
export function spreadsOf(rules: readonly Spreading[]): ReadonlyMap<RuleId, Duration> {
  const alike = new Map<string, Placed[]>();
  for (const { id, schedule, source } of rules) {
    const key = canonicalJson([schedule, source.indices]);
    const others = alike.get(key);
    const placed = { id, shard: shardOf(id), widest: widestOf(schedule) };
    if (others === undefined) alike.set(key, [placed]);
    else others.push(placed);
  }
  const spreads = new Map<RuleId, Duration>();
  for (const [key, members] of alike) {
    members.sort((a, b) => a.shard - b.shard || (a.id < b.id ? -1 : 1));
    for (const [place, { id, widest }] of members.entries())
      spreads.set(id, delayOf(key, Math.floor(place / BATCH_RULES), widest));
  }
  return spreads;
}

interface Placed {
  readonly id: RuleId;
  readonly shard: number;
  readonly widest: Duration;
}

function widestOf(schedule: Rule['schedule']): Duration {
  return Math.min(WIDEST, schedule.kind === 'every' ? Math.floor(schedule.every / SHARE) : WIDEST);
}

/** Packs of the same rules follow each other evenly, from a place that their schedule and indices have by chance. */
function delayOf(key: string, pack: number, widest: Duration): Duration {
  if (widest === 0) return 0;
  const first = Number.parseInt(hashId('spread', key).slice(0, 8), 16);
  return Math.floor(first + pack * widest * GOLDEN) % widest;
}

/** Steps of this part of the whole never fall on each other, however many there are, and lie evenly at any time. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
