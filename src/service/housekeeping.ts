import type { RuleId } from '../core/ids.ts';
import { readApart } from '../core/read-apart.ts';
import type { Clock, Duration } from '../core/time.ts';
import { FORGET_AFTER, forget } from '../engine/forget.ts';
import { putAside } from '../engine/health-of-state.ts';
import { type Removal, removeRules } from '../engine/remove-rules.ts';
import { clearUnjudged } from '../engine/sweep.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import type { Log } from './log.ts';

const EVERY: Duration = 60_000;
const PRUNE_EVERY: Duration = 3_600_000;

/** What is done beside the turns, once a minute. */
export interface Housekeeping {
  /** To be called at every beat; gives the work when it is time for it. Never rejects. */
  beat(ports: TurnPorts, waiting: readonly string[]): Promise<void> | undefined;
}

/** How long run indices, and episodes and notifications, are kept, ms. */
export interface Kept {
  readonly runs: Duration;
  readonly history: Duration;
}

/** What housekeeping needs of the world. */
export interface HousekeepingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, as configured now. */
  readonly keep: () => Kept;
  /** Whether this replica judges a rule, and so ends it when it is removed. */
  readonly judges: (rule: RuleId) => boolean;
  /** How it is decided that a rule is gone; without it, by how long nobody has judged it. */
  readonly removal?: () => Removal;
}

/** Starts housekeeping; its first round is a minute after the start. */
export function startHousekeeping(parts: HousekeepingParts): Housekeeping {
  const { clock, log } = parts;
  let at = clock.monotonic();
  let prunedAt = Number.NEGATIVE_INFINITY;
  let working = false;
  return {
    beat: (ports, waiting) => {
      if (working || clock.monotonic() - at < EVERY) return undefined;
      at = clock.monotonic();
      working = true;
      const prune = at - prunedAt >= PRUNE_EVERY;
      if (prune) prunedAt = at;
      return keepHouse(ports, waiting, prune, parts)
        .catch((error: unknown) => log.warn({ err: error }, 'housekeeping broke off; it begins anew in a minute'))
        .finally(() => {
          working = false;
        });
    },
  };
}

async function keepHouse(ports: TurnPorts, waiting: readonly string[], prune: boolean, parts: HousekeepingParts): Promise<void> {
  /** Each chore has a wall of its own: one that breaks keeps no other from being done. */
  const chore = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      parts.log.warn({ err: error, chore: name }, 'a chore of housekeeping broke off; it begins anew in a minute');
    }
  };
  await chore('clear what was handed on', () => clearUnjudged(ports));
  // Another replica may have told what this one still believes to be waiting; a read corrects it.
  if (waiting.length > 0) await chore('look what still waits', () => readApart(waiting, ports.conversations.load));
  await chore('end removed rules', () => endRemoved(ports, parts));
  if (prune) await chore('delete what is old', () => pruneAll(ports, parts));
}

/** Takes away what is old, so that what comes and goes for ever does not fill the indices for ever. */
async function pruneAll(ports: TurnPorts, { clock, log, keep, judges }: HousekeepingParts): Promise<void> {
  const now = clock.now();
  const { runs, history } = keep();
  const indices = await ports.projections.prune(now - runs);
  if (indices.length > 0) log.info({ indices }, 'old run indices deleted');
  const records = await ports.projections.pruneHistory(now - history);
  const silences = await ports.silences.prune(now - FORGET_AFTER);
  if (records + silences > 0)
    log.info({ records, silences }, 'old records of episodes and notifications, and silences that are over, deleted');
  // While a file does not load, its rules only look as if they were gone.
  if (ports.troubles.length > 0 || ports.rules.size === 0) return;
  const forgotten = await forget(now, ports, judges);
  if (!forgotten.ok) log.debug({ problem: forgotten.message }, 'could not look for what may be forgotten');
  else if (forgotten.value.rules + forgotten.value.conversations + forgotten.value.shrunk > 0)
    log.info({ ...forgotten.value }, 'state of rules that are gone and of quiet conversations deleted');
}

/** While a file does not load, its rules only look as if they were gone. */
async function endRemoved(ports: TurnPorts, { clock, log, judges, removal }: HousekeepingParts): Promise<void> {
  if (ports.troubles.length > 0 || ports.rules.size === 0) return;
  const ended = await removeRules(clock.now(), ports, judges, removal?.());
  if (!ended.ok) {
    log.debug({ problem: ended.message }, 'could not look for removed rules');
    return;
  }
  // Nobody evaluates them, so that no turn would ever meet their documents: health tells of those that are invalid.
  putAside(ports.session, ended.unreadable ?? new Map(), judges);
  for (const rule of ended.value) log.info({ rule }, 'this rule is gone: its alerts have ended');
}
