import type { Instant } from '../core/time.ts';
import { evaluateQuietly } from '../evaluation/evaluate-quietly.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Run } from '../evaluation/run.ts';
import { knownDocument } from '../evaluation/session.ts';
import { route } from '../routing/routing.ts';
import type { Rule } from '../rules/rule.ts';
import { HEALTH_RULE_ID } from './self-monitoring/health-rule.ts';
import type { TurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';
import { noteFiring } from './what-fires.ts';

/** Rules that are due, as far as nothing came of their evaluation: what they ran, and the others, which need a turn. */
export interface QuietRules {
  readonly runs: readonly Run[];
  readonly others: readonly Rule[];
}

/**
 * Evaluates the rules that are due whose answers are known and change nothing, so that the stages of a turn would have nothing to do for them: in a replay
 * nearly all at nearly every tick. `last` is the log of the turn before.
 */
export function evaluateQuietRules(due: readonly Rule[], now: Instant, ports: TurnPorts, last: TurnLog): QuietRules {
  const { namespace, search, session, typeNamed, keepFindings, routing, destination } = ports;
  if (search.known === undefined || !isCalm(last, ports)) return { runs: [], others: due };
  const quiet = {
    ...{ namespace, session, typeNamed, keepFindings },
    known: search.known.bind(search),
    route: (labels, receivers) => route(labels, routing, receivers),
    isConfigured: (id) => destination(id) !== undefined,
  } satisfies Parameters<typeof evaluateQuietly>[2];
  const health = knownDocument(session, HEALTH_RULE_ID);
  const ill = subjectsOf(health);
  // Time alone may change health alerts, and they are looked at by a turn that evaluates a rule.
  const left = isAtRest(health) ? undefined : due[0];
  const runs: Run[] = [];
  const others: Rule[] = [];
  for (const rule of due) {
    const done = rule === left || ill.has(rule.id) ? undefined : evaluateQuietly(rule, now, quiet);
    if (done === undefined) others.push(rule);
    else runs.push(...done);
  }
  noteFiring(
    runs.map((run) => run.rule),
    now,
    ports,
  );
  return { runs, others };
}

/** What health alerts are about: of a rule among them, an evaluation that goes well is news. */
function subjectsOf(health: RuleDocument | undefined): ReadonlySet<string> {
  return new Set(Object.values(health?.alerts ?? {}).map(({ group }) => String(group['subject'])));
}

function isAtRest(health: RuleDocument | undefined): boolean {
  return health === undefined || (health.past === undefined && Object.keys(health.alerts).length === 0);
}

/** The turn before left nothing behind that the next one would look at, whatever it evaluates. */
function isCalm({ storeProblems, errors, invalid, unsaved }: TurnLog, { session, history, outside }: TurnPorts): boolean {
  return (
    storeProblems.length + errors.length + invalid.length + unsaved.length === 0 &&
    history.kept === false &&
    outside === undefined &&
    session.silences?.length === 0 &&
    session.behind.size + session.apart.size + session.resting.size + session.unsavedHealth.size === 0 &&
    session.healthProblem === undefined
  );
}
