import { formatDuration } from '../core/duration.ts';
import { usualInterval } from '../core/schedule.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Advised } from './advised.ts';
import { MONDAY } from './pause-advice.ts';

/** Warns of lengths of time that do not go with how often the rule is evaluated. */
export function adviseOnRhythm({ keys, times }: Advised, complaints: Complaints): void {
  // Events have no life: that these keys do nothing there is said already.
  if (keys.type === 'match') return;
  const usual = usualInterval(times.schedule, MONDAY);
  const every = formatDuration(usual);
  if (typeof times.for === 'number' && times.for > 0 && times.for < usual) {
    const message = `\`for\` of ${formatDuration(times.for)} is over at the next evaluation, and that is ${every} later: it acts like ${every}`;
    complaints.warning('rule/short-for', ['for'], message, `for: ${every}, or a shorter \`every\``);
  }
  if (times.keepFiringFor > 0 && times.keepFiringFor < usual) {
    const message = `\`keep_firing_for\` of ${formatDuration(times.keepFiringFor)} is over at the next evaluation, and that is ${every} later: it acts like ${every}`;
    complaints.warning(
      'rule/short-keep-firing',
      ['keep_firing_for'],
      message,
      `keep_firing_for: ${every}, or a shorter \`every\``,
    );
  }
  if (times.repeatInterval !== undefined && times.repeatInterval < usual) {
    const message = `\`repeat_interval\` of ${formatDuration(times.repeatInterval)} is shorter than every ${every}: reminders repeat what no evaluation has looked at again`;
    complaints.warning('rule/short-repeat', ['repeat_interval'], message, `repeat_interval: ${every} or more`);
  }
}
