import { setMaxListeners } from 'node:events';
import { asError } from '../../core/errors.ts';
import type { RuleId } from '../../core/ids.ts';
import type { Clock, Duration, Instant } from '../../core/time.ts';
import { openTurn } from '../../engine/open-turn.ts';
import { turn } from '../../engine/turn.ts';
import type { EvaluatedPart, TurnInput } from '../../engine/turn-context.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import { evaluable } from '../../engine/turn-ports.ts';
import type { Rule } from '../../rules/rule.ts';
import { type Calm, calmAfter, dueAgain, dueRules, fitTimings, isCalm, nextTiming, type RuleTiming } from './due-rules.ts';
import { spreadsOf } from './spread.ts';

/** A finished turn, for the journal, the metrics and the watches over health. */
export interface FinishedTurn {
  readonly input: TurnInput;
  readonly report: TurnLog;
  readonly took: Duration;
  readonly ports: TurnPorts;
}

/** What a scheduler reports its work. */
export interface Listener {
  /** A part of a turn is evaluated and saved; of one rule, parts come in the order of its windows, which ends of turns may not. */
  evaluated(part: EvaluatedPart, ports: TurnPorts): void;
  finished(turn: FinishedTurn): void;
  /** A turn threw, which none should: what it was about stays outstanding. */
  broke(error: Error, input: TurnInput): void;
  /** Rules that were due while an earlier turn still evaluated them. */
  skipped(rules: readonly Rule[]): void;
}

/** Starts turns at the ticker's polls. Turns overlap, but no rule is evaluated by two of them at once. */
export interface Scheduler {
  /** Looks what is due now and starts turns for it; never waits, never throws. */
  poll(): void;
  /** Takes other ports for the turns to come; the running ones end with what they began with. */
  use(ports: TurnPorts): void;
  /** Resolves when no turn is running. */
  quiet(): Promise<void>;
  /** Calls off what the running turns wait for. */
  abort(): void;
}

const SWEEP_EVERY = 5_000;
/** Turns that only deliver and are not done with beginning it: a slow store must not gather them. Who waits for receivers counts no more. */
const WAKES_AT_ONCE = 4;
/** A sweep that takes this long to begin what it found is joined by another, ms. */
const SWEEP_PATIENCE = 60_000;

/** Far above what one turn waits for at once: sends, and searches of its batches. */
const MOST_WAITING = 100;

/** Makes a scheduler; nothing happens before its first timing. Of the rules it evaluates those that `evaluates` says are this replica's. */
export function createScheduler(
  first: TurnPorts,
  clock: Clock,
  listener: Listener,
  evaluates: (rule: RuleId) => boolean = () => true,
): Scheduler {
  let ports = first;
  let rules = evaluable(ports.rules);
  let spreads = spreadsOf(rules);
  let calm: Calm | undefined;
  let timings = fitTimings(rules, new Map(), clock.now(), spreads);
  let wakeAt: Instant | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let waking = 0;
  let sweeping = 0;
  const evaluating = new Set<RuleId>();
  const skipped = new WeakSet<RuleTiming>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  const start = (what: Pick<TurnInput, 'now' | 'due' | 'sweep'>, begun: () => void): void => {
    const used = ports;
    const open = new Set(what.due.map(({ id }) => id));
    let isBegun = false;
    const begin = () => {
      if (!isBegun) begun();
      isBegun = true;
    };
    const input: TurnInput = {
      ...what,
      evaluated: (part) => {
        again(part.rules, dueAgain(part.rules, part, clock.now()));
        listener.evaluated(part, used);
        for (const { id } of part.rules) if (open.delete(id)) evaluating.delete(id);
      },
      begun: (next) => {
        wakeAt = earlier(wakeAt, next);
        begin();
      },
    };
    const work = runTurn(input, used, clock, stop.signal)
      .then(({ report, took }) => {
        wakeAt = report.nextWake === undefined ? undefined : Math.max(report.nextWake, input.now + 1);
        listener.finished({ input, report, took, ports: used });
      })
      .catch((thrown: unknown) => listener.broke(asError(thrown), input))
      .finally(() => {
        for (const id of open) evaluating.delete(id);
        running.delete(work);
        begin();
      });
    running.add(work);
  };
  const again = (due: readonly Rule[], moments: ReadonlyMap<RuleId, Instant>): void => {
    if (moments.size > 0) calm = undefined;
    for (const rule of due) {
      const timing: RuleTiming | undefined = timings.get(rule.id);
      const moment = moments.get(rule.id);
      if (timing !== undefined && moment !== undefined) timings.set(rule.id, { ...timing, due: Math.min(timing.due, moment) });
    }
  };
  const evaluate = (now: Instant): void => {
    if (calm !== undefined && isCalm(calm, now)) return;
    const { due: all, busy } = dueRules(rules, timings, evaluating, now);
    calm = all.length + busy.length === 0 ? calmAfter(now, timings.values()) : undefined;
    const due = all.filter(({ id }) => evaluates(id));
    const late = busy.filter((rule) => evaluates(rule.id) && isNew(timings.get(rule.id), skipped));
    if (late.length > 0) listener.skipped(late);
    if (due.length === 0) return;
    for (const rule of due) {
      evaluating.add(rule.id);
      timings.set(rule.id, nextTiming(rule, now, spreads.get(rule.id) ?? 0));
    }
    start({ now, due, sweep: false }, () => undefined);
  };
  const sweep = (now: Instant): boolean => {
    const since = clock.monotonic() - sweptAt;
    if (since < SWEEP_EVERY || (sweeping > 0 && since < SWEEP_PATIENCE)) return false;
    sweptAt = clock.monotonic();
    sweeping++;
    start({ now, due: [], sweep: true }, () => sweeping--);
    return true;
  };
  const wake = (now: Instant): void => {
    if (wakeAt === undefined || wakeAt > now || waking >= WAKES_AT_ONCE) return;
    wakeAt = undefined;
    waking++;
    start({ now, due: [], sweep: false }, () => waking--);
  };

  return {
    poll: () => {
      if (stop.signal.aborted) return;
      const now = clock.now();
      evaluate(now);
      if (!sweep(now)) wake(now);
    },
    use: (next) => {
      ports = next;
      calm = undefined;
      rules = evaluable(next.rules);
      spreads = spreadsOf(rules);
      timings = fitTimings(rules, timings, clock.now(), spreads);
    },
    quiet: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    abort: () => stop.abort(),
  };
}

function earlier(one: Instant | undefined, other: Instant | undefined): Instant | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** A poll that is late is late for many seconds, and worth one word. */
function isNew(timing: RuleTiming | undefined, seen: WeakSet<RuleTiming>): boolean {
  if (timing === undefined || seen.has(timing)) return false;
  seen.add(timing);
  return true;
}

/** Each turn has a signal of its own: what it derives from it must not hang on one that lives as long as the process. */
async function runTurn(input: TurnInput, ports: TurnPorts, clock: Clock, stop: AbortSignal) {
  const began = clock.monotonic();
  const own = new AbortController();
  // As many sends as a turn may have under way wait for it side by side, which is not a leak.
  setMaxListeners(MOST_WAITING, own.signal);
  const abort = () => own.abort(stop.reason);
  stop.addEventListener('abort', abort, { once: true });
  try {
    const report = await turn(openTurn(input, ports, own.signal));
    return { report, took: clock.monotonic() - began };
  } finally {
    stop.removeEventListener('abort', abort);
  }
}
