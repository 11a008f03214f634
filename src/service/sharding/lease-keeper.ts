import { asError } from '../../core/errors.ts';
import type { RuleId } from '../../core/ids.ts';
import type { Saved, Versioned, Write } from '../../core/stored.ts';
import type { Clock, Duration } from '../../core/time.ts';
import type { Lease, Leases } from '../../engine/leases.ts';
import type { WhereLoaded } from '../../engine/retention/remove-rules.ts';
import type { Log } from '../log.ts';
import {
  type Holder,
  LEASE,
  type LeaseDocuments,
  MARGIN,
  planLeases,
  releaseAll,
  SHARD_IDS,
  SHARDS,
  shardOf,
  withoutDead,
} from './leases.ts';
import { type LoadedRules, whereLoaded } from './loaded-rules.ts';

/** Keeps this replica's share of the rules: which of them it evaluates. */
export interface LeaseKeeper {
  /** To be called at every poll; gives the work when it is time for a round. Never rejects. */
  poll(): Promise<void> | undefined;
  /** Whether this replica evaluates a rule now. */
  evaluates(rule: RuleId): boolean;
  /** Where a rule that this replica has not loaded may be loaded, by what the living replicas say of themselves. */
  whereLoaded(rule: RuleId): WhereLoaded;
  /** What `evaluates` rests on, for the status. */
  share(): Share;
  /** Why leases cannot be kept for so long that every rule is evaluated here; undefined: they can. */
  problem(): string | undefined;
  /** Releases all that is held, after a round that is under way; afterwards nothing is evaluated and nothing taken. Never rejects. */
  release(): Promise<void>;
}

/** How many shards this replica evaluates, and how many living replicas it last saw, itself included. */
interface Share {
  readonly held: number;
  readonly of: number;
  readonly replicas: number;
}

/** What keeping leases needs of the world. */
export interface LeaseKeeperParts {
  readonly leases: Leases;
  readonly me: Holder;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a process, as a lease names it, is surely over. */
  readonly isOver: (process: string) => boolean;
  /** What this replica has loaded now; undefined: it does not know what a file that does not load last held. */
  readonly loaded?: () => LoadedRules | undefined;
}

const EVERY: Duration = 5_000;

/** Leases only save work: when they cannot be kept for this long, ms, every rule is evaluated here, though others may do so too. */
const ALONE_AFTER: Duration = 30_000;

/** Rounds at once when another replica was quicker, the first one included. */
const TRIES = 2;

/** Makes a keeper that holds nothing before its first round; that one begins with the first poll. */
export function keepLeases({
  leases,
  me,
  clock,
  log,
  isOver,
  loaded: ownRules = () => undefined,
}: LeaseKeeperParts): LeaseKeeper {
  /** Until when each shard is held, by the clock that never jumps. */
  const held = new Map<string, number>();
  /** A shard is a hash, and every rule is asked about at each poll. */
  const shards = new Map<RuleId, string>();
  let known = new Map<string, Versioned<Lease>>();
  /** Leases that a newer Tocsin wrote: their holders may live, and have rules loaded that are not known here. */
  let foreign: ReadonlySet<string> = new Set();
  let replicas = 1;
  let beganAt = Number.NEGATIVE_INFINITY;
  let logged = 0;
  /** When rounds began to fail; undefined: the last one did not. */
  let failingSince: number | undefined;
  let alone = false;
  let failure: string | undefined;
  let working: Promise<void> | undefined;
  let released = false;

  const isHeld = (shard: string) => (held.get(shard) ?? 0) > clock.monotonic();
  const shardIdOf = (rule: RuleId): string => {
    const shard = shards.get(rule) ?? String(shardOf(rule));
    shards.set(rule, shard);
    return shard;
  };
  const count = () => SHARD_IDS.filter(isHeld).length;

  const take = (write: Write<Lease>, saved: Saved | undefined, until: number): void => {
    if (saved?.kind === 'saved') {
      known.set(write.id, { document: write.document, version: saved.version });
      if (write.document.until !== 0) held.set(write.id, until);
    } else if (saved?.kind === 'conflict') {
      known.delete(write.id);
      held.delete(write.id);
    }
    // Otherwise the outcome is unknown: earlier acknowledgements stay valid, and the next round reads the current state.
  };
  /** Gives whether another replica was quicker, so that another look is worth it. */
  const round = async (): Promise<boolean> => {
    const loaded = await leases.load();
    if (!loaded.ok) return failing(loaded.message);
    const left = new Set([...(loaded.unreadable?.keys() ?? [])].filter((lease) => !loaded.value.has(lease)));
    for (const [lease, problem] of loaded.unreadable ?? []) {
      if (!left.has(lease))
        log.warn({ lease, problem }, 'a lease is invalid: it counts as expired, and its next holder replaces it');
      else if (!foreign.has(lease))
        log.warn({ lease, problem }, 'a lease cannot be read: it is left unchanged, and its shard is not taken over');
    }
    foreign = left;
    if (released) return false;
    known = withOwn(withoutDead(loaded.value, isOver), known, me);
    const began = clock.monotonic();
    const plan = planLeases(known, me, clock.now(), { loaded: ownRules(), foreign });
    // Evaluating ends before others may begin.
    for (const { id } of plan.giveUp) held.delete(id);
    const writes = [...plan.keep, ...plan.giveUp];
    const results = await leases.save(writes);
    for (const [index, write] of writes.entries()) take(write, results[index], began + LEASE - MARGIN);
    replicas = plan.holders;
    const failed = results.find((result) => result.kind === 'unclear' || result.kind === 'refused');
    if (failed !== undefined) return failing(failed.message);
    if (failingSince !== undefined) log.info('leases can be renewed again');
    failingSince = undefined;
    failure = undefined;
    alone = false;
    return results.some((result) => result.kind === 'conflict');
  };
  const failing = (problem: string): false => {
    if (failingSince === undefined)
      log.warn({ problem }, 'leases cannot be renewed: held shards are evaluated until they expire');
    failingSince ??= clock.monotonic();
    failure = problem;
    if (alone || clock.monotonic() - failingSince < ALONE_AFTER) return false;
    alone = true;
    log.warn({ problem }, 'leases still cannot be renewed: this replica evaluates all rules');
    return false;
  };
  const work = async (): Promise<void> => {
    try {
      for (let tries = 0; tries < TRIES && (await round()); tries++);
    } catch (error) {
      failing(`a round failed: ${asError(error).message}`);
    }
    const now = count();
    if (now !== logged) log.info({ shards: now, of: SHARDS, replicas }, 'the shards evaluated by this replica have changed');
    logged = now;
  };

  return {
    poll: () => {
      if (released || working !== undefined || clock.monotonic() - beganAt < EVERY) return undefined;
      beganAt = clock.monotonic();
      working = work().finally(() => {
        working = undefined;
      });
      return working;
    },
    evaluates: (rule) => !released && (alone || isHeld(shardIdOf(rule))),
    whereLoaded: (rule) => {
      const own = ownRules();
      // Who cannot keep its leases does not see those of others either.
      if (own === undefined || known.size === 0 || failingSince !== undefined) return 'perhaps';
      const where = whereLoaded(rule, own, me.token, known, clock.now());
      return where === 'nowhere' && foreign.size > 0 ? 'unknown' : where;
    },
    share: () => ({ held: released ? 0 : alone ? SHARDS : count(), of: SHARDS, replicas }),
    problem: () => (alone ? failure : undefined),
    release: async () => {
      released = true;
      await working;
      const writes = releaseAll(known, me);
      if (writes.length > 0) await leases.save(writes).catch(() => undefined);
    },
  };
}

/** What was read, and what this replica wrote itself: a search does not find new documents at once. */
function withOwn(loaded: LeaseDocuments, known: LeaseDocuments, { token }: Holder): Map<string, Versioned<Lease>> {
  const own = [...known].filter(([id, { document }]) => document.token === token && !loaded.has(id));
  return new Map([...loaded, ...own]);
}
