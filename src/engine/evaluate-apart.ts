import type { RuleId } from '../core/ids.ts';
import type { InternalErrors } from '../core/internal-errors.ts';
import type { EvaluationReport } from '../evaluation/evaluate-batch.ts';
import type { Session } from '../evaluation/session.ts';
import type { Rule } from '../rules/rule.ts';
import { batches } from './batches.ts';

/** Rules over which a whole batch broke: they are evaluated alone until that goes well, and cost the others no second try. */
const alone = new WeakMap<Session, Set<RuleId>>();

/** What a cycle reports that came to nothing. */
const NOTHING: EvaluationReport = { runs: [], saved: [], unsaved: [], ahead: [], invalid: new Map(), behind: [] };

/** The batches of a turn: rules that broke one before are separate. */
export function batchesApart(due: readonly Rule[], session: Session): readonly (readonly Rule[])[] {
  const apart = alone.get(session);
  if (apart === undefined || apart.size === 0) return batches(due);
  const together = due.filter(({ id }) => !apart.has(id));
  return [...due.filter(({ id }) => apart.has(id)).map((rule) => [rule]), ...batches(together)];
}

/**
 * The last wall around the rules of a batch, for what no wall further inside has met: a batch that throws is evaluated again rule by rule, from the
 * documents as they are stored, and the rule that throws alone is put down as broken. Its windows stay due.
 */
export async function evaluateApart(
  batch: readonly Rule[],
  session: Session,
  errors: InternalErrors,
  evaluate: (batch: readonly Rule[]) => Promise<EvaluationReport>,
): Promise<readonly EvaluationReport[]> {
  const apart = alone.get(session) ?? new Set();
  alone.set(session, apart);
  const [only] = batch;
  try {
    const report = await evaluate(batch);
    if (batch.length === 1 && only !== undefined) apart.delete(only.id);
    return [report];
  } catch (thrown) {
    // What was computed is forgotten, as after a write of which no answer came.
    for (const { id } of batch) session.rules.delete(id);
    if (batch.length > 1) return (await inOrder(batch, (rule) => evaluateApart([rule], session, errors, evaluate))).flat();
    if (only === undefined) return [];
    apart.add(only.id);
    errors.note('rule', only.id, 'evaluating it', thrown);
    return [NOTHING];
  }
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
