import type { Finding } from '../alerts/finding.ts';
import { isKnown } from '../alerts/memory.ts';
import { type InternalErrors, internalErrorText } from '../core/internal-errors.ts';
import type { Json } from '../core/json.ts';
import { uncovered } from '../core/schedule.ts';
import type { Arrived } from '../search/answer.ts';
import type { Group } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { type SearchProblem, searchProblem } from '../search/search-problem.ts';
import { type ApplyContext, applyWindow } from './apply-window.ts';
import { type Asked, askAll, askKnown, type Question } from './ask.ts';
import { type DueWindow, everyOf, usualEveryOf } from './due-windows.ts';
import { followSources } from './outage/vanished.ts';
import { applyRevisit, dueRevisit, noteFirstEvaluation } from './revisit.ts';
import { memoryOf } from './rule-document.ts';
import { healthAfterFailure, healthAfterRun, type RuleEvaluation } from './rule-evaluation.ts';
import type { Run } from './run.ts';

/** What evaluating needs of the world besides the search port. */
export interface EvaluatePorts {
  readonly namespace: string;
  readonly route: ApplyContext['route'];
  readonly isConfigured?: ApplyContext['isConfigured'];
  /** Whether runs keep what was found of each group: for rule tests. A process that evaluates thousands of groups a turn keeps their number alone. */
  readonly keepFindings?: boolean | undefined;
  /** Where what is thrown over one rule is noted. */
  readonly errors: InternalErrors;
}

/** What an evaluation cost that came to no question. */
const NOT_ASKED = { sent: [], cost: { took: 0, shards: 0, merged: 1 } } as const;
const NO_COUNTS: Readonly<Record<Finding['kind'], number>> = { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 };

/** Evaluates the due windows of all rules, oldest first and one of each rule in a round, whose questions are asked together. A rule stops at its first failed window. */
export async function evaluateInOrder(
  evaluations: readonly RuleEvaluation[],
  search: Search,
  ports: EvaluatePorts,
  signal: AbortSignal,
): Promise<void> {
  for (let index = 0; ; index++) {
    const turn = evaluations.flatMap((evaluation) => {
      const dueWindow = evaluation.windows[index];
      return dueWindow === undefined || evaluation.failed ? [] : [{ evaluation, dueWindow }];
    });
    if (turn.length === 0) return;
    const asking = turn.flatMap((one) => prepared(one.evaluation, one.dueWindow, ports));
    const befores = new Map(asking.map(({ evaluation }) => [evaluation, evaluation.document]));
    const seconds = asking.flatMap(({ second }) => second);
    const questions = [...asking, ...seconds].map(({ question }) => question);
    const asked = await askAll(questions, search, ports.errors, signal);
    for (const [position, one] of asking.entries()) {
      const answer = asked[position];
      if (answer !== undefined) evaluateOne(one, answer, ports);
    }
    for (const [position, second] of seconds.entries()) {
      const answer = asked[asking.length + position];
      walled(second.evaluation, 'looking again for late documents', ports, () => evaluateAgain(second, answer, ports));
    }
    const evaluated = [...befores].flatMap(([evaluation, before]) => (evaluation.failed ? [] : [{ evaluation, before }]));
    await followSources(evaluated, search, ports, signal);
  }
}

/**
 * Evaluates the only window that a rule evaluation has due by answers that are known already; false where one has to be waited for, or where more
 * belongs to it than its own answers. What is thrown is the caller's.
 */
export function evaluateKnown(evaluation: RuleEvaluation, known: NonNullable<Search['known']>, ports: ApplyPorts): boolean {
  const [dueWindow, ...others] = evaluation.windows;
  if (dueWindow === undefined || others.length > 0 || revisitsOf(evaluation, dueWindow).length > 0) return false;
  const question = questionOf(evaluation, dueWindow);
  const asked = askKnown(question, known);
  if (asked?.ok !== true) return false;
  const before = evaluation.document;
  evaluateAnswered({ evaluation, dueWindow, question }, asked, ports);
  return before.outage === undefined;
}

/**
 * The wall around one rule: what is thrown over it is noted, and what the step changed is taken back; the other rules of the batch go on. Gives
 * the problem, or undefined when nothing was thrown.
 */
function walled(
  evaluation: RuleEvaluation,
  step: string,
  { errors }: EvaluatePorts,
  work: () => void,
): SearchProblem | undefined {
  const { document, ended, runs } = evaluation;
  const before = [...runs];
  try {
    work();
    return undefined;
  } catch (thrown) {
    evaluation.document = document;
    evaluation.ended = ended;
    runs.splice(0, runs.length, ...before);
    return searchProblem('internal', internalErrorText(errors.note('rule', evaluation.rule.id, step, thrown)));
  }
}

/** One evaluation that is to be asked for. */
interface Prepared {
  readonly evaluation: RuleEvaluation;
  readonly dueWindow: DueWindow;
  readonly question: Question;
  readonly second: readonly DueRevisit[];
}

function prepared(evaluation: RuleEvaluation, dueWindow: DueWindow, ports: EvaluatePorts): readonly Prepared[] {
  const ready: Prepared[] = [];
  const problem = walled(evaluation, 'preparing an evaluation', ports, () => {
    ready.push({ evaluation, dueWindow, question: questionOf(evaluation, dueWindow), second: revisitsOf(evaluation, dueWindow) });
  });
  if (problem !== undefined) fail(evaluation, dueWindow, NOT_ASKED, problem);
  return ready;
}

/** A window that a rule with `revisit` evaluates again, beside one that is evaluated for the first time. */
interface DueRevisit {
  readonly evaluation: RuleEvaluation;
  readonly dueWindow: DueWindow;
  readonly question: Question;
}

function revisitsOf(evaluation: RuleEvaluation, first: DueWindow): readonly DueRevisit[] {
  const dueWindow = dueRevisit(evaluation.rule, evaluation.document, first.at);
  return dueWindow === undefined ? [] : [{ evaluation, dueWindow, question: secondQuestionOf(evaluation, dueWindow) }];
}

/** What a rule asks about a window that it evaluates again. */
export function secondQuestionOf(evaluation: RuleEvaluation, dueWindow: DueWindow): Question {
  const living = Object.values(evaluation.document.second?.alerts ?? {}).map((alert) => alert.group);
  const known = evaluation.rule.groupBy.length === 0 ? [{}] : living;
  return { type: evaluation.type, input: inputOf(evaluation, { ...dueWindow, purpose: 'revisit' }, known) };
}

/** A failed second evaluation is skipped: the first one applies, and the next tick evaluates the next window. */
function evaluateAgain({ evaluation, dueWindow, question }: DueRevisit, asked: Asked | undefined, ports: EvaluatePorts): void {
  const run = evaluation.runs.at(-1);
  if (evaluation.failed || asked === undefined || !asked.ok || run === undefined) return;
  const measured = question.type.measure(question.input, asked.answers);
  if (measured.kind !== 'groups') return;
  const context = contextOf(evaluation, dueWindow, ports);
  const { document, changes } = applyRevisit(evaluation.rule, evaluation.document, { dueWindow, measured }, context);
  evaluation.document = document;
  if (changes.length > 0) evaluation.runs.splice(-1, 1, { ...run, late: changes });
}

function contextOf(evaluation: RuleEvaluation, dueWindow: DueWindow, ports: ApplyPorts): ApplyContext {
  const { rule, type } = evaluation;
  const { namespace, route, isConfigured } = ports;
  const distances = { every: everyOf(rule, dueWindow.at), usualEvery: usualEveryOf(rule, dueWindow.at) };
  return { namespace, route, isConfigured, absence: type.absence(rule.options), ...distances };
}

/** What a rule asks about a window, as far as its document knows now. */
export function questionOf(evaluation: RuleEvaluation, dueWindow: DueWindow): Question {
  const living = Object.values(evaluation.document.alerts).filter((alert) => isKnown(alert, evaluation.rule.lifecycle));
  const known = evaluation.rule.groupBy.length === 0 ? [{}] : living.map((alert) => alert.group);
  return { type: evaluation.type, input: inputOf(evaluation, dueWindow, known) };
}

type Looked = Pick<Question['input'], 'at' | 'window' | 'previous' | 'purpose'>;

function inputOf({ rule, document }: RuleEvaluation, looked: Looked, known: readonly Group[]): Question['input'] {
  const { at, window, previous, purpose } = looked;
  const lost = uncovered(previous, at, usualEveryOf(rule, at));
  return { spec: rule, at, window, previous, uncovered: lost, purpose, known, memory: memoryOf(document) };
}

function evaluateOne(one: Prepared, asked: Asked, ports: EvaluatePorts): void {
  const { evaluation, dueWindow } = one;
  if (!asked.ok) {
    fail(evaluation, dueWindow, asked, asked.problem);
    return;
  }
  const problem = walled(evaluation, 'evaluating an answer', ports, () => {
    evaluateAnswered(one, asked, ports);
  });
  if (problem !== undefined) fail(evaluation, dueWindow, asked, problem);
}

type Answered = Pick<Prepared, 'evaluation' | 'dueWindow' | 'question'>;
type ApplyPorts = Omit<EvaluatePorts, 'errors'>;

function evaluateAnswered(one: Answered, asked: Asked & { readonly ok: true }, ports: ApplyPorts): void {
  const { evaluation, dueWindow } = one;
  evaluate(one, asked, ports);
  evaluation.document = noteFirstEvaluation(evaluation.rule, evaluation.document, dueWindow.at);
}

function evaluate({ evaluation, dueWindow, question }: Answered, asked: Asked & { readonly ok: true }, ports: ApplyPorts): void {
  const { rule, type } = evaluation;
  const measured = type.measure(question.input, asked.answers);
  const window = { dueWindow, measured, ended: evaluation.ended };
  const applied = applyWindow(rule, evaluation.document, window, contextOf(evaluation, dueWindow, ports));
  const answers = [...asked.answers.values()];
  // What is spread comes last: each member that follows a spread costs V8 hundreds of bytes.
  const run: Run = {
    outcome: 'evaluated',
    matched: highest(answers, (answer) => answer.matched),
    ungrouped: highest(answers, (answer) => answer.ungrouped),
    groups: measured.readings.length,
    truncated: answers.some((answer) => answer.kind === 'truncated'),
    counts: applied.counts,
    unknown: applied.unknown,
    changes: applied.changes,
    ...runHead(evaluation, dueWindow, asked),
    ...(evaluation.gap !== undefined && evaluation.runs.length === 0 && { gap: evaluation.gap }),
    ...(applied.flapping.length > 0 && { flapping: applied.flapping }),
    ...(measured.kind === 'groups' && measured.waiting !== undefined && { waiting: measured.waiting }),
    ...(ports.keepFindings === true && { findings: applied.findings.filter((one) => one.measured) }),
  };
  evaluation.ended = [];
  evaluation.expected = type.expected?.(rule.options, asked.answers) ?? [];
  // Events that were left out are said in their message: no group went unevaluated.
  const evaluated = measured.kind === 'events' ? { ...run, truncated: false } : run;
  const { paused: _over, ...document } = applied.document;
  evaluation.document = { ...document, health: healthAfterRun(evaluation.document.health, evaluated) };
  evaluation.runs.push(run);
}

function fail(
  evaluation: RuleEvaluation,
  dueWindow: DueWindow,
  asked: Pick<Asked, 'sent' | 'cost'>,
  problem: SearchProblem,
): void {
  evaluation.failed = true;
  // Ends that no window has reported yet must not be forgotten with the alerts: until one is evaluated, the document stays as it was.
  const kept = evaluation.ended.length > 0 ? evaluation.unfitted : evaluation.document;
  evaluation.document = {
    ...kept,
    health: healthAfterFailure(evaluation.document.health, problem, dueWindow.at, evaluation.now),
  };
  evaluation.runs.push({
    ...runHead(evaluation, dueWindow, asked),
    outcome: 'failed',
    problem,
    matched: 0,
    ungrouped: 0,
    groups: 0,
    truncated: false,
    counts: NO_COUNTS,
    unknown: [],
    changes: [],
  });
}

function runHead(
  evaluation: RuleEvaluation,
  dueWindow: DueWindow,
  asked: { readonly sent: readonly Json[]; readonly cost: Run['cost'] },
) {
  return {
    rule: evaluation.rule.id,
    at: dueWindow.at,
    window: dueWindow.window,
    purpose: dueWindow.purpose,
    sent: asked.sent,
    cost: asked.cost,
  };
}

function highest(answers: readonly Arrived[], of: (answer: Arrived) => number): number {
  return answers.reduce((most, answer) => Math.max(most, of(answer)), 0);
}
