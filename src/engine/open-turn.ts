import type { InternalErrors } from '../core/internal-errors.ts';
import { own } from '../core/record.ts';
import type { Duration } from '../core/time.ts';
import type { DeliveryPorts } from '../notify/delivery-ports.ts';
import { findRoute, route } from '../routing/routing.ts';
import { startDeliveries } from './deliveries.ts';
import { escalationOf } from './escalation-of.ts';
import { isolatedPorts } from './isolated-ports.ts';
import { mutedAt } from './muted-at.ts';
import { HEALTH_RULE_ID, healthTargets, KNOWN_HEALTH_RULE } from './self-monitoring/health.ts';
import { standingOf } from './standing-of.ts';
import type { TurnContext, TurnInput } from './turn-context.ts';
import { openTurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Makes the context of one turn: its log, its ports behind walls, and the stopwatch of its deliveries, which begins now. */
export function openTurn(input: TurnInput, given: TurnPorts, signal: AbortSignal): TurnContext {
  const { session } = given;
  const log = openTurnLog(input.now);
  const ports = isolatedPorts(given, log.errors);
  const notify = { began: input.now, suppression: undefined, ports: deliveryPorts(ports, log.errors), signal };
  return { ...input, ports, session, notify, deliveries: startDeliveries(notify, session), log, signal };
}

/** Waits before reading or writing again, ms: short at first, for a conflict; long for a store that is down. */
const PAUSES: readonly Duration[] = [0, 20, 100, 500, 1_000, 2_000];

/** The ports of enqueuing and delivering for one turn; its stopwatch begins now. */
function deliveryPorts(ports: TurnPorts, errors: InternalErrors): DeliveryPorts {
  const began = ports.clock.monotonic();
  return {
    namespace: ports.namespace,
    alertGroups: ports.alertGroups,
    session: ports.session,
    destination: ports.destination,
    routeOf: (rule, labels) =>
      rule === HEALTH_RULE_ID ? healthTargets(labels, ports) : route(labels, ports.routing, ports.rules.get(rule)?.receivers),
    timing: (key) => findRoute(ports.routing, key) ?? ports.routing.root,
    timingOf: (rule) => ports.rules.get(rule) ?? {},
    escalationOf: (alertGroup, rule) => escalationOf(ports, alertGroup, rule),
    mutedBy: (key, rule, at) => mutedAt(ports, key, rule, at),
    standingOf: (alertGroup, notified, now) => standingOf(alertGroup, notified, now, ports),
    view: {
      ruleOf: (rule) => (rule === HEALTH_RULE_ID ? KNOWN_HEALTH_RULE : ports.rules.get(rule)),
      isUnloaded: (rule) => rule !== HEALTH_RULE_ID && !ports.rules.has(rule),
      kibana: ports.kibana,
      readers: (receiver, key) => ({
        ...findRoute(ports.routing, key)?.reader,
        ...own(ports.routing.readers, receiver),
      }),
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
