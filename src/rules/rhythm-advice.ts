import { formatDuration } from '../core/duration.ts';
import { usualInterval } from '../core/schedule.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Advised } from './advised.ts';
import { MONDAY } from './pause-advice.ts';

/** Warns of durations that do not fit the evaluation interval. */
export function adviseOnRhythm({ keys, times }: Advised, complaints: Complaints): void {
  // Events have no duration: that these keys have no effect there is reported already.
  if (keys.type === 'match') return;
  const usual = usualInterval(times.schedule, MONDAY);
  const every = formatDuration(usual);
  if (typeof times.for === 'number' && times.for > 0 && times.for < usual) {
    const message = `a \`for\` of ${formatDuration(times.for)} ends at the next evaluation, ${every} later: its effect is ${every}`;
    complaints.warning('rule/short-for', ['for'], message, `set for: ${every}, or a shorter \`every\``);
  }
  if (times.keepFiringFor > 0 && times.keepFiringFor < usual) {
    const message = `a \`keep_firing_for\` of ${formatDuration(times.keepFiringFor)} ends at the next evaluation, ${every} later: its effect is ${every}`;
    complaints.warning(
      'rule/short-keep-firing',
      ['keep_firing_for'],
      message,
      `set keep_firing_for: ${every}, or a shorter \`every\``,
    );
  }
  if (times.repeatInterval !== undefined && times.repeatInterval < usual) {
    const message = `a \`repeat_interval\` of ${formatDuration(times.repeatInterval)} is shorter than the interval of ${every}: reminders would repeat the same evaluation`;
    complaints.warning('rule/short-repeat', ['repeat_interval'], message, `set repeat_interval: ${every} or more`);
  }
}
