import { asError } from '../../core/errors.ts';
import type { RuleId } from '../../core/ids.ts';
import type { IndexFailure, StoreAnswer, StoreProbe } from '../../core/stored.ts';
import type { Clock, Duration } from '../../core/time.ts';
import type { DirectPorts } from '../../engine/self-monitoring/notify-directly.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import type { OutsideFinding } from '../../engine/turn-ports.ts';
import { STORE_AWAY, STORE_SLOW, STORE_UNWRITABLE } from '../../messages/direct-texts.ts';
import type { Log } from '../log.ts';
import { type HistoryWatch, watchHistory } from './history-watch.ts';
import { createOutage, type OutageWords } from './outage.ts';

/** Watches whether the store can be read and written, opens it when it comes, and notifies the meta receiver when it stays away. */
export interface StoreWatch {
  /** The indices were found or made: turns may begin. */
  isOpen(): boolean;
  /** The store answered and took writes when it was last asked. */
  isUp(): boolean;
  problem(): string | undefined;
  /** Problems of the indices that only people and dashboards read, by index. */
  history(): ReadonlyMap<string, string>;
  /** What health alerts are to say of those indices. */
  findings(): readonly OutsideFinding[];
  /** To be called at every poll: opens the store if needed, probes it, and reports outages. Never throws. */
  poll(): void;
  /** What a turn that looked for work saw of the store: it has asked each index that matters. */
  saw(problems: readonly string[]): void;
  /** The outcome of the writes of a turn: rules whose index refused them, and those that were saved. */
  wrote(log: Pick<TurnLog, 'saved' | 'unsaved'>): void;
}

/** What watching needs of the world. */
export interface StoreWatchParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly open: () => Promise<StoreAnswer<string>>;
  readonly probe: () => Promise<StoreProbe>;
  /** The ports for notifications, with the current configuration. */
  readonly ports: () => DirectPorts;
  readonly signal: AbortSignal;
  /** Notified of each probe that found the state away or unwritable. */
  readonly failed?: () => void;
}

const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
/** Hardly anything is written while nothing changes, so only a probe shows in time that nothing could be, ms. */
const PROBE_EVERY: Duration = 10_000;
/** While something is wrong, the end of it is looked for more often, ms. */
const PROBE_AGAIN: Duration = 5_000;
/** A probe that takes this long shows a store that is slow, ms. */
const SLOW_PROBE: Duration = 10_000;
const SLOW_IN_A_ROW = 2;
/** A refusal that the probe does not see counts until the document is saved, or was not written for this long, ms. */
const FORGET_REFUSAL: Duration = 300_000;

/** The store does not answer. */
const AWAY: OutageWords = {
  subject: 'store',
  began: 'the store does not answer: nothing is evaluated or notified',
  stays: 'the store is still unavailable: rules are not evaluated and alerts are not sent',
  ended: (lasted) => `the store answers again after ${lasted}; missed windows are being evaluated`,
  ...STORE_AWAY,
};

/** The store answers, and takes so long that everything is late. */
const SLOW: OutageWords = {
  subject: 'store',
  began: 'the store is slow: alerts are saved and sent late',
  stays: 'the store is still slow: alerts are saved and sent late',
  ended: (lasted) => `the store responds normally again after ${lasted}`,
  ...STORE_SLOW,
};

/** The store answers and takes no writes. */
const UNWRITABLE: OutageWords = {
  subject: 'store',
  began: 'the store cannot be written: alerts are not saved or sent',
  stays: 'the store still cannot be written: alerts are not saved or sent',
  ended: (lasted) => `the store can be written again after ${lasted}; missed windows are being evaluated`,
  ...STORE_UNWRITABLE,
};

const WORDS: Readonly<Record<IndexFailure['kind'], OutageWords>> = { away: AWAY, unwritable: UNWRITABLE, slow: SLOW };

/** What each source knows of the store; undefined: nothing is wrong there. */
interface Known {
  opening: string | undefined;
  turns: string | undefined;
  probe: IndexFailure | undefined;
  readonly refusals: Map<RuleId, { readonly message: string; readonly at: Duration }>;
}

/** Starts a watch; the store counts as away until it was opened. */
export function watchStore(parts: StoreWatchParts): StoreWatch {
  const { clock, log, open, signal } = parts;
  const outage = createOutage(parts);
  const history: HistoryWatch = watchHistory(clock, log);
  const known: Known = { opening: undefined, turns: undefined, probe: undefined, refusals: new Map() };
  let opened = false;
  let asking = false;
  let tries = 0;
  let slowProbes = 0;
  let tryAt = clock.monotonic();
  let wellAt = clock.monotonic();

  /** Says it in the log and to people once the probe has notified whether the store is away or only takes no writes. */
  const settle = () => {
    const failure = failureOf(known);
    outage.is(failure?.message, WORDS[failure?.kind ?? 'away'], wellAt);
    if (failure === undefined) wellAt = clock.monotonic();
  };
  const probe = async () => {
    const began = clock.monotonic();
    const found = await parts.probe().catch(
      (thrown: unknown): StoreProbe => ({
        state: new Map([['the store', { kind: 'away', message: asError(thrown).message }]]),
        history: new Map(),
      }),
    );
    if (signal.aborted) return;
    const took = clock.monotonic() - began;
    // One slow probe may be this machine's own doing: it was suspended, or busy.
    slowProbes = took < SLOW_PROBE ? 0 : slowProbes + 1;
    known.probe = worstOf(found.state) ?? (slowProbes >= SLOW_IN_A_ROW ? slowness(took) : undefined);
    history.saw(found.history, known.probe === undefined);
    if (known.probe !== undefined) parts.failed?.();
    dropRefusals(known, clock.monotonic());
    tryAt = clock.monotonic() + (failureOf(known) === undefined && slowProbes === 0 ? PROBE_EVERY : PROBE_AGAIN);
  };
  const tryToOpen = async () => {
    const answer = await open().catch((thrown: unknown) => ({ ok: false, message: asError(thrown).message }) as const);
    if (signal.aborted) return;
    if (!answer.ok) {
      known.opening = answer.message;
      tryAt = clock.monotonic() + Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(tries++, 10));
      return;
    }
    await probe();
    known.opening = undefined;
    opened = true;
    settle();
    log.info(answer.value);
  };
  const ask = async () => {
    asking = true;
    await (opened ? probe() : tryToOpen());
    asking = false;
    if (!signal.aborted) settle();
  };
  const doubt = () => {
    tryAt = clock.monotonic();
  };

  return {
    isOpen: () => opened,
    isUp: () => opened && failureOf(known) === undefined,
    problem: () => failureOf(known)?.message,
    history: history.problems,
    findings: history.findings,
    saw: ([problem]) => {
      const before = known.turns;
      known.turns = problem;
      // A problem is put into words by the probe that it calls for, the end of one at once.
      if (problem === undefined) settle();
      else if (before === undefined && failureOf({ ...known, turns: undefined }) === undefined) doubt();
    },
    wrote: ({ saved, unsaved }) => {
      for (const { rule } of saved) known.refusals.delete(rule);
      for (const { rule, of, message } of unsaved) {
        if (of !== 'index') continue;
        if (failureOf(known) === undefined) doubt();
        known.refusals.set(rule, { message: message ?? 'the write was refused', at: clock.monotonic() });
      }
    },
    poll: () => {
      if (!asking && clock.monotonic() >= tryAt) void ask();
      outage.poll();
    },
  };
}

/** The most useful problem: the probe reports the same text each time, while turns report it in many forms. */
function failureOf({ opening, turns, probe, refusals }: Known): IndexFailure | undefined {
  if (opening !== undefined) return { kind: 'away', message: opening };
  if (probe !== undefined) return probe;
  const [refusal] = refusals.values();
  if (refusal !== undefined) return { kind: 'unwritable', message: refusal.message };
  return turns === undefined ? undefined : { kind: 'away', message: turns };
}

/** One problem for all indices: not answering is worse than refusing. */
function worstOf(state: StoreProbe['state']): IndexFailure | undefined {
  const failing = [...state].flatMap(([index, failure]) => (failure === undefined ? [] : [{ index, ...failure }]));
  const first = failing.find(({ kind }) => kind === 'away') ?? failing[0];
  if (first === undefined) return undefined;
  const others = failing.filter((one) => one !== first).map(({ index }) => index);
  const also = others.length === 0 ? '' : ` (and ${others.join(', ')})`;
  return { kind: first.kind, message: `${first.index}: ${first.message}${also}` };
}

/** A few small requests take milliseconds; leases of 20 seconds are renewed and messages claimed by requests of this kind. */
function slowness(took: Duration): IndexFailure {
  return { kind: 'slow', message: `a probe of the state indices took ${Math.round(took / 1_000)} s` };
}

function dropRefusals({ refusals }: Known, now: Duration): void {
  for (const [rule, { at }] of refusals) if (now - at >= FORGET_REFUSAL) refusals.delete(rule);
}
