import type { GroupCounts, Message, MessageAlert } from './message.ts';

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

function conditionOf({ facts }: MessageAlert): string | undefined {
  return facts.find(({ label }) => label === 'condition')?.value;
}
