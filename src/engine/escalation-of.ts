import type { RuleId } from '../core/ids.ts';
import { own } from '../core/record.ts';
import type { EscalationPlan } from '../notify/escalate.ts';
import type { Target } from '../routing/route.ts';
import { findRoute } from '../routing/routing.ts';
import type { TurnPorts } from './turn-ports.ts';

/**
 * How alerts of a rule escalate in an alert group: as the rule says, else its route. Who is notified in addition is so within the same route, with its
 * intervals and its timing.
 */
export function escalationOf(
  { routing, rules, destination }: Pick<TurnPorts, 'routing' | 'rules' | 'destination'>,
  { route, group_labels }: Pick<Target, 'route' | 'group_labels'>,
  rule: RuleId,
): EscalationPlan {
  const known = rules.get(rule);
  const steps = known?.escalate ?? findRoute(routing, route)?.escalate ?? [];
  return {
    steps: steps.map(({ after, receiver }) => {
      const destinations = own(routing.destinations, receiver) ?? [];
      return { after, receiver, targets: destinations.map(({ id }) => ({ receiver, destination: id, route, group_labels })) };
    }),
    quiet: known?.sendResolved === false,
    isGone: (id) => destination(id) === undefined,
  };
}
