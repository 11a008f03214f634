import type { ServiceStatus } from '../../../src/server/status.ts';

/** The status of a service with one rule, in which nothing happens and nothing is wrong; and what of it is otherwise. */
export function quietStatus(otherwise: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    ...{ version: '1.2.3', namespace: 'shop', startedAt: 0, now: 0, healthy: { ok: true }, ready: { ok: true } },
    rules: { loaded: 1, enabled: 1, failing: 0 },
    ...{ badFiles: [], failingRules: [], healthAlerts: [], alerts: [], tasks: [], history: [] },
    suppressed: { silence: 0, inhibition: 0, pause: 0, outage: 0 },
    silences: { active: 0, pending: 0, expired: 0 },
    outages: { rules: 0, held: 0 },
    ...{ acknowledged: 0, flapping: 0, muted: 0, oldestUndelivered: 0 },
    shards: { held: 32, of: 32, replicas: 1 },
    config: { loaded: true, loadedAt: 0 },
    store: { up: true },
    ...otherwise,
  };
}
