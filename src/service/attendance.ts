import { newestTick } from '../core/schedule.ts';
import type { Clock, Duration, Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { FinishedTurn } from './conductor.ts';

/** Remembers when turns finished and which rules they attended to, so that a rule which nobody looks at any more is noticed. */
export interface Attendance {
  finished(turn: FinishedTurn): void;
  /** How long ago the newest turn finished, ms by a clock that does not jump; before the first one, since the start. */
  silentFor(): Duration;
  /** The rules with a tick that went by long enough ago to be judged, and that no turn has attended to since. */
  starved(rules: readonly Rule[], now: Instant): readonly Rule[];
}

/** How long after its tick a rule may wait for its turn, beside its searches' timeout, ms: a slow catching up is no standstill. */
const PATIENCE: Duration = 300_000;

/** Starts watching; a rule counts as attended to from the moment it is first asked about. */
export function watchAttendance(clock: Pick<Clock, 'monotonic'>): Attendance {
  let last = clock.monotonic();
  let attended = new Map<Rule['id'], Instant>();
  return {
    silentFor: () => clock.monotonic() - last,
    finished: ({ input, report }) => {
      last = clock.monotonic();
      if (report.storeProblems.length > 0) return;
      // A conflict means that another replica judged it, which is as good.
      const unsaved = new Set(report.unsaved.filter(({ why }) => why !== 'conflict').map(({ rule }) => rule));
      for (const { id } of input.due) if (!unsaved.has(id)) attended.set(id, input.now);
    },
    starved: (rules, now) => {
      attended = new Map(rules.map(({ id }) => [id, attended.get(id) ?? now]));
      return rules.filter(({ id, schedule, source }) => {
        const tick = newestTick(schedule, now - PATIENCE - source.timeout);
        return tick !== undefined && tick > (attended.get(id) ?? now);
      });
    },
  };
}
