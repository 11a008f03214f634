import type { Answers } from '../search/answer.ts';
import type { Query } from '../search/query.ts';
import { atTick } from '../search/tick-as-now.ts';
import type { Question } from './ask.ts';
import { questionOf, secondQuestionOf } from './evaluate-windows.ts';
import { dueRevisit } from './revisit.ts';
import type { RuleEvaluation } from './rule-evaluation.ts';

const NO_ANSWERS: Answers = new Map();

/**
 * What a rule that catches up will ask later in this turn, as far as its document knows now: the first questions about each window after the first.
 * The newest window is left out: it has had its `delay` and no more, and is asked when it is its turn. A question that turns out to be another costs
 * a part of one search, and never a wrong answer.
 */
export function comingQuestions(evaluation: RuleEvaluation): readonly Query[] {
  const later = evaluation.windows.slice(1).filter(({ purpose }) => purpose === 'catch-up');
  if (later.length === 0) return [];
  try {
    const questions = [...later.map((dueWindow) => questionOf(evaluation, dueWindow)), ...secondQuestions(evaluation)];
    return questions.flatMap(({ type, input }) => type.ask(input, NO_ANSWERS).map((query) => atTick(query, input.at)));
  } catch {
    // What is thrown over this rule is thrown again, and noted, where its windows are evaluated.
    return [];
  }
}

/** Second looks that come with each window after the first. */
function secondQuestions(evaluation: RuleEvaluation): readonly Question[] {
  const { rule, document } = evaluation;
  const { second } = document;
  if (second === undefined) return [];
  const questions: Question[] = [];
  let { through } = second;
  for (const [index, { at, purpose }] of evaluation.windows.entries()) {
    const dueWindow = dueRevisit(rule, { ...document, second: { ...second, through } }, at);
    if (dueWindow === undefined || purpose !== 'catch-up') continue;
    through = dueWindow.at;
    if (index > 0) questions.push(secondQuestionOf(evaluation, dueWindow));
  }
  return questions;
}
