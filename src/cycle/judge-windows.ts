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
import { type Asked, askAll, type Question } from './ask.ts';
import { healthAfterFailure, healthAfterRun, type Lane } from './lane.ts';
import { applyRevisit, noteFirstLook, revisitOwed } from './revisit.ts';
import { memoryOf } from './rule-document.ts';
import type { Run } from './run.ts';
import { followSources } from './vanished.ts';
import { everyOf, type OwedWindow, usualEveryOf } from './windows-owed.ts';

/** What judging needs of the world besides the search port. */
export interface JudgePorts {
  readonly namespace: string;
  readonly route: ApplyContext['route'];
  readonly isConfigured?: ApplyContext['isConfigured'];
  /** Where what is thrown over one rule is noted. */
  readonly errors: InternalErrors;
}

/** What an evaluation cost that came to no question. */
const NOT_ASKED = { sent: [], cost: { took: 0, shards: 0, merged: 1 } } as const;
const NO_COUNTS: Readonly<Record<Finding['kind'], number>> = { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 };

/** Judges every lane's windows, oldest first, all lanes together a round; a lane stops at its first failed window. */
export async function judgeInOrder(
  lanes: readonly Lane[],
  search: Search,
  ports: JudgePorts,
  signal: AbortSignal,
): Promise<void> {
  for (let index = 0; ; index++) {
    const turn = lanes.flatMap((lane) => {
      const owed = lane.windows[index];
      return owed === undefined || lane.failed ? [] : [{ lane, owed }];
    });
    if (turn.length === 0) return;
    const asking = turn.flatMap((one) => prepared(one.lane, one.owed, ports));
    const befores = new Map(asking.map(({ lane }) => [lane, lane.document]));
    const seconds = asking.flatMap(({ second }) => second);
    const questions = [...asking, ...seconds].map(({ question }) => question);
    const asked = await askAll(questions, search, ports.errors, signal);
    for (const [position, { lane, owed, question }] of asking.entries()) {
      const answer = asked[position];
      if (answer !== undefined) judgeOne(lane, owed, question, answer, ports);
    }
    for (const [position, second] of seconds.entries()) {
      const answer = asked[asking.length + position];
      walled(second.lane, 'looking again for late documents', ports, () => lookAgain(second, answer, ports));
    }
    const judged = [...befores].flatMap(([lane, before]) => (lane.failed ? [] : [{ lane, before }]));
    await followSources(judged, search, ports, signal);
  }
}

/**
 * The wall around one rule: what is thrown over it is noted, and what the step changed is taken back; the other rules of the batch go on. Gives
 * the problem, or undefined when nothing was thrown.
 */
function walled(lane: Lane, step: string, { errors }: JudgePorts, work: () => void): SearchProblem | undefined {
  const { document, ended, runs } = lane;
  const before = [...runs];
  try {
    work();
    return undefined;
  } catch (thrown) {
    lane.document = document;
    lane.ended = ended;
    runs.splice(0, runs.length, ...before);
    return searchProblem('internal', internalErrorText(errors.note('rule', lane.rule.id, step, thrown)));
  }
}

/** One evaluation that is to be asked for. */
interface Prepared {
  readonly lane: Lane;
  readonly owed: OwedWindow;
  readonly question: Question;
  readonly second: readonly SecondLookOwed[];
}

function prepared(lane: Lane, owed: OwedWindow, ports: JudgePorts): readonly Prepared[] {
  const ready: Prepared[] = [];
  const problem = walled(lane, 'preparing an evaluation', ports, () => {
    ready.push({ lane, owed, question: questionOf(lane, owed), second: secondLookOf(lane, owed) });
  });
  if (problem !== undefined) fail(lane, owed, NOT_ASKED, problem);
  return ready;
}

/** A window that a rule with `revisit` judges once more, beside one that is judged for the first time. */
interface SecondLookOwed {
  readonly lane: Lane;
  readonly owed: OwedWindow;
  readonly question: Question;
}

function secondLookOf(lane: Lane, first: OwedWindow): readonly SecondLookOwed[] {
  const owed = revisitOwed(lane.rule, lane.document, first.at);
  if (owed === undefined) return [];
  const living = Object.values(lane.document.second?.alerts ?? {}).map((alert) => alert.group);
  const known = lane.rule.groupBy.length === 0 ? [{}] : living;
  return [{ lane, owed, question: { type: lane.type, input: inputOf(lane, { ...owed, purpose: 'revisit' }, known) } }];
}

/** A second look that cannot be had is left out: the first one stands, and the next tick looks at the next window. */
function lookAgain({ lane, owed, question }: SecondLookOwed, asked: Asked | undefined, ports: JudgePorts): void {
  const run = lane.runs.at(-1);
  if (lane.failed || asked === undefined || !asked.ok || run === undefined) return;
  const measured = question.type.measure(question.input, asked.answers);
  if (measured.kind !== 'groups') return;
  const { document, changes } = applyRevisit(lane.rule, lane.document, owed, measured, contextOf(lane, owed, ports));
  lane.document = document;
  if (changes.length > 0) lane.runs.splice(-1, 1, { ...run, late: changes });
}

function contextOf(lane: Lane, owed: OwedWindow, ports: JudgePorts): ApplyContext {
  const { rule, type } = lane;
  const { namespace, route, isConfigured } = ports;
  const distances = { every: everyOf(rule, owed.at), usualEvery: usualEveryOf(rule, owed.at) };
  return { namespace, route, isConfigured, absence: type.absence(rule.options), ...distances };
}

function questionOf(lane: Lane, owed: OwedWindow): Question {
  const living = Object.values(lane.document.alerts).filter((alert) => isKnown(alert, lane.rule.lifecycle));
  const known = lane.rule.groupBy.length === 0 ? [{}] : living.map((alert) => alert.group);
  return { type: lane.type, input: inputOf(lane, owed, known) };
}

type Looked = Pick<Question['input'], 'at' | 'window' | 'previous' | 'purpose'>;

function inputOf({ rule, document }: Lane, looked: Looked, known: readonly Group[]): Question['input'] {
  const { at, window, previous, purpose } = looked;
  const lost = uncovered(previous, at, usualEveryOf(rule, at));
  return { spec: rule, at, window, previous, uncovered: lost, purpose, known, memory: memoryOf(document) };
}

function judgeOne(lane: Lane, owed: OwedWindow, question: Question, asked: Asked, ports: JudgePorts): void {
  if (!asked.ok) {
    fail(lane, owed, asked, asked.problem);
    return;
  }
  const problem = walled(lane, 'evaluating an answer', ports, () => {
    judge(lane, owed, question, asked, ports);
    lane.document = noteFirstLook(lane.rule, lane.document, owed.at);
  });
  if (problem !== undefined) fail(lane, owed, asked, problem);
}

function judge(lane: Lane, owed: OwedWindow, question: Question, asked: Asked & { readonly ok: true }, ports: JudgePorts): void {
  const { rule, type } = lane;
  const measured = type.measure(question.input, asked.answers);
  const applied = applyWindow(rule, lane.document, lane.ended, owed, measured, contextOf(lane, owed, ports));
  const answers = [...asked.answers.values()];
  // What is spread comes last: each member that follows a spread costs V8 hundreds of bytes.
  const run: Run = {
    outcome: 'judged',
    matched: highest(answers, (answer) => answer.matched),
    ungrouped: highest(answers, (answer) => answer.ungrouped),
    groups: measured.readings.length,
    truncated: answers.some((answer) => answer.kind === 'truncated'),
    counts: applied.counts,
    unknown: applied.unknown,
    changes: applied.changes,
    ...runHead(lane, owed, asked),
    ...(lane.gap !== undefined && lane.runs.length === 0 && { gap: lane.gap }),
    ...(applied.flapping.length > 0 && { flapping: applied.flapping }),
  };
  lane.ended = [];
  lane.expected = type.expected?.(rule.options, asked.answers) ?? [];
  // Events that were left out are said in their message: no group went unjudged.
  const judged = measured.kind === 'events' ? { ...run, truncated: false } : run;
  const { paused: _over, ...document } = applied.document;
  lane.document = { ...document, health: healthAfterRun(lane.document.health, judged) };
  lane.runs.push(run);
}

function fail(lane: Lane, owed: OwedWindow, asked: Pick<Asked, 'sent' | 'cost'>, problem: SearchProblem): void {
  lane.failed = true;
  // Ends that no window has told yet must not be forgotten with the alerts: until one is judged, the document stays as it was.
  const kept = lane.ended.length > 0 ? lane.unfitted : lane.document;
  lane.document = { ...kept, health: healthAfterFailure(lane.document.health, problem, owed.at, lane.now) };
  lane.runs.push({
    ...runHead(lane, owed, asked),
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

function runHead(lane: Lane, owed: OwedWindow, asked: { readonly sent: readonly Json[]; readonly cost: Run['cost'] }) {
  return { rule: lane.rule.id, at: owed.at, window: owed.window, purpose: owed.purpose, sent: asked.sent, cost: asked.cost };
}

function highest(answers: readonly Arrived[], of: (answer: Arrived) => number): number {
  return answers.reduce((most, answer) => Math.max(most, of(answer)), 0);
}
