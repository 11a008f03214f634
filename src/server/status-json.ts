import { iso } from '../core/time.ts';
import { alertJson } from '../engine/alert-list/alert-json.ts';
import { failingReceivers, MOST_ALERTS } from './red.ts';
import type { PresentAlerts, ServiceStatus } from './status.ts';

/** All of a status, for scripts: times are ISO 8601. The worst hundred alerts are in `alert_list`, as `tocsin alerts --format json` has them. */
export function statusJson(status: ServiceStatus, { report, problem }: PresentAlerts): Readonly<Record<string, unknown>> {
  const { startedAt, now, oldestUndelivered, signIn = [], badFiles, failingRules, healthAlerts, config, ...rest } = status;
  return {
    ...rest,
    alert_list: {
      total: report.alerts.length,
      alerts: report.alerts.slice(0, MOST_ALERTS).map(alertJson),
      unreadable: report.unreadable,
      ...(problem !== undefined && { problem }),
    },
    failing_rules: failingRules.map(({ since, ...rule }) => ({ ...rule, since: since === undefined ? null : iso(since) })),
    failing_receivers: failingReceivers(report).map(({ since, ...one }) => ({
      ...one,
      since: since === undefined ? null : iso(since),
    })),
    health_alerts: healthAlerts.map(({ since, ...alert }) => ({ ...alert, since: iso(since) })),
    started_at: iso(startedAt),
    now: iso(now),
    sign_in_problems: signIn,
    bad_files: badFiles,
    config: { loaded: config.loaded, loaded_at: iso(config.loadedAt) },
    oldest_undelivered_seconds: oldestUndelivered / 1_000,
  };
}
