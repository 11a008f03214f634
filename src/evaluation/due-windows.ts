import { interval, newestTick, ticksBetween, usualInterval } from '../core/schedule.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';

/** One window due for a rule, with the tick that evaluates it. */
export interface DueWindow {
  readonly at: Instant;
  readonly window: TimeRange;
  /** The tick evaluated before; undefined for a rule's first. */
  readonly previous: Instant | undefined;
  /** catch-up: a newer tick is due already. */
  readonly purpose: 'live' | 'catch-up';
}

/** What a rule has to send now: windows oldest first, at most `limit`, and the ticks that are too old to evaluate as one gap `(from, to]`. */
export interface DueWindows {
  readonly windows: readonly DueWindow[];
  readonly gap: TimeRange | undefined;
  /** More windows are due than are listed. */
  readonly more: boolean;
}

const NOTHING: DueWindows = { windows: [], gap: undefined, more: false };

/** Most windows of one rule in one turn: a rule that was away for long must not hold up the others. */
const WINDOWS_A_TURN = 10;

/** The range that the tick `at` evaluates: `[at − delay − window, at − delay)`. */
export function windowOf(rule: Pick<Rule, 'delay' | 'window'>, at: Instant): TimeRange {
  return { from: at - rule.delay - rule.window, to: at - rule.delay };
}

/**
 * Windows still due for a rule at `now`, oldest first, aligned to the rule's schedule. For a rule that was never evaluated, only the newest tick is due.
 * Ticks older than `catchUp` become one gap: evaluating yesterday's silence today would only wake people.
 */
export function dueWindows(rule: Rule, evaluatedThrough: Instant | undefined, now: Instant, limit = WINDOWS_A_TURN): DueWindows {
  const newest = newestTick(rule.schedule, now);
  if (newest === undefined) return NOTHING;
  if (evaluatedThrough === undefined) {
    return {
      windows: [{ at: newest, window: windowOf(rule, newest), previous: undefined, purpose: 'live' }],
      gap: undefined,
      more: false,
    };
  }
  if (newest <= evaluatedThrough) return NOTHING;
  // The newest tick is evaluated however long ago it was, so that a daily rule with a short catch_up is not a gap each day.
  const oldest = Math.min(now - rule.catchUp, newest);
  const { ticks, more } = ticksBetween(rule.schedule, Math.max(evaluatedThrough, oldest - 1), newest, limit);
  const first = ticks[0];
  if (first === undefined) return NOTHING;
  const lastMissed = newestTick(rule.schedule, first - 1);
  const gap = lastMissed !== undefined && lastMissed > evaluatedThrough ? { from: evaluatedThrough, to: lastMissed } : undefined;
  const windows = ticks.map(
    (at, index): DueWindow => ({
      at,
      window: windowOf(rule, at),
      previous: index === 0 ? evaluatedThrough : ticks[index - 1],
      purpose: at === newest ? 'live' : 'catch-up',
    }),
  );
  return { windows, gap, more };
}

/** What a rule has to send that was paused and is enabled again, or that reads the present: the newest window alone, and no gap, since nothing was missed. */
export function afterPause(rule: Rule, evaluatedThrough: Instant, now: Instant): DueWindows {
  const newest = newestTick(rule.schedule, now);
  if (newest === undefined || newest <= evaluatedThrough) return NOTHING;
  const window: DueWindow = { at: newest, window: windowOf(rule, newest), previous: evaluatedThrough, purpose: 'live' };
  return { windows: [window], gap: undefined, more: false };
}

/** The usual distance between the rule's ticks around `at`, ms: pauses of a cron pattern are not part of it. */
export function usualEveryOf(rule: Pick<Rule, 'schedule'>, at: Instant): number {
  return usualInterval(rule.schedule, at);
}

/** Distance of a tick to the one before it, ms: the rule's `every`, also for cron. */
export function everyOf(rule: Rule, at: Instant): number {
  return interval(rule.schedule, at);
}
