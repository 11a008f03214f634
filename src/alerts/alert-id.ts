import { hashId, type RuleId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';

/** Permanent identity of an alert: namespace, rule id and the group's values; never measured values, severities or texts. */
export function alertId(namespace: string, rule: RuleId, group: Readonly<Record<string, string | null>>): string {
  return hashId('alert', namespace, rule, group);
}

/** Identity of an episode: the alert and the tick at which it began to fire. */
export function episodeId(alert: string, began: Instant): string {
  return hashId('episode', alert, began);
}
