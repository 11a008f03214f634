import type { Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Search } from '../search/search.ts';
import type { EvaluationPorts } from './evaluate-batch.ts';
import { evaluateKnown } from './evaluate-windows.ts';
import { isUnloaded, openEvaluation, type RuleEvaluation } from './rule-evaluation.ts';
import type { RuleHealth } from './rule-states.ts';
import type { Run } from './run.ts';

/** What evaluating without waiting needs. */
export interface QuietPorts extends Omit<EvaluationPorts, 'search' | 'together' | 'traceLogs' | 'states' | 'errors'> {
  readonly known: NonNullable<Search['known']>;
}

/**
 * Evaluates what is due for a rule as `evaluateBatch` does, by answers that are known already, as long as nothing comes of it: no alert changes its status,
 * nothing is to be sent, and nothing has to be written at once. Gives undefined, and leaves everything as it was, where more is to be done, or where
 * something is thrown: that is for `evaluateBatch`.
 */
export function evaluateQuietly(rule: Rule, now: Instant, ports: QuietPorts): readonly Run[] | undefined {
  const type = ports.typeNamed(rule.type);
  const session = ports.session.rules.get(rule.id);
  if (type === undefined || session === undefined || !isSettled(session)) return undefined;
  try {
    const evaluation = openEvaluation(rule, type, session, now);
    if (evaluation === undefined) return [];
    if (evaluation.more || evaluation.gap !== undefined || evaluation.ended.length > 0) return undefined;
    if (!evaluateKnown(evaluation, ports.known, ports) || !isQuiet(evaluation)) return undefined;
    session.current = evaluation.document;
    session.unsaved += 1;
    return evaluation.runs;
  } catch {
    // It meets its wall when it is evaluated again.
    return undefined;
  }
}

/** Everything that others see of the rule is written and passed on. */
function isSettled({ stored, current, confirmed }: RuleEvaluation['session']): boolean {
  if (stored === undefined || current === undefined || confirmed.size > 0) return false;
  const { document } = stored;
  return !isUnloaded(document) && document.paused === undefined && document.outbox.length === 0 && isWell(document.health);
}

function isQuiet({ session, document, runs: [run] }: RuleEvaluation): boolean {
  const stored = session.stored?.document;
  return (
    run !== undefined &&
    run.changes.length === 0 &&
    run.flapping === undefined &&
    document.n === stored?.n &&
    document.shape === stored.shape &&
    document.outbox.length === 0 &&
    isWell(document.health)
  );
}

/** Nothing that a health alert would be about, or that would grow into one. */
function isWell({ failures, tried_at, ungrouped, unknown, truncated }: RuleHealth): boolean {
  return failures === 0 && tried_at === undefined && ungrouped === undefined && unknown === undefined && truncated !== true;
}
