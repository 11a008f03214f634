import type { Problem } from '../../core/problems.ts';
import type { Instant } from '../../core/time.ts';
import type { Rule } from '../../rules/rule.ts';
import { type Answer, NO_COST } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import type { Search } from '../../search/search.ts';
import { searchProblem } from '../../search/search-problem.ts';
import { clusterProblems, delayProblem, lagFound, type RuleAnswers, unknownLag } from './cluster-problems.ts';
import { questionsAbout, type RuleQuestions } from './cluster-questions.ts';

const UNANSWERED: Answer = {
  kind: 'failed',
  problem: searchProblem('bad_answer', 'the question was not answered'),
  cost: NO_COST,
};

/**
 * What the cluster says against enabled rules, as warnings where each rule stands: indices that are not there, queries that match
 * nothing, fields that no document has, documents that arrive later than the rule waits. All rules are asked for together, equal
 * questions once.
 */
export async function checkCluster(
  rules: readonly Rule[],
  search: Search,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const checked = rules.filter(({ enabled }) => enabled).map((rule) => ({ rule, questions: questionsAbout(rule, now) }));
  const answerTo = await askOnce(
    checked.flatMap(({ questions }) => queriesOf(questions)),
    search,
    signal,
  );
  const unknown = new Set<string>();
  return checked.flatMap(({ rule, questions }) => {
    const answers = answersTo(questions, answerTo);
    return [...clusterProblems(rule, questions, answers), ...lagProblems(rule, answers, unknown)];
  });
}

/** Nobody needs to read for each rule of a source that its lag is unknown. */
function lagProblems(rule: Rule, answers: RuleAnswers, unknown: Set<string>): readonly Problem[] {
  const found = lagFound(rule, answers);
  if (found.kind === 'measured') return [delayProblem(rule, found.lag)].filter((problem) => problem !== undefined);
  const key = JSON.stringify([rule.source.indices, rule.source.timeField]);
  if (found.kind === 'silent' || unknown.has(key)) return [];
  unknown.add(key);
  return [unknownLag(rule, found.message)];
}

function queriesOf({ own, day, source, lag }: RuleQuestions): readonly Query[] {
  return [...own, day, source, ...(lag === undefined ? [] : [lag])];
}

function answersTo({ own, day, source, lag }: RuleQuestions, answerTo: (query: Query) => Answer): RuleAnswers {
  return {
    own: own.map(answerTo),
    day: answerTo(day),
    source: answerTo(source),
    lag: lag === undefined ? undefined : answerTo(lag),
  };
}

/** Asks all questions together; gives the answer to each. */
async function askOnce(queries: readonly Query[], search: Search, signal: AbortSignal): Promise<(query: Query) => Answer> {
  const answers = queries.length === 0 ? [] : await search.ask(queries, signal);
  const byQuery = new Map(queries.map((query, place) => [query, answers[place]]));
  return (query) => byQuery.get(query) ?? UNANSWERED;
}
