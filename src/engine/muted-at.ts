import type { RuleId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import { findRoute } from '../routing/routing.ts';
import { mutedBy } from '../routing/time-intervals.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Why a route does not notify alerts of a rule at a time: its time intervals, then the rule's; undefined: it does. */
export function mutedAt(
  { routing, rules }: Pick<TurnPorts, 'routing'> & { readonly rules: ReadonlyMap<RuleId, Parameters<typeof mutedBy>[0]> },
  routeKey: string,
  rule: RuleId,
  at: Instant,
): string | undefined {
  const { intervals } = routing;
  if (intervals === undefined) return undefined;
  const [route, own] = [findRoute(routing, routeKey), rules.get(rule)];
  return (route && mutedBy(route, intervals, at)) ?? (own && mutedBy(own, intervals, at));
}
