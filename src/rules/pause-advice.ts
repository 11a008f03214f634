import { formatDuration } from '../core/duration.ts';
import { nextTick, type Schedule, ticksBetween, usualInterval } from '../core/schedule.ts';
import type { Duration } from '../core/time.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { RuleTimes } from './rule-times.ts';

/** A Monday: advice about a schedule must not depend on the current day. */
export const MONDAY = Date.UTC(2026, 0, 5);
/** Ticks looked at: more than a week of every five minutes in office hours. */
const TICKS = 600;

/** Warns of a cron pattern that pauses before `for` has passed: pauses do not count. */
export function adviseOnPauses({ schedule, for: held }: RuleTimes, complaints: Complaints): void {
  if (schedule.kind !== 'cron' || typeof held !== 'number' || held === 0) return;
  const stretch = longestStretch(schedule);
  if (stretch === undefined || held <= stretch) return;
  const message = `the schedule is active for ${formatDuration(stretch)} at a time, and pauses do not count: a \`for\` of ${formatDuration(held)} is reached in the second active period at the earliest, or never`;
  complaints.warning('rule/schedule-pause', ['for'], message, `for: ${formatDuration(stretch)} or less`);
}

/** The longest time from one tick to another without a pause between them; undefined for a pattern that never pauses. */
function longestStretch(schedule: Schedule): Duration | undefined {
  const first = nextTick(schedule, MONDAY) ?? MONDAY;
  const usual = usualInterval(schedule, first);
  const { ticks } = ticksBetween(schedule, first - 1, Number.POSITIVE_INFINITY, TICKS);
  let began = first;
  let longest: Duration | undefined;
  for (const [index, tick] of ticks.entries()) {
    const before = ticks[index - 1] ?? tick;
    if (tick - before <= 2 * usual) continue;
    longest = Math.max(longest ?? 0, before - began);
    began = tick;
  }
  return longest;
}
