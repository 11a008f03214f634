import type { InternalErrors } from '../core/internal-errors.ts';
import type { Duration } from '../core/time.ts';
import type { DeliveryPorts } from '../notify/delivery-ports.ts';
import { findRoute, route } from '../routing/routing.ts';
import { HEALTH_RULE_ID, healthTargets, KNOWN_HEALTH_RULE } from './self-monitoring/health.ts';
import { standingOf } from './standing-of.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Waits before reading or writing again, ms: short at first, for a conflict; long for a store that is down. */
const PAUSES: readonly Duration[] = [0, 20, 100, 500, 1_000, 2_000];

/** The ports of enqueuing and delivering for one turn; its stopwatch begins now. */
export function deliveryPorts(ports: TurnPorts, errors: InternalErrors): DeliveryPorts {
  const began = ports.clock.monotonic();
  return {
    namespace: ports.namespace,
    alertGroups: ports.alertGroups,
    session: ports.session,
    destination: ports.destination,
    routeOf: (rule, labels) =>
      rule === HEALTH_RULE_ID ? healthTargets(labels, ports) : route(labels, ports.routing, ports.rules.get(rule)?.receivers),
    timing: (key) => findRoute(ports.routing, key) ?? ports.routing.root,
    repeatOf: (rule) => ports.rules.get(rule)?.repeatInterval,
    standingOf: (alertGroup, notified, now) => standingOf(alertGroup, notified, now, ports),
    view: {
      ruleOf: (rule) => (rule === HEALTH_RULE_ID ? KNOWN_HEALTH_RULE : ports.rules.get(rule)),
      isUnloaded: (rule) => rule !== HEALTH_RULE_ID && !ports.rules.has(rule),
      kibana: ports.kibana,
    },
    errors,
    io: ports.io,
    newToken: ports.newToken,
    elapsed: () => Math.ceil(ports.clock.monotonic() - began),
    pause: (attempt, signal) => ports.clock.sleep(PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 0, signal),
    deadline: ports.deadline,
    ...ports.delivery,
  };
}
