import { nextTick, type Schedule, usualInterval } from '../core/schedule.ts';
import { DAY, type Instant, iso } from '../core/time.ts';
import type { Caution } from './explanation.ts';

const WEEK = 7 * DAY;

/** Says of a moment that lies in a pause of the rule's schedule when it was evaluated last, `at`, and when it will be next. */
export function outsideSchedule(schedule: Schedule, at: Instant, moment: Instant): readonly Caution[] {
  if (schedule.kind !== 'cron' || moment - at < usualInterval(schedule, at)) return [];
  const next = nextTick(schedule, moment);
  const local = (instant: Instant) => localTime(instant, schedule.timezone, Math.abs(instant - moment) < WEEK);
  const after = next === undefined ? 'no next evaluation' : `next evaluation ${local(next)} ${schedule.timezone} (${iso(next)})`;
  return [
    {
      code: 'outside-schedule',
      text: `${local(moment)} is outside its schedule, ${schedule.pattern}: last evaluation ${local(at)}, ${after}`,
      hint: 'until then the alert keeps its status, and reminders are sent',
    },
  ];
}

function localTime(instant: Instant, timeZone: string, near: boolean): string {
  const day = near ? ({ weekday: 'long' } as const) : ({ day: 'numeric', month: 'long', year: 'numeric' } as const);
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(instant);
  return `${format(day)} ${format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}`;
}
