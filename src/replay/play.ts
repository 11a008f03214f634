import { createMemory } from '../backends/embedded/memory-stores.ts';
import type { RuleStory, StatusChange } from '../backtest/rule-story.ts';
import { TocsinError } from '../core/errors.ts';
import { canonicalJson } from '../core/json.ts';
import { nextTick, ticksBetween } from '../core/schedule.ts';
import { type Clock, type Duration, type Instant, type TimeRange, untimed } from '../core/time.ts';
import { assemble } from '../engine/assemble.ts';
import { recording } from '../engine/recording.ts';
import { simulate } from '../engine/simulate.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import type { FileFailure, TurnPorts } from '../engine/turn-ports.ts';
import { knownDocument } from '../evaluation/session.ts';
import type { ReadyDestination } from '../notify/delivery-ports.ts';
import type { Rule } from '../rules/rule.ts';
import { askAhead } from '../search/range/ask-ahead.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import type { Search } from '../search/search.ts';
import { withArrivals } from './arrivals.ts';
import type { RunBudget } from './budget.ts';
import { watchHealth } from './health-watch.ts';
import { storyBook } from './story-book.ts';

/** What the configuration says of messages: where they go and when. */
export interface DeliverySettings
  extends Pick<TurnPorts, 'namespace' | 'routing' | 'kibana' | 'externalUrl' | 'delivery' | 'destination'> {
  readonly meta?: string | undefined;
  readonly traceLogs?: TurnPorts['traceLogs'];
}

/** What rules did in `(from, to]`, in the order of their names. */
export interface PlayedRules {
  readonly from: Instant;
  readonly to: Instant;
  readonly warmUp: Duration;
  readonly rules: readonly RuleStory[];
  /** Alerts about Tocsin itself: groups are `{kind, subject}`. */
  readonly health: readonly StatusChange[];
  /** Only where the budget ended before the range did: `to` is what was covered, and this the end that was asked for. */
  readonly stopped?: { readonly budget: Duration; readonly to: Instant };
}

/** What is played. */
export interface Play {
  readonly rules: readonly Rule[];
  readonly failures: readonly FileFailure[];
  readonly settings: DeliverySettings;
  readonly search: Search;
  /** Asks for many windows at once; without it, each window is asked for alone. */
  readonly ranges?: RangeSearch;
  /** Ticks in `(from, to]` are reported. */
  readonly range: TimeRange;
  /** How long before `from` the rules are evaluated already. */
  readonly warmUp: Duration;
  /** The date field that says when a document had arrived; undefined: all are there from the beginning. */
  readonly arrival?: string | undefined;
  /** How long playing may take; undefined: as long as it takes. */
  readonly budget?: RunBudget | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Notified of each turn, whose evaluations then keep what they found of each group. */
  readonly observe?: (log: TurnLog) => void;
  /** How far it has come, from 0 to 1. */
  readonly progress: (done: number) => void;
  /** Wraps the search that the turns ask, which are at `now`. */
  readonly around?: (search: Search, now: () => Instant) => Search;
  /** How long it may compute before the process handles other events, ms: 50 by default. */
  readonly breath?: Duration;
  /** Resolves when the turns of a moment may begin. */
  readonly pace?: (now: Instant) => Promise<void>;
}

/** Between two looks at whether someone wants it to stop, ms: turns over memory never give the process a moment otherwise. */
const BREATH = 50;

/**
 * Plays rules over a range of time: the engine's own turns in virtual time, with the search that was given, stores in memory, and channels
 * that record. Writes nothing and sends nothing. Throws TocsinError when it is interrupted.
 */
export async function play({
  rules,
  range,
  warmUp,
  arrival,
  budget,
  clock,
  signal,
  progress,
  observe,
  around,
  pace,
  breath = BREATH,
  ...parts
}: Play): Promise<PlayedRules> {
  const stores = createMemory().stores(parts.settings.namespace);
  const health = watchHealth();
  const from = range.from - warmUp;
  let time = from;
  const now = () => time;
  const search = aheadOf({ ...parts, rules, arrival }, range, now);
  const ports = {
    ...portsOf(rules, { ...parts, search: around?.(search, now) ?? search }, stores),
    // A cluster that does not answer must not hold up a run that is to end.
    ...(budget !== undefined && { deadline: () => ({ signal: budget.signal, end: () => {} }) }),
    keepFindings: observe !== undefined,
  };
  const book = storyBook(rules, range);
  const turnTo = async (at: Instant) => {
    await pace?.(at);
    time = at;
  };
  let breathed = clock.monotonic();
  let covered = range.from;
  let through = range.to;
  for await (const log of simulate({ from, to: range.to }, ports, signal, turnTo)) {
    // Its searches may have been cut off: what it could not evaluate would count as failed.
    if (budget?.signal.aborted === true && !signal.aborted) {
      through = covered;
      break;
    }
    book.take(log);
    health.take(log);
    observe?.(log);
    // A moment whose turns are not over yet would be covered in part.
    if (budget?.isSpent() === true && log.nextWake !== log.now) {
      through = Math.max(log.now, range.from);
      break;
    }
    if (log.nextWake !== log.now) covered = Math.max(log.now, range.from);
    if (clock.monotonic() - breathed < breath) continue;
    progress((log.now - from) / (range.to - from));
    await clock.sleep(0);
    breathed = clock.monotonic();
  }
  if (signal.aborted) throw new TocsinError('cli/interrupted', 'the replay was interrupted');
  return {
    from: range.from,
    to: through,
    warmUp,
    rules: book.stories((rule) => knownDocument(ports.session, rule), through),
    health: health.changes.filter(({ at }) => at > range.from),
    ...(budget !== undefined && through < range.to && { stopped: { budget: budget.of, to: range.to } }),
  };
}

/** The search port that asks for the ticks to come along with the present one. */
function aheadOf(
  { search: all, ranges, rules, arrival }: Pick<Play, 'search' | 'ranges' | 'rules' | 'arrival'>,
  { to }: TimeRange,
  now: () => Instant,
): Search {
  const search = arrival === undefined ? all : withArrivals(all, arrival, now);
  if (ranges === undefined) return search;
  const schedules = [...new Map(rules.map(({ schedule }) => [canonicalJson(schedule), schedule])).values()];
  return askAhead(search, ranges, {
    now,
    arrival,
    ticksAfter: (previous, at, most) => {
      const schedule = schedules.find((one) => nextTick(one, previous) === at);
      return schedule === undefined ? [] : ticksBetween(schedule, at, to, most).ticks;
    },
  });
}

type Stores = Omit<Parameters<typeof assemble>[0]['backend'], 'search'>;

function portsOf(
  rules: readonly Rule[],
  { settings, search, failures }: Pick<Play, 'settings' | 'search' | 'failures'>,
  stores: Stores,
): TurnPorts {
  const { namespace, routing, meta, kibana, externalUrl, traceLogs, destination, delivery } = settings;
  let tokens = 0;
  // Every alert that fires is asked at every tick whether where it was sent is still there.
  const recorded = new Map<string, ReadyDestination>();
  return assemble({
    // The history of a dry run is not read, and months of it would fill the memory.
    backend: {
      ...stores,
      search,
      history: { kept: false, write: async (batch) => batch.length, prune: async () => [], pruneHistory: async () => 0 },
    },
    namespace,
    rules,
    failures,
    routing,
    meta,
    kibana,
    externalUrl,
    ...(traceLogs !== undefined && { traceLogs }),
    destination: (id) => {
      const known = recorded.get(id);
      if (known !== undefined) return known;
      const ready = destination(id);
      if (ready === undefined) return undefined;
      const made = recording(id, ready, () => undefined);
      recorded.set(id, made);
      return made;
    },
    io: { fetch: async () => Promise.reject(new Error('a dry run sends nothing')), print: () => undefined },
    // Within a turn no virtual time passes, however long a search takes.
    clock: { monotonic: () => 0, sleep: async () => undefined },
    // Each search has a limit of its own, and a signal for each turn costs more than the turn.
    deadline: untimed,
    newToken: () => `dry-run-${tokens++}`,
    delivery,
  });
}
