import { asError } from '../../core/errors.ts';
import type { RuleId } from '../../core/ids.ts';
import { readApart } from '../../core/read-apart.ts';
import { ticksBetween } from '../../core/schedule.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { type Clock, type Duration, type Instant, iso } from '../../core/time.ts';
import { HEALTH_RULE_ID, subjectsIn } from '../../engine/self-monitoring/health-rule.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import { evaluable } from '../../engine/turn-ports.ts';
import { CHECKPOINT_WINDOWS } from '../../evaluation/evaluate-batch.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { Rule } from '../../rules/rule.ts';
import { shardOf } from '../sharding/leases.ts';
import type { Tasks } from '../tasks.ts';
import type { StoreWatch } from './store-watch.ts';

/** What is looked at. */
export interface EvaluationWatchParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly store: Pick<StoreWatch, 'isUp'>;
  readonly tasks: Pick<Tasks, 'report'>;
  readonly ports: () => Pick<TurnPorts, 'rules' | 'states'>;
}

/** What was last seen of a rule's document, and since when, by this machine's clock, nothing newer was. */
interface Seen {
  /** The tick it is evaluated up to; undefined: it has no document. */
  readonly through: Instant | undefined;
  /** When its evaluation failed last. */
  readonly tried: Instant | undefined;
  readonly since: Instant;
}

const EVERY: Duration = 60_000;
const PAGE = 1_000;
/** Documents read in one round at most: of the longest silent rules. */
const MOST = 500;
/** How long after the tick at which a document had to be written a rule may wait for it, beside its searches' timeout, ms. */
const PATIENCE: Duration = 180_000;
/** How many rules a problem names. */
const NAMED = 3;

/**
 * Makes the function to be called at every poll, which looks once a minute whether each enabled rule is evaluated by any replica: by what is
 * stored, since the replica whose part it is may hang, may not have loaded it, or may not exist. One search a thousand rules.
 */
export function startEvaluationWatch(parts: EvaluationWatchParts): () => void {
  const { clock, store, tasks } = parts;
  let seen = new Map<RuleId, Seen>();
  let lookedAt = clock.monotonic();
  let looking = false;
  const round = async (): Promise<void> => {
    const { rules, states } = parts.ports();
    const now = clock.now();
    const enabled = evaluable(rules);
    const progress = await readProgress(states);
    // What the store does not answer is the store's problem.
    if (!progress.ok) return;
    seen = new Map(enabled.map((rule) => [rule.id, seenNow(seen.get(rule.id), progress.value.get(rule.id), now)]));
    const silent = enabled.filter((rule) => isSilent(rule, seen.get(rule.id), now));
    const dead = await withoutOtherReasons(silent, seen, now, states);
    if (dead !== undefined) tasks.report('evaluation', problemOf(dead, seen));
  };
  return () => {
    if (!store.isUp()) {
      // Nothing is evaluated in this time, so all observations start over.
      seen = new Map();
      return;
    }
    if (looking || clock.monotonic() - lookedAt < EVERY) return;
    lookedAt = clock.monotonic();
    looking = true;
    void round()
      .catch((thrown: unknown) => tasks.report('evaluation', `the check failed: ${asError(thrown).message}`))
      .finally(() => {
        looking = false;
      });
  };
}

async function readProgress(states: Pick<TurnPorts['states'], 'progress'>): Promise<StoreAnswer<ReadonlyMap<RuleId, Instant>>> {
  const all = new Map<RuleId, Instant>();
  let after: RuleId | undefined;
  do {
    const page = await states.progress(PAGE, after);
    if (!page.ok) return page;
    for (const [id, through] of page.value) all.set(id, through);
    after = page.value.size < PAGE ? undefined : [...page.value.keys()].at(-1);
  } while (after !== undefined);
  return { ok: true, value: all };
}

function seenNow(before: Seen | undefined, through: Instant | undefined, now: Instant): Seen {
  const isOld = before !== undefined && Object.is(before.through, through) && before.since <= now;
  return isOld ? before : { through, tried: before?.tried, since: now };
}

/**
 * Whether a rule's document had to be written by now and was not: at once for a rule without one, else after the windows of a checkpoint, or
 * after half of `catch_up`, as long as there are ticks.
 */
function isSilent({ schedule, source, catchUp }: Rule, seen: Seen | undefined, now: Instant): boolean {
  if (seen === undefined || (seen.through ?? 0) > now) return false;
  const { ticks } = ticksBetween(schedule, seen.since, now - PATIENCE - source.timeout, CHECKPOINT_WINDOWS);
  return ticks.some(
    (tick, index) => seen.through === undefined || index + 1 === CHECKPOINT_WINDOWS || tick - seen.since >= catchUp / 2,
  );
}

/**
 * The overdue rules without another explanation: not the ones whose evaluation fails, whose document is invalid or that have a health
 * alert. Undefined when it could not be read.
 */
async function withoutOtherReasons(
  silent: readonly Rule[],
  seen: Map<RuleId, Seen>,
  now: Instant,
  states: Pick<TurnPorts['states'], 'load'>,
): Promise<readonly Rule[] | undefined> {
  if (silent.length === 0) return [];
  const since = ({ id }: Rule) => seen.get(id)?.since ?? now;
  const asked = silent.toSorted((a, b) => since(a) - since(b)).slice(0, MOST);
  const loaded = await readApart([HEALTH_RULE_ID, ...asked.map(({ id }) => id)], (ids) => states.load(ids, new Map()));
  if (!loaded.ok) return undefined;
  const { found, unreadable } = loaded.value;
  const ill = new Set(subjectsIn(found.get(HEALTH_RULE_ID)?.document, 'rule'));
  return asked.filter(({ id }) => {
    const document = found.get(id)?.document;
    const isTried = document !== undefined && noteTry(document, seen, now);
    return !isTried && !unreadable.has(id) && !ill.has(id);
  });
}

/** Notes what the document itself says; gives whether that is news, since a search does not see failed evaluations. */
function noteTry({ rule, evaluated_through, health }: RuleDocument, all: Map<RuleId, Seen>, now: Instant): boolean {
  const seen = all.get(rule);
  if (seen !== undefined && seen.tried === health.tried_at && seen.through === evaluated_through) return false;
  all.set(rule, { through: evaluated_through, tried: health.tried_at, since: now });
  return true;
}

function problemOf(dead: readonly Rule[], seen: ReadonlyMap<RuleId, Seen>): string | undefined {
  const [first] = dead;
  if (first === undefined) return undefined;
  const names = dead.slice(0, NAMED).map(({ id }) => `${id} (shard ${shardOf(id)})`);
  const more = dead.length > NAMED ? ` and ${dead.length - NAMED} more` : '';
  const since = iso(seen.get(first.id)?.since ?? 0);
  return `no replica has evaluated ${names.join(', ')}${more} since ${since}: check the replica that holds the shard in tocsin-leases`;
}
