import { asError } from '../core/errors.ts';
import type { RuleId } from '../core/ids.ts';
import { readApart } from '../core/read-apart.ts';
import { type Clock, DAY, type Duration } from '../core/time.ts';
import { hasRulesOfFiles, notLoaded } from '../engine/known-deleted.ts';
import { savePauses } from '../engine/retention/pause-rules.ts';
import { type RuleRemoval, removeRules } from '../engine/retention/remove-rules.ts';
import { applyRetention, FORGET_AFTER } from '../engine/retention/retention.ts';
import { clearUnevaluated } from '../engine/sweep.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import { ACKNOWLEDGED_FOR } from '../notify/acknowledgements.ts';
import type { Log } from './log.ts';

const EVERY: Duration = 60_000;
const PRUNE_EVERY: Duration = 3_600_000;
const KEEP_RECEIVED: Duration = DAY;

/** What is done beside the turns, once a minute. */
export interface Housekeeping {
  /** To be called at every poll; gives the work when it is time for it. Never rejects. */
  poll(ports: TurnPorts, waiting: readonly string[]): Promise<void> | undefined;
}

/** How long run indices, and episodes and notifications, are kept, ms. */
interface Kept {
  readonly runs: Duration;
  readonly history: Duration;
}

/** What housekeeping needs of the world. */
export interface HousekeepingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, as configured now. */
  readonly keep: () => Kept;
  /** Whether this replica evaluates a rule, and so ends it when it is removed. */
  readonly evaluates: (rule: RuleId) => boolean;
  /** Notified after each round why it failed, as the one before did; undefined: it did not. `from`: when that began, by the monotonic clock. */
  readonly report?: (problem: string | undefined, from: Duration) => void;
  /** How to decide that a rule was removed; default: by the time since its last evaluation. */
  readonly removal?: () => RuleRemoval;
}

/** A round that has not ended after this, ms, is hanging. */
const HANGING: Duration = 600_000;

/** Starts housekeeping; its first round is a minute after the start. */
export function startHousekeeping(parts: HousekeepingParts): Housekeeping {
  const { clock, report = () => undefined } = parts;
  let at = clock.monotonic();
  let failingSince: Duration | undefined;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let working = false;
  return {
    poll: (ports, waiting) => {
      if (working && clock.monotonic() - at >= HANGING) report('a round of housekeeping takes too long', at);
      if (working || clock.monotonic() - at < EVERY) return undefined;
      at = clock.monotonic();
      working = true;
      const prune = at - prunedAt >= PRUNE_EVERY;
      return runHousekeeping(ports, waiting, prune, parts)
        .catch((thrown: unknown) => asError(thrown).message)
        .then((problem) => {
          // Another replica was quicker, or the store was away for a moment: what fails once is done a minute later.
          report(failingSince === undefined ? undefined : problem, failingSince ?? at);
          failingSince = problem === undefined ? undefined : (failingSince ?? at);
          // What could not be pruned is tried again a minute later.
          if (prune && problem === undefined) prunedAt = at;
        })
        .finally(() => {
          working = false;
        });
    },
  };
}

/** Gives why something of it could not be done. Each chore has a wall of its own: one that breaks keeps no other from being done. */
async function runHousekeeping(
  ports: TurnPorts,
  waiting: readonly string[],
  prune: boolean,
  parts: HousekeepingParts,
): Promise<string | undefined> {
  let problem: string | undefined;
  const chore = async (name: string, work: () => Promise<string | undefined>): Promise<void> => {
    const failed = await work().catch((error: unknown) => {
      parts.log.debug({ err: error, chore: name }, 'a housekeeping task failed; it is retried in a minute');
      return asError(error).message;
    });
    if (failed !== undefined) problem ??= `could not ${name}: ${failed}`;
  };
  await chore('clear what was enqueued', async () => void (await clearUnevaluated(ports)));
  // Another replica may have notified what this one still believes to be waiting; a read corrects it.
  if (waiting.length > 0)
    await chore('check pending notifications', async () => void (await readApart(waiting, ports.alertGroups.load)));
  await chore('note paused rules', () => savePauses(parts.clock.now(), ports, parts.evaluates));
  await chore('end removed rules', () => endRemoved(ports, parts));
  if (prune) await chore('delete old documents', () => pruneAll(ports, parts));
  return problem;
}

/** Deletes old documents, so that the indices do not grow without bound. */
async function pruneAll(ports: TurnPorts, { clock, log, keep, evaluates }: HousekeepingParts): Promise<string | undefined> {
  const now = clock.now();
  const { runs, history } = keep();
  const indices = await ports.history.prune(now - runs);
  if (indices.length > 0) log.info({ indices }, 'old run indices deleted');
  const records = await ports.history.pruneHistory(now - history);
  const silences = await ports.silences.prune(now - FORGET_AFTER);
  const acknowledgements = await ports.acknowledgements.prune(now - ACKNOWLEDGED_FOR - FORGET_AFTER);
  // After an outage those whose time ran out meanwhile are still looked at.
  await ports.received?.prune(now - KEEP_RECEIVED);
  if (records + silences + acknowledgements > 0)
    log.info(
      { records, silences, acknowledgements },
      'old records of episodes and notifications, ended silences, and old acknowledgements deleted',
    );
  // While a file does not load, its rules only look as if they were gone.
  if (ports.failures.length > 0 || !hasRulesOfFiles(ports)) return undefined;
  const forgotten = await applyRetention(now, ports, evaluates);
  if (!forgotten.ok) return `could not search for old state: ${forgotten.message}`;
  if (forgotten.value.rules + forgotten.value.alertGroups + forgotten.value.shrunk > 0)
    log.info({ ...forgotten.value }, 'state of removed rules and of quiet alert groups deleted');
  return undefined;
}

/** While it is not known what a file that does not load last held, its rules only look as if they were gone. */
async function endRemoved(ports: TurnPorts, { clock, log, evaluates, removal }: HousekeepingParts): Promise<string | undefined> {
  if (notLoaded(ports) === undefined || !hasRulesOfFiles(ports)) return undefined;
  const ended = await removeRules(clock.now(), ports, evaluates, removal?.());
  if (!ended.ok) return ended.message;
  // They are not evaluated, so that no turn would ever meet their documents: health reports those that are invalid.
  ports.session.putAside = { unreadable: ended.unreadable ?? new Map(), evaluates };
  for (const rule of ended.value) log.info({ rule }, 'rule removed: its alerts have ended');
  return undefined;
}
