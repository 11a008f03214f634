import type { RuleId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import { readApart } from '../core/read-apart.ts';
import type { Saved, Versioned } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import { askTogether, type TogetherPorts } from '../search/range/ask-together.ts';
import type { Search } from '../search/search.ts';
import type { TraceLogs } from '../search/trace-logs.ts';
import { comingQuestions } from './coming-questions.ts';
import { type EvaluatePorts, evaluateInOrder } from './evaluate-windows.ts';
import { attachEvidence } from './evidence/attach-evidence.ts';
import { isUnloaded, openEvaluation, type RuleEvaluation } from './rule-evaluation.ts';
import type { RuleDocument, RuleStates } from './rule-states.ts';
import type { Run } from './run.ts';
import { type EvaluationSession, held, knownDocument, remember, withoutConfirmed } from './session.ts';

/** What evaluating a batch needs of the world. */
export interface EvaluationPorts extends EvaluatePorts {
  readonly search: Search;
  /** Searches several windows at once, such as those that a rule has missed; without it, each is searched separately. */
  readonly together?: Pick<TogetherPorts, 'ranges' | 'limit'> | undefined;
  /** Where the logs of traces are, for rules that do not set it. */
  readonly traceLogs: TraceLogs;
  readonly states: RuleStates;
  readonly session: EvaluationSession;
  readonly typeNamed: (name: string) => RuleType<unknown, Json> | undefined;
}

/** The result of a batch. */
export interface EvaluationReport {
  readonly runs: readonly Run[];
  /** Documents that were written and acknowledged: their outboxes may be enqueued. */
  readonly saved: readonly RuleDocument[];
  /** Rules whose write was not acknowledged; they are read and evaluated again. */
  readonly unsaved: readonly {
    readonly rule: RuleId;
    readonly why: Exclude<Saved['kind'], 'saved'>;
    readonly message?: string;
    /** The index accepts no writes at all, so it is not a problem of this rule. */
    readonly of?: 'index';
  }[];
  /** Rules evaluated beyond the current time: the clock was wrong then, or is now. They are not evaluated until the clock reaches that time. */
  readonly ahead: readonly { readonly rule: RuleId; readonly through: Instant }[];
  /** Rules whose stored document is invalid, with the problem: they are not evaluated until it is corrected or deleted. */
  readonly invalid: ReadonlyMap<RuleId, string>;
  /** Rules that still have windows due and are not failing. */
  readonly behind: readonly RuleId[];
  /** The store did not answer: nothing was evaluated. */
  readonly storeProblem?: string;
}

/** Number of windows without a change after which the document is written anyway. */
export const CHECKPOINT_WINDOWS = 5;
/** Maximum difference between the clocks of replicas without a warning, ms. */
const CLOCKS_APART = 60_000;
/** How often a failing rule records its attempts, ms: a fraction of the time without writes after which a rule counts as removed. */
const TRIED_AFTER = 120_000;

/**
 * Evaluates what is due for a batch of rules at `now`: one read of states, one search a round, one bulk write. Rules of a batch share requests;
 * a rule that fails, or whose write fails, leaves the others untouched.
 */
export async function evaluateBatch(
  batch: readonly Rule[],
  now: Instant,
  ports: EvaluationPorts,
  signal: AbortSignal,
): Promise<EvaluationReport> {
  const ids = batch.map((rule) => rule.id);
  const loaded = await readApart(ids, (some) => ports.states.load(some, held(ports.session, some)));
  if (!loaded.ok)
    return { runs: [], saved: [], unsaved: [], ahead: [], invalid: new Map(), behind: [], storeProblem: loaded.message };
  const { found } = loaded.value;
  const unreadable = new Map([...loaded.value.unreadable, ...memoryProblems(batch, found, ports)]);
  const readable = ids.filter((id) => !unreadable.has(id));
  remember(ports.session, readable, found);
  const evaluations = openEvaluations(
    batch.filter((rule) => !unreadable.has(rule.id)),
    now,
    ports,
  );
  await evaluateInOrder(evaluations, searchOf(evaluations, now, ports), ports, signal);
  await attachEvidence(evaluations, now, ports, signal);
  for (const evaluation of evaluations) advance(evaluation);
  const { saved, unsaved } = await saveEvaluations(evaluations.filter(needsSaving), ports);
  return {
    runs: evaluations.flatMap((evaluation) => evaluation.runs),
    saved,
    unsaved,
    invalid: unreadable,
    ahead: aheadOf(readable, now, ports.session),
    behind: evaluations.filter((evaluation) => evaluation.more && !evaluation.failed).map((evaluation) => evaluation.rule.id),
  };
}

/** Rules of which a memory that was just read is invalid, with what is wrong with it; one that is reset anyway is not looked at. */
function memoryProblems(
  batch: readonly Rule[],
  found: ReadonlyMap<RuleId, Versioned<RuleDocument>>,
  { session, typeNamed }: Pick<EvaluationPorts, 'session' | 'typeNamed'>,
): ReadonlyMap<RuleId, string> {
  const problems = new Map<RuleId, string>();
  for (const rule of batch) {
    const stored = found.get(rule.id);
    // What this process wrote itself, or has looked at before, is fine.
    if (stored === undefined || stored === session.rules.get(rule.id)?.stored) continue;
    const { memory, memory_version, shape } = stored.document;
    const type = typeNamed(rule.type);
    if (memory === null || type === undefined || memory_version !== type.memoryVersion || shape !== rule.shape) continue;
    const problem = type.memoryProblem?.(memory);
    if (problem !== undefined) problems.set(rule.id, `the memory in the document of ${rule.id} ${problem}`);
  }
  return problems;
}

function aheadOf(rules: readonly RuleId[], now: Instant, session: EvaluationSession): EvaluationReport['ahead'] {
  return rules.flatMap((rule) => {
    const through = knownDocument(session, rule)?.evaluated_through;
    return through !== undefined && through - now > CLOCKS_APART ? [{ rule, through }] : [];
  });
}

/** Writes every document that ran ahead of its stored one: for an orderly stop, so that the next start repeats no window. */
export async function checkpoint(ports: Pick<EvaluationPorts, 'states' | 'session'>): Promise<number> {
  const writes = [...ports.session.rules].flatMap(([id, session]) =>
    session.unsaved > 0 && session.current !== undefined
      ? [{ id, document: withoutConfirmed(session.current, session.confirmed), version: session.stored?.version }]
      : [],
  );
  if (writes.length === 0) return 0;
  const results = await ports.states.save(writes);
  for (const write of writes) ports.session.rules.delete(write.id);
  return results.filter((result) => result.kind === 'saved').length;
}

function openEvaluations(batch: readonly Rule[], now: Instant, ports: EvaluationPorts): readonly RuleEvaluation[] {
  return batch.flatMap((rule) => {
    const type = ports.typeNamed(rule.type);
    const session = ports.session.rules.get(rule.id);
    try {
      const evaluation = type && session && openEvaluation(rule, type, session, now);
      return evaluation === undefined ? [] : [evaluation];
    } catch (thrown) {
      ports.errors.note('rule', rule.id, 'finding the windows that are due', thrown);
      return [];
    }
  });
}

/** The search port of a turn's evaluations: their windows are known, and what is asked about several of them is asked at once. */
function searchOf(evaluations: readonly RuleEvaluation[], now: Instant, { search, together, session }: EvaluationPorts): Search {
  if (together === undefined) return search;
  return askTogether(search, { ...together, now, alone: session.alone }, evaluations.flatMap(comingQuestions));
}

/** Takes what a rule evaluation evaluated into the session, saved or not. */
function advance(evaluation: RuleEvaluation): void {
  evaluation.session.current = evaluation.document;
  evaluation.session.unsaved += evaluation.runs.filter((run) => run.outcome === 'evaluated').length;
}

/**
 * A document is a fold over its windows, so windows in which nothing changed need no write: a crash only evaluates them again.
 * Written at once: a new document, a change of any alert, a change of health that others see; else every few windows.
 */
function needsSaving({ session, document, rule, now }: RuleEvaluation): boolean {
  const stored = session.stored?.document;
  if (stored === undefined) return true;
  if (document.n !== stored.n || document.shape !== stored.shape) return true;
  // Other replicas would assume that it is not loaded.
  if (isUnloaded(stored)) return true;
  if (stored.paused !== undefined && document.paused === undefined) return true;
  if (document.health.failures > 0 !== stored.health.failures > 0) return true;
  if (document.health.failures === rule.errorAfter && stored.health.failures !== rule.errorAfter) return true;
  const tried = stored.health.tried_at;
  // While no window can be evaluated, only this shows other replicas that the rule still exists.
  if (tried !== undefined && now - tried >= Math.max(TRIED_AFTER, document.every)) return true;
  const behind = document.evaluated_through - stored.evaluated_through;
  return session.unsaved >= CHECKPOINT_WINDOWS || (session.unsaved > 0 && behind >= rule.catchUp / 2);
}

async function saveEvaluations(
  evaluations: readonly RuleEvaluation[],
  ports: EvaluationPorts,
): Promise<Pick<EvaluationReport, 'saved' | 'unsaved'>> {
  if (evaluations.length === 0) return { saved: [], unsaved: [] };
  const writes = evaluations.map((evaluation) => ({
    id: evaluation.rule.id,
    document: withoutConfirmed(evaluation.document, evaluation.session.confirmed),
    version: evaluation.session.stored?.version,
  }));
  const results = await ports.states.save(writes);
  const saved: RuleDocument[] = [];
  const unsaved: EvaluationReport['unsaved'][number][] = [];
  for (const [index, write] of writes.entries()) {
    const result = results[index] ?? { kind: 'unclear', message: 'the store returned no result for this write' };
    if (result.kind === 'saved') {
      ports.session.rules.set(write.id, {
        stored: { document: write.document, version: result.version },
        current: write.document,
        unsaved: 0,
        confirmed: new Set(),
      });
      saved.push(write.document);
    } else {
      // What was computed is forgotten: only what is acknowledged or read back may be acted on.
      ports.session.rules.delete(write.id);
      unsaved.push({
        rule: write.id,
        why: result.kind,
        ...(result.kind !== 'conflict' && { message: result.message }),
        ...(result.kind === 'refused' && result.of !== undefined && { of: result.of }),
      });
    }
  }
  return { saved, unsaved };
}
