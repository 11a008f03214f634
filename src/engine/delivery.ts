import type { InternalErrors } from '../core/internal-errors.ts';
import type { Duration } from '../core/time.ts';
import type { Session } from '../evaluation/session.ts';
import type { AlertGroupDocument } from '../notify/alert-group.ts';
import type { AlertGroups } from '../notify/alert-groups.ts';
import type { DeliveryPorts, Unrecorded } from '../notify/delivery-ports.ts';
import { findRoute, route } from '../routing/routing.ts';
import { HEALTH_RULE_ID, healthTargets, KNOWN_HEALTH_RULE } from './self-monitoring/health.ts';
import { standingOf } from './standing-of.ts';
import type { TurnPorts } from './turn-ports.ts';
import { noteFailed } from './works-again.ts';

/** Waits before reading or writing again, ms: short at first, for a conflict; long for a store that is down. */
const PAUSES: readonly Duration[] = [0, 20, 100, 500, 1_000, 2_000];

const unrecorded = new WeakMap<Session, Map<string, Unrecorded>>();

/** The attempts of a process that could not be recorded yet, by alert group. */
function unrecordedOf(session: Session): Map<string, Unrecorded> {
  const known = unrecorded.get(session) ?? new Map<string, Unrecorded>();
  unrecorded.set(session, known);
  return known;
}

/** The ports of enqueuing and delivering for one turn; its stopwatch begins now. */
export function deliveryPorts(ports: TurnPorts, errors: InternalErrors): DeliveryPorts {
  const began = ports.clock.monotonic();
  return {
    namespace: ports.namespace,
    alertGroups: observed(ports.alertGroups, ports),
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
    unrecorded: unrecordedOf(ports.session),
    errors,
    io: ports.io,
    newToken: ports.newToken,
    elapsed: () => Math.ceil(ports.clock.monotonic() - began),
    pause: (attempt, signal) => ports.clock.sleep(PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 0, signal),
    deadline: ports.deadline,
    ...ports.delivery,
  };
}

/** Notes when each alert group that is read or written is due, since a search for due ones lags behind. */
function observed(alertGroups: AlertGroups, { session }: TurnPorts): AlertGroups {
  const note = (id: string, document: AlertGroupDocument) => {
    noteFailed(id, document, session);
    if (document.due === null) {
      session.dues.delete(id);
      session.destinations.delete(id);
      return;
    }
    session.dues.set(id, document.due);
    session.destinations.set(id, document.destination);
  };
  const forget = (id: string) => {
    session.dues.delete(id);
    session.failed.delete(id);
  };
  return {
    ...alertGroups,
    load: async (ids) => {
      const loaded = await alertGroups.load(ids);
      if (!loaded.ok) return loaded;
      for (const [id, { document }] of loaded.value) note(id, document);
      // Someone deleted it: nothing is due there any more.
      for (const id of ids) if (!loaded.value.has(id)) forget(id);
      return loaded;
    },
    save: async (writes) => {
      const results = await alertGroups.save(writes);
      for (const [index, write] of writes.entries()) if (results[index]?.kind === 'saved') note(write.id, write.document);
      return results;
    },
  };
}
