import { inParallel } from '../../core/parallel.ts';
import type { TimeLimit } from '../../core/time.ts';
import { type EvaluationPorts, type EvaluationReport, evaluateBatch } from '../../evaluation/evaluate-batch.ts';
import { route } from '../../routing/routing.ts';
import type { Rule } from '../../rules/rule.ts';
import { batches } from '../batches.ts';
import { readyToNotify } from '../catching-up.ts';
import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { historyOf } from '../history/history-of.ts';
import type { Session } from '../session.ts';
import { outboxOf } from '../sweep.ts';
import type { EvaluatedPart, TurnContext } from '../turn-context.ts';
import { invalidRules } from '../turn-log.ts';
import { noteFiring } from '../what-fires.ts';

/** Batches evaluated side by side: a batch that waits for a slow index must not hold up the others. */
const BATCHES_AT_ONCE = 8;
/** Added to the longest search timeout of a batch for what surrounds its searches, ms. */
const BATCH_ALLOWANCE = 15_000;
/** Longest time for range queries of a batch, ms: of the allowance, so that each window can still be asked alone. */
const RANGES_ALLOWANCE = 10_000;

/** What a batch reports that came to nothing. */
const NOTHING: EvaluationReport = { runs: [], saved: [], unsaved: [], ahead: [], invalid: new Map(), behind: [] };

/**
 * Evaluates the due rules in batches, and takes each batch all the way: what it found is saved, enqueued and on its way to receivers while other
 * batches still wait for their answers. The log has them in the order of the batches.
 */
export async function evaluateDueRules(context: TurnContext): Promise<void> {
  const reports = await inParallel(batchesApart(context.due, context.session), BATCHES_AT_ONCE, (batch) =>
    evaluateApart(batch, context),
  );
  for (const report of reports.flat()) context.log.evaluated(report);
}

/** Rules that broke a batch before are a batch each. */
function batchesApart(due: readonly Rule[], { apart }: Session): readonly (readonly Rule[])[] {
  if (apart.size === 0) return batches(due);
  const together = due.filter(({ id }) => !apart.has(id));
  return [...due.filter(({ id }) => apart.has(id)).map((rule) => [rule]), ...batches(together)];
}

/**
 * The last wall around the rules of a batch, for what no wall further inside has met: a batch that throws is evaluated again rule by rule, from the
 * documents as they are stored, and the rule that throws alone is put down as broken. Its windows stay due.
 */
async function evaluateApart(batch: readonly Rule[], context: TurnContext): Promise<readonly EvaluationReport[]> {
  const { session, log } = context;
  const [only] = batch;
  try {
    const report = await evaluateAndEnqueue(batch, context);
    if (batch.length === 1 && only !== undefined) session.apart.delete(only.id);
    return [report];
  } catch (thrown) {
    // What was computed is forgotten, as after a write whose answer was lost.
    for (const { id } of batch) session.rules.delete(id);
    if (batch.length > 1) {
      const reports = (await inParallel(batch, 1, (rule) => evaluateApart([rule], context))).flat();
      // Where each rule passes by itself, the fault is one of the batch, which would be evaluated twice every turn without a trace.
      const isExplained = batch.some(({ id }) => session.apart.has(id));
      if (!isExplained) log.errors.note('engine', 'evaluating rules together', 'evaluating rules together', thrown);
      return reports;
    }
    if (only === undefined) return [];
    session.apart.add(only.id);
    log.errors.note('rule', only.id, 'evaluating it', thrown);
    return [NOTHING];
  }
}

async function evaluateAndEnqueue(batch: readonly Rule[], context: TurnContext): Promise<EvaluationReport> {
  const { now, ports, session } = context;
  const limit = batchLimit(batch, context);
  const report = await evaluateBatch(batch, now, evaluationPorts(context), limit.signal).finally(limit.end);
  noteFiring(
    batch.map(({ id }) => id),
    now,
    ports,
  );
  await enqueueOutboxes(readyToNotify(report, session, now).flatMap(outboxOf), context);
  // Before the rules are let go: written later, it could replace what the next turn writes of them.
  if (ports.history.kept !== false) await ports.history.write(historyOf({ runs: report.runs, saved: report.saved }, context));
  context.evaluated?.(evaluatedPart(batch, report, context));
  return report;
}

function evaluationPorts({ ports, log }: TurnContext): EvaluationPorts {
  const { namespace, search, ranges, traceLogs, states, session, typeNamed, keepFindings } = ports;
  return {
    namespace,
    search,
    together: ranges && { ranges, limit: (parent) => ports.deadline(RANGES_ALLOWANCE, parent) },
    traceLogs,
    states,
    session,
    typeNamed,
    keepFindings,
    errors: log.errors,
    route: (labels, receivers) => route(labels, ports.routing, receivers),
    isConfigured: (destination) => ports.destination(destination) !== undefined,
  };
}

function batchLimit(batch: readonly Rule[], { ports, signal }: TurnContext): TimeLimit {
  const longest = batch.reduce((most, rule) => Math.max(most, rule.source.timeout), 0);
  return ports.deadline(longest + BATCH_ALLOWANCE, signal);
}

function evaluatedPart(rules: readonly Rule[], report: EvaluationReport, { now }: TurnContext): EvaluatedPart {
  const { runs, saved, unsaved, storeProblem } = report;
  const storeProblems = storeProblem === undefined ? [] : [storeProblem];
  return { rules, now, runs, saved, unsaved, invalid: invalidRules(report), storeProblems };
}
