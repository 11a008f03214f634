import type { Problem } from '../../core/problems.ts';
import type { Instant } from '../../core/time.ts';
import type { Rule } from '../../rules/rule.ts';
import { type Answer, NO_COST } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import type { Search } from '../../search/search.ts';
import { searchProblem } from '../../search/search-problem.ts';
import { clusterProblems, delayProblem, lagFound, matchedNothing, type RuleAnswers, unknownLags } from './cluster-problems.ts';
import { questionsAbout, type RuleQuestions, weekQuestion } from './cluster-questions.ts';
import { expectProblems } from './expect-problems.ts';
import { fieldFailures, fieldProblems, type Mappings, type UnmappedField } from './field-problems.ts';

const UNANSWERED: Answer = {
  kind: 'failed',
  problem: searchProblem('bad_answer', 'the search was not answered'),
  cost: NO_COST,
};

/** What rules are held against: the documents, and how their fields are mapped. */
export interface ClusterCheck {
  readonly search: Search;
  readonly mappings: Mappings;
}

/**
 * What the cluster says against enabled rules, where each rule names it: fields that no index maps, indices that do not exist, queries
 * that match nothing, documents that arrive later than the rule waits. All rules are asked for together, equal questions once; those of which
 * nothing of the last day matches again, about a week.
 */
export async function checkCluster(
  rules: readonly Rule[],
  { search, mappings }: ClusterCheck,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const enabled = rules.filter(({ enabled }) => enabled);
  const failures = await fieldFailures(enabled, mappings, signal);
  return [
    ...fieldProblems(failures),
    ...(await expectProblems(enabled, mappings, signal)),
    ...(await documentProblems(enabled, search, now, signal, [...failures.unmapped, ...failures.unmeasurable])),
  ];
}

/** What the documents say against enabled rules; nothing of fields in `reported`. */
export async function documentProblems(
  rules: readonly Rule[],
  search: Search,
  now: Instant,
  signal: AbortSignal,
  reported: readonly ReportedField[],
): Promise<readonly Problem[]> {
  const checked = rules.map((rule) => ({ rule, questions: withoutFields(questionsAbout(rule, now), rule, reported) }));
  const answerTo = await askOnce(
    checked.flatMap(({ questions }) => queriesOf(questions)),
    search,
    signal,
  );
  const answered = checked.map((one) => ({ ...one, answers: answersTo(one.questions, answerTo) }));
  const weeks = new Map(
    answered.flatMap(({ rule, answers }) => (matchedNothing(answers) ? [[rule, weekQuestion(rule, now)] as const] : [])),
  );
  const weekTo = await askOnce([...weeks.values()], search, signal);
  const weekOf = (rule: Rule): Pick<RuleAnswers, 'week'> => {
    const question = weeks.get(rule);
    return question === undefined ? {} : { week: weekTo(question) };
  };
  const lags = answered.map(({ rule, answers }) => ({ rule, found: lagFound(rule, answers) }));
  const unknown = unknownLags(lags);
  return [
    ...answered.flatMap(({ rule, questions, answers }, index) => {
      const found = lags[index]?.found;
      const delay = found?.kind === 'measured' ? delayProblem(rule, found.lag) : undefined;
      const problems = clusterProblems(rule, questions, { ...answers, ...weekOf(rule) });
      return [...problems, ...(delay === undefined ? [] : [delay])];
    }),
    ...unknown,
  ];
}

/** A field of which the mappings said something already. */
type ReportedField = Pick<UnmappedField, 'rule' | 'named'>;

function withoutFields(questions: RuleQuestions, rule: Rule, reported: readonly ReportedField[]): RuleQuestions {
  const known = new Set(reported.filter((one) => one.rule === rule).map(({ named }) => named.field));
  return { ...questions, reported: known };
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
