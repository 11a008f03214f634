import { route } from '../routing/routing.ts';
import { HEALTH_RULE_ID } from './self-monitoring/health-rule.ts';
import { healthTargets } from './self-monitoring/health-targets.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Firing alerts of a destination that is no longer configured, and the destinations that they move to. */
export interface Moves {
  readonly destination: string;
  readonly alerts: number;
  readonly to: readonly string[];
}

/** What moves because some of these destinations are no longer configured, as far as this process knows the alerts. */
export function movesAfter(destinations: Iterable<string>, ports: TurnPorts): readonly Moves[] {
  const gone = [...destinations].filter((id) => ports.destination(id) === undefined);
  if (gone.length === 0) return [];
  const living = [...ports.session.rules].flatMap(([rule, { current }]) =>
    Object.values(current?.alerts ?? {}).map((alert) => ({ rule, alert })),
  );
  return gone.map((destination) => {
    const held = living.filter(({ alert }) => alert.held_by?.some((target) => target.destination === destination) === true);
    const targets = held.flatMap(({ rule, alert: { labels = {} } }) =>
      rule === HEALTH_RULE_ID ? healthTargets(labels, ports) : route(labels, ports.routing, ports.rules.get(rule)?.receivers),
    );
    return { destination, alerts: held.length, to: [...new Set(targets.map((target) => target.destination))] };
  });
}
