import { canonicalJson } from '../../core/json.ts';
import { type Answer, type Arrived, NO_COST } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import { distinctQuestions, type Search } from '../../search/search.ts';
import { type SearchProblem, searchProblem } from '../../search/search-problem.ts';
import { type Limits, MISSING, sendSearches } from './msearch.ts';
import { type Planning, plan } from './questions/inquiry.ts';
import { type TimeFields, timeFields } from './time-field.ts';
import { begin, type Progress, proceed } from './underway.ts';
import type { Wire } from './wire.ts';

/** How searches are sent; all of it has a default. */
export interface SearchOptions extends Partial<Limits>, Partial<Planning> {}

const DEFAULTS: Limits & Planning = { searchesARequest: 50, requestsAtOnce: 4, merge: true, filtersASearch: 50 };

/**
 * The Search port over a cluster: equal questions asked once, all in `_msearch` requests, pages followed until each is answered.
 */
export function elasticsearchSearch(wire: Wire, options: SearchOptions = {}): Search {
  const settings = { ...DEFAULTS, ...options };
  const times = timeFields(wire);
  return {
    ask: async (queries, signal) => {
      const { distinct, places } = distinctQuestions(queries);
      const answers = await distrustNothing(times, distinct, await askAll(wire, distinct, settings, signal), signal);
      return places.map((place) => answers[place] ?? UNANSWERED);
    },
  };
}

const UNANSWERED: Answer = {
  kind: 'failed',
  problem: searchProblem('bad_answer', 'the question was not answered'),
  cost: NO_COST,
};

/** An answer of no documents stands only if the source has the time field that was asked for. */
async function distrustNothing(
  times: TimeFields,
  queries: readonly Query[],
  answers: readonly Answer[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const doubtful = queries.filter((_query, i) => isDoubtful(answers[i]));
  const sources = new Map(doubtful.map(({ source }) => [canonicalJson(source), source]));
  const problems = new Map<string, SearchProblem>();
  await Promise.all(
    [...sources].map(async ([key, source]) => {
      const problem = await times.problemOf(source, signal);
      if (problem !== undefined) problems.set(key, problem);
    }),
  );
  if (problems.size === 0) return answers;
  return answers.map((answer, i) => {
    const query = queries[i];
    if (query === undefined || !isDoubtful(answer)) return answer;
    const problem = problems.get(canonicalJson(query.source));
    return problem === undefined ? answer : { kind: 'failed', problem, sent: answer.sent, cost: answer.cost };
  });
}

function isDoubtful(answer: Answer | undefined): answer is Arrived {
  return answer !== undefined && answer.kind !== 'failed' && answer.matched === 0;
}

/** Rounds of searches, each of all that is still to be asked. */
async function askAll(
  wire: Wire,
  queries: readonly Query[],
  settings: Limits & Planning,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const answers = new Array<Answer>(queries.length).fill(UNANSWERED);
  let progress: readonly Progress[] = plan(queries, settings).map(begin);
  for (;;) {
    for (const { place, answer } of progress.flatMap((one) => one.answers)) answers[place] = answer;
    const underway = progress.flatMap((one) => one.underway);
    if (underway.length === 0) return answers;
    const searches = underway.map(({ search }) => search);
    const reads = await sendSearches(wire, searches, settings, signal);
    progress = underway.map((one, i) => proceed(one, reads[i] ?? MISSING, !signal.aborted));
  }
}
