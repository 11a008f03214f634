import { isKnown } from '../alerts/memory.ts';
import { asError } from '../core/errors.ts';
import { collectInternalErrors } from '../core/internal-errors.ts';
import type { Json } from '../core/json.ts';
import { newestTick, uncovered, usualInterval } from '../core/schedule.ts';
import type { Instant } from '../core/time.ts';
import { askAll } from '../evaluation/ask.ts';
import { windowOf } from '../evaluation/due-windows.ts';
import { adoptDocument, memoryOf } from '../evaluation/rule-document.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Input, Measured, RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Arrived, Cost } from '../search/answer.ts';
import { groupKey } from '../search/group-key.ts';
import type { Group, Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { type SearchProblem, searchProblem } from '../search/search-problem.ts';

/** A tick of a rule to ask about again. */
export interface Again {
  readonly rule: Rule;
  readonly type: RuleType<unknown, Json>;
  readonly at: Instant;
  /** As saved; undefined: the rule was never evaluated. */
  readonly document: RuleDocument | undefined;
  /** A group that is to be measured even where an answer is truncated. */
  readonly wanted: Group | undefined;
}

/** What asking again brought. */
export type AnsweredAgain = { readonly sent: readonly Json[]; readonly cost: Cost } & (
  | { readonly ok: true; readonly measured: Measured<Json>; readonly answers: readonly Arrived[] }
  | { readonly ok: false; readonly problem: SearchProblem }
);

/** Asks a rule's question about one tick as the engine does, and measures the answer. Memory and living alerts are those of now. */
export async function askAgain(again: Again, search: Search, signal: AbortSignal): Promise<AnsweredAgain> {
  const answer = await askOnce(again, inputOf(again, []), search, signal);
  if (again.wanted === undefined || !answer.ok || !isCutOff(again, again.wanted, answer)) return answer;
  return askOnce(again, inputOf(again, [again.wanted]), search, signal);
}

/** The first round of a rule's questions about a tick: for what they ask, not to be sent. */
export function questionsOf(again: Again): readonly Query[] {
  try {
    return again.type.ask(inputOf(again, []), new Map());
  } catch {
    return [];
  }
}

async function askOnce(
  { type }: Again,
  input: Input<unknown, Json>,
  search: Search,
  signal: AbortSignal,
): Promise<AnsweredAgain> {
  const [asked] = await askAll([{ type, input }], search, collectInternalErrors(), signal);
  if (asked === undefined) throw new Error('a query returned no result');
  const { sent, cost } = asked;
  if (!asked.ok) return { ok: false, sent, cost, problem: asked.problem };
  try {
    return { ok: true, sent, cost, measured: type.measure(input, asked.answers), answers: [...asked.answers.values()] };
  } catch (thrown) {
    const problem = searchProblem('bad_answer', `the result could not be evaluated: ${asError(thrown).message}`);
    return { ok: false, sent, cost, problem };
  }
}

function inputOf({ rule, type, at, document }: Again, more: readonly Group[]): Input<unknown, Json> {
  const adopted = document === undefined ? undefined : adoptDocument(rule, document, at, type.memoryVersion).document;
  const living = Object.values(adopted?.alerts ?? {}).filter(
    (alert) => isKnown(alert, rule.lifecycle) && (alert.started ?? alert.since) <= at,
  );
  const previous = newestTick(rule.schedule, at - 1);
  const passed = document !== undefined && at <= document.evaluated_through;
  return {
    spec: rule,
    window: windowOf(rule, at),
    at,
    previous,
    uncovered: uncovered(previous, at, usualInterval(rule.schedule, at)),
    // What memory knows may have come after a window that has passed.
    purpose: passed ? 'revisit' : 'live',
    known: rule.groupBy.length === 0 ? [{}] : [...living.map(({ group }) => group), ...more],
    memory: adopted === undefined ? undefined : memoryOf(adopted),
  };
}

function isCutOff({ rule }: Again, wanted: Group, answer: AnsweredAgain & { readonly ok: true }): boolean {
  if (answer.measured.kind !== 'groups' || !answer.answers.some(({ kind }) => kind === 'truncated')) return false;
  const key = groupKey(rule.groupBy, wanted);
  return !answer.measured.readings.some(({ group }) => groupKey(rule.groupBy, group) === key);
}
