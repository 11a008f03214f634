import { groupedBy } from '../core/grouped-by.ts';
import { canonicalJson } from '../core/json.ts';
import { nextTick, type Schedule } from '../core/schedule.ts';
import { earliest, type Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { turnOpener } from './open-turn.ts';
import { evaluateQuietRules, type QuietRules } from './quiet-rules.ts';
import { turn } from './turn.ts';
import type { TurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';
import { evaluable } from './turn-ports.ts';

/** Rules of one schedule on their way through virtual time. */
interface SimulatedSchedule {
  readonly schedule: Schedule;
  readonly rules: readonly Rule[];
  next: Instant | undefined;
}

/** Turns of one moment that still have windows due are repeated at most this often: a moment must end. */
const REPEATS = 1_000;

/** What is played: `(from, to]`; `restart`: the process starts at `from`, so that it looks at once at what is outstanding, as `run` does. */
export interface SimulatedStretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly restart?: boolean;
}

/**
 * Plays `(from, to]` in virtual time: each turn is at the earlier of the next tick and `nextWake`. The same turn as `run`'s; what comes
 * out depends on the ports alone. Yields the log of every turn, in order. `before` is called with each time just before its turn: a world that
 * moves with virtual time (documents that arrive late) moves then.
 */
export async function* simulate(
  range: SimulatedStretch,
  ports: TurnPorts,
  signal: AbortSignal,
  before?: (now: Instant) => void | Promise<void>,
): AsyncGenerator<TurnLog> {
  const schedules = schedulesOf(evaluable(ports.rules), range);
  const open = turnOpener(ports, signal);
  let wake: Instant | undefined;
  let log: TurnLog | undefined;
  for (;;) {
    const now = earliest([...schedules.map((one) => one.next), wake]);
    if (now === undefined || now > range.to || signal.aborted) return;
    const due = schedules.filter((one) => one.next !== undefined && one.next <= now).flatMap((one) => one.rules);
    await before?.(now);
    const quiet: QuietRules = log === undefined ? { runs: [], others: due } : evaluateQuietRules(due, now, ports, log);
    const isOver = log !== undefined && quiet.others.length === 0 && (wake === undefined || now < wake);
    log = withRuns(quiet, isOver ? idle(now, log) : await turn(open({ now, due: quiet.others, sweep: true })));
    yield log;
    for (let repeat = 0; log.nextWake === now && repeat < REPEATS; repeat++) {
      log = await turn(open({ now, due: quiet.others, sweep: true }));
      yield log;
    }
    for (const one of schedules) if (one.next !== undefined && one.next <= now) one.next = nextTick(one.schedule, now);
    wake = log.nextWake === undefined ? undefined : Math.max(log.nextWake, now + 1);
  }
}

function withRuns({ runs }: QuietRules, log: TurnLog): TurnLog {
  return runs.length === 0 ? log : { ...log, runs: [...runs, ...log.runs] };
}

const NOTHING = { runs: [], saved: [], unsaved: [], health: [], notified: [], storeProblems: [], errors: [], invalid: [] };

/** The log of a turn that has nothing to do, and leaves to be done later what the one before did. */
function idle(now: Instant, last: TurnLog | undefined): TurnLog {
  return { ...NOTHING, now, nextWake: last?.nextWake };
}

function schedulesOf(rules: readonly Rule[], { from, restart = false }: SimulatedStretch): SimulatedSchedule[] {
  const bySchedule = groupedBy(rules, ({ schedule }) => canonicalJson(schedule));
  return [...bySchedule.values()].map((together) => {
    const [{ schedule }] = together;
    return { schedule, rules: together, next: restart ? from : nextTick(schedule, from) };
  });
}
