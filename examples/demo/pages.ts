import { randomUUID } from 'node:crypto';
import { bundleLivePages } from '../../scripts/page/bundle.ts';
import { version } from '../../src/cli/version.ts';
import { type Clock, type Instant, systemClock } from '../../src/core/time.ts';
import { alertsReport } from '../../src/engine/alert-list/read-alerts.ts';
import type { TurnLog } from '../../src/engine/turn-log.ts';
import { route } from '../../src/routing/routing.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { createServer } from '../../src/server/server.ts';
import type { ServiceStatus } from '../../src/server/status.ts';
import { acknowledgeDesk } from '../../src/service/acknowledge-desk.ts';
import { ruleStatus } from '../../src/service/health/status-of.ts';
import { sessionDesk } from '../../src/service/sign-in/session-desk.ts';
import { silenceDesk } from '../../src/service/silence-desk.ts';
import { heardAcknowledgements } from '../../src/service/web/acknowledging.ts';
import { eventHub } from '../../src/service/web/event-hub.ts';
import { auditRecord } from '../../src/service/web/heard-changes.ts';
import { ruleCosts } from '../../src/service/web/rule-costs.ts';
import { webDesk } from '../../src/service/web/web-desk.ts';
import type { Shop } from './shop.ts';

/** Where `tocsin run` serves its pages by default; if that port is in use, any free port. */
const PORT = 9095;
const HOST = '127.0.0.1';

/** The pages of `tocsin run`, over the demo's engine. */
export interface DemoPages {
  /** Such as `http://127.0.0.1:9095`. */
  readonly address: string;
  /** Shows what a turn did. */
  note(log: TurnLog): void;
  close(): Promise<void>;
}

/** Serves the pages on this machine; `now` is the shop's time. */
export async function openPages(shop: Shop, now: () => Instant): Promise<DemoPages> {
  const { ports, backend, rule, rules } = shop;
  const { namespace, routing } = ports;
  const clock: Clock = { ...systemClock, now };
  const startedAt = now();
  const life = new AbortController();
  const costs = ruleCosts();
  const events = eventHub({ clock, replica: 'demo', others: () => undefined, silences: () => backend.silences.list(now()) });
  const status = (): ServiceStatus => ({
    ...{ version: version(), namespace, startedAt, now: now(), healthy: { ok: true }, ready: { ok: true } },
    ...ruleStatus(ports, () => true, now()),
    ...{ shards: { held: 32, of: 32, replicas: 1 }, store: { up: true }, history: [], tasks: [], oldestUndelivered: 0 },
    config: { loaded: true, loadedAt: startedAt },
  });
  const server = createServer({
    ...{ status, healthy: () => ({ ok: true }), metrics: createMetrics(status) },
    alerts: async () => ({ report: await alertsReport(backend, { namespace, all: false, now: now(), rules, routing }) }),
    alertmanager: {
      silences: silenceDesk({ silences: backend.silences, clock, newId: randomUUID }),
      routing: () => routing,
      targetsOf: () => (labels) => route(labels, routing, rule.receivers),
      access: () => ({ host: HOST, tokens: [] }),
      audit: (change) => {
        events.silence(change);
        void backend.history.write([auditRecord(change, namespace, now(), randomUUID())]);
      },
    },
    web: webDesk({
      acknowledgements: heardAcknowledgements(
        () => acknowledgeDesk({ stores: backend, namespace, rules, clock }),
        (change, of, by) => events.acknowledged(of, change, by),
      ),
      ...{ backend, clock, costs, events, program: await bundleLivePages(), signal: life.signal },
      signIn: {
        sessions: sessionDesk({ store: backend.signIns, clock, longest: 43_200_000, shown: (text) => text }),
        provider: () => undefined,
        auditSession: () => undefined,
      },
      ...{ ports: () => ports, shown: (text: string) => text },
    }),
  });
  const address = await server.listen(HOST, PORT).catch(() => server.listen(HOST, 0));
  const signs = setInterval(() => events.poll(), 1_000);
  signs.unref();
  return {
    address,
    note: (log) => {
      costs.note(log);
      events.turn(log);
    },
    close: async () => {
      clearInterval(signs);
      life.abort();
      events.close();
      await server.close();
    },
  };
}
