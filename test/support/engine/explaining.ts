import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { type ExplainInput, type ExplainPorts, explain } from '../../../src/explain/explain.ts';
import type { ExplainedGroup, Explanation } from '../../../src/explain/explanation.ts';
import { ruleTypeNamed } from '../../../src/rule-types/registry.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { TRACE_LOGS } from '../../../src/search/trace-logs.ts';
import { MINUTE, NOON, plainRouting, type World } from './world.ts';

/** The ports of an explanation over a world's stores. */
export function explainPorts({ backend }: Pick<World, 'backend'>, parts: Partial<ExplainPorts> = {}): ExplainPorts {
  return {
    namespace: 'default',
    search: backend.search,
    traceLogs: TRACE_LOGS,
    states: backend.ruleStates,
    alertGroups: backend.alertGroups,
    history: backend.runHistory,
    routing: plainRouting(),
    kibana: undefined,
    typeNamed: ruleTypeNamed,
    ...parts,
  };
}

/** Explains a rule in a world, failing the test when there is nothing to send. */
export async function explained(
  scene: Pick<World, 'backend'>,
  rule: Rule,
  given: Partial<ExplainInput> & Pick<ExplainInput, 'moment'>,
  parts: Partial<ExplainPorts> & Partial<Pick<TurnPorts, 'routing'>> = {},
): Promise<Explanation> {
  const input: ExplainInput = { rule, group: undefined, now: given.moment, ...given };
  const answer = await explain(input, explainPorts(scene, parts), new AbortController().signal);
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

/** A failure of a service at a minute after noon. */
export const boom = (minute: number, service: string) => ({
  '@timestamp': new Date(NOON + minute * MINUTE).toISOString(),
  service,
});

/** What is notified of one service; fails the test when nothing is. */
export function groupOf({ groups }: Explanation, service: string): ExplainedGroup {
  const found = groups.find(({ group }) => group['service'] === service);
  if (found === undefined) throw new Error(`${service} is not explained`);
  return found;
}
