import { groupValue } from '../core/printed.ts';
import { own } from '../core/record.ts';
import type { GroupCounts, Message, MessageAlert } from './message.ts';

/** Values that a line of the summary names; the others are counted. */
const NAMED = 8;
/** Lines of the summary. */
const FIELDS = 4;

/**
 * How alerts spread over the values of their group's fields, the most frequent first: what a reader of hundreds wants before any of them by
 * name. A field in which nearly every alert has a value of its own says nothing and is left out.
 */
export function summaryOf(groups: readonly Readonly<Record<string, string | null>>[]): readonly GroupCounts[] {
  const fields = [...new Set(groups.flatMap((group) => Object.keys(group)))];
  return fields.flatMap((field) => countsOf(field, groups) ?? []).slice(0, FIELDS);
}

function countsOf(field: string, groups: readonly Readonly<Record<string, string | null>>[]): GroupCounts | undefined {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const value = own(group, field);
    if (value !== undefined) counts.set(groupValue(value), (counts.get(groupValue(value)) ?? 0) + 1);
  }
  if (counts.size > groups.length / 2) return undefined;
  const sorted = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return {
    field,
    values: sorted.slice(0, NAMED).map(([value, count]) => ({ value, count })),
    others: Math.max(0, sorted.length - NAMED),
  };
}

/** Alerts that a message names beside a summary of all of them. */
const EXAMPLES = 5;

/** A message as people read it: one with a summary names a few alerts, the worst, and not twenty of hundreds. */
export function forPeople(message: Message): Message {
  if (message.summary === undefined || message.summary.length === 0) return message;
  const alerts = message.alerts.slice(0, EXAMPLES);
  return { ...message, alerts, more: message.more + message.alerts.length - alerts.length };
}

/** The lines of a summary: `datacenter: s0 72, s1 71 and 5 other values`. */
export function summaryLines({ summary = [] }: Message): readonly string[] {
  return summary.map(({ field, values, others }) => `${field}: ${countsText(values, others)}`);
}

function countsText(values: GroupCounts['values'], others: number): string {
  const named = values.map(({ value, count }) => `${value} ${count}`).join(', ');
  return others === 0 ? named : `${named} and ${others} other ${others === 1 ? 'value' : 'values'}`;
}

/** The condition that all alerts of a message share, which is said once; undefined for one alert, and where they differ. */
export function commonCondition({ alerts }: Message): string | undefined {
  const [condition, ...others] = new Set(alerts.map(conditionOf));
  return alerts.length > 1 && others.length === 0 ? condition : undefined;
}

function conditionOf({ details = [] }: MessageAlert): string | undefined {
  return details.find(({ label }) => label === 'condition')?.value;
}

/** The alert of a message about one alert; undefined of a message about several. */
export function onlyAlert({ alerts, more }: Message): MessageAlert | undefined {
  return alerts.length === 1 && more === 0 ? alerts[0] : undefined;
}
