import type { StoreProbe } from '../../core/stored.ts';
import type { Clock, Duration } from '../../core/time.ts';
import type { OutsideFinding } from '../../engine/turn-ports.ts';
import type { Log } from '../log.ts';

/** Kind of the health alerts about an index. */
const INDEX_KIND = 'index';

/** How long nothing may be wrong before an alert ends, ms: longer than replicas differ in what they know, or one would fire what another ended. */
const STEADY: Duration = 30_000;

/** Watches the indices of the history, without which alerts are still saved and sent. */
export interface HistoryWatch {
  /** Takes what a probe found. `stateIsWell`: only then is the history a problem of its own, else it is part of one that is reported already. */
  saw(history: StoreProbe['history'], stateIsWell: boolean): void;
  /** What is wrong now, by index. */
  problems(): ReadonlyMap<string, string>;
  /** What health alerts are to say: a problem that two probes in a row have seen, or that there has been none for a while. */
  findings(): readonly OutsideFinding[];
}

interface Watched {
  problem: string | undefined;
  /** Probes in a row that saw it and nothing worse. */
  seen: number;
  wrongAt: Duration;
}

/** Starts a watch that knows nothing yet. */
export function watchHistory(clock: Pick<Clock, 'monotonic'>, log: Log): HistoryWatch {
  const watched = new Map<string, Watched>();
  return {
    saw: (history, stateIsWell) => {
      for (const [index, failure] of history) {
        const known = watched.get(index) ?? { problem: undefined, seen: 0, wrongAt: clock.monotonic() };
        watched.set(index, known);
        const problem = failure?.message;
        const seen = problem === undefined || !stateIsWell ? 0 : known.seen + 1;
        if (seen === 1)
          log.warn({ index, problem }, 'history index cannot be written: alerts are sent, but their history is lost');
        if (problem === undefined && known.seen > 0) log.info({ index }, 'history index can be written again');
        known.problem = problem;
        known.seen = seen;
        if (problem !== undefined) known.wrongAt = clock.monotonic();
      }
    },
    problems: () => new Map([...watched].flatMap(([index, { problem }]) => (problem === undefined ? [] : [[index, problem]]))),
    findings: () =>
      [...watched].flatMap(([index, { problem, seen, wrongAt }]): readonly OutsideFinding[] => {
        if (problem !== undefined) return seen < 2 ? [] : [{ kind: INDEX_KIND, subject: index, problem: unwritten(problem) }];
        return clock.monotonic() - wrongAt < STEADY ? [] : [{ kind: INDEX_KIND, subject: index, problem: undefined }];
      }),
  };
}

function unwritten(problem: string): string {
  return `the history cannot be written and has a gap: ${problem}`;
}
