import type { Instant } from '../core/time.ts';
import type { AlertsReport, ReportedAlert } from '../engine/alert-list/alert-list.ts';
import { HEALTH_RULE } from '../engine/self-monitoring/health-rule.ts';

/** Alerts that are shown: the worst ones; the others are counted. */
export const MOST_ALERTS = 100;

/** A destination that does not take its messages. */
export interface FailingReceiver {
  readonly receiver: string;
  readonly destination: string;
  readonly reason: string;
  /** Since when it has a health alert; undefined while it has none. */
  readonly since: Instant | undefined;
  /** Alerts that it has not been notified of. */
  readonly alerts: number;
}

/** The destinations that have refused a message, or are tried again, and why: as far as alerts wait for them. */
export function failingReceivers({ alerts }: AlertsReport): readonly FailingReceiver[] {
  const found = new Map<string, FailingReceiver>();
  for (const { notified } of alerts) {
    for (const { receiver, destination, state, note, failing } of notified) {
      if (state !== 'dead' && failing !== true) continue;
      const known = found.get(destination);
      const since = healthOf(alerts, 'receiver', destination)?.since;
      found.set(destination, { receiver, destination, reason: note ?? 'refused', since, alerts: (known?.alerts ?? 0) + 1 });
    }
  }
  return [...found.values()].sort((a, b) => b.alerts - a.alerts);
}

/** What a health alert says is wrong; undefined where that is not known. */
export function healthReason({ alerts }: AlertsReport, kind: string, subject: string): string | undefined {
  const problem = healthOf(alerts, kind, subject)?.values['problem'];
  return typeof problem === 'string' ? problem : undefined;
}

function healthOf(alerts: AlertsReport['alerts'], kind: string, subject: string) {
  return alerts.find(({ rule, group }) => rule === HEALTH_RULE.name && group['kind'] === kind && group['subject'] === subject);
}

/** Says whether an alert counts as firing. */
export function isFiring({ status }: Pick<ReportedAlert, 'status'>): boolean {
  return status === 'firing' || status === 'recovering';
}

/** Says whether someone works on an alert as it is. */
export function isWorkedOn({ acknowledged }: Pick<ReportedAlert, 'acknowledged'>): boolean {
  return acknowledged !== undefined && acknowledged.worse !== true;
}
