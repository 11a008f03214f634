import { formatDuration, parseDuration } from '../core/duration.ts';
import { usualInterval } from '../core/schedule.ts';
import type { Duration } from '../core/time.ts';
import type { Advised } from './advised.ts';
import type { RuleComplaints } from './complaints.ts';
import { DEFAULTS } from './defaults.ts';
import { MONDAY } from './pause-advice.ts';

/** Warns if a group is forgotten before its alert, held back for a silent source, would be sent. */
export function adviseOnHold(rule: Advised, complaints: RuleComplaints): void {
  const { keys, times } = rule;
  const hold = times.outageHold ?? parseDuration(DEFAULTS.outage_hold) ?? 0;
  const forgetAfter = forgetAfterOf(rule);
  if (keys.group_by === undefined || hold <= 0 || forgetAfter === undefined) return;
  const held = typeof times.for === 'number' ? times.for : 0;
  const needed = usualInterval(times.schedule, MONDAY) + held + hold;
  if (forgetAfter >= needed) return;
  const [forgets, holds] = [formatDuration(forgetAfter), formatDuration(hold)];
  complaints.warning(
    'rule/forgotten-while-held',
    [rule.options['forget_after'] === undefined && keys.forget_after === undefined ? 'outage_hold' : 'forget_after'],
    `a group is forgotten after ${forgets}, before its alert is sent: while the whole source is silent, alerts are held back for ${holds}, and those of forgotten groups end unsent`,
    `set forget_after: ${formatDuration(needed)} or more, or a shorter outage_hold`,
  );
}

/** How long a silent group is remembered; undefined if silent groups are never forgotten. */
function forgetAfterOf({ keys, times, options }: Advised): Duration | undefined {
  const own = options['forget_after'];
  if (keys.type === 'flatline') return parseDuration(typeof own === 'string' ? own : '7d');
  return keys.no_data === 'alert' ? times.forgetAfter : undefined;
}
