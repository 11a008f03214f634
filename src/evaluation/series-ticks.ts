import type { Json } from '../core/json.ts';
import { newestTick, type Schedule, ticksBetween } from '../core/schedule.ts';
import type { Instant, TimeRange } from '../core/time.ts';
import type { Input } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import { windowOf } from './due-windows.ts';

/** The ticks of a schedule in `(from, to]`, oldest first, or so many of them, evenly spread. */
export function ticksOf(schedule: Schedule, { from, to }: TimeRange, most: number): readonly Instant[] {
  const { ticks, more } = ticksBetween(schedule, from, to, most);
  if (!more) return ticks;
  const spread = Array.from({ length: most }, (_, place) =>
    newestTick(schedule, Math.floor(from + ((place + 1) * (to - from)) / most)),
  );
  return [...new Set(spread)].filter((at) => at !== undefined && at > from) as readonly Instant[];
}

/** An evaluation of the past as a type sees it, of which nothing is remembered. */
export function inputAt(rule: Rule, known: readonly Group[], at: Instant): Input<unknown, Json> {
  const previous = newestTick(rule.schedule, at - 1);
  return { spec: rule, window: windowOf(rule, at), at, previous, purpose: 'revisit', known, memory: undefined };
}
