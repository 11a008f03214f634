import { type Answer, NO_COST } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import { canonicalKey, type Search } from '../../search/search.ts';
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
      const keys = queries.map(questionKey);
      const unique = new Map(queries.map((query, i) => [keys[i], query]));
      const asked = [...unique.values()];
      const answers = await distrustNothing(times, asked, await askAll(wire, asked, settings, signal), signal);
      const byKey = new Map([...unique.keys()].map((key, i) => [key, answers[i]]));
      return keys.map((key) => byKey.get(key) ?? UNANSWERED);
    },
  };
}

function questionKey(query: Query): string {
  return `${query.window.from} ${query.window.to} ${canonicalKey(query)}`;
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
  const found = new Map<string, Promise<SearchProblem | undefined>>();
  const problemOf = ({ source }: Query) => {
    const key = JSON.stringify([source.indices, source.timeField, source.ignoreMissingIndex]);
    const asked = found.get(key) ?? times.problemOf(source, signal);
    found.set(key, asked);
    return asked;
  };
  return Promise.all(
    answers.map(async (answer, i) => {
      const query = queries[i];
      if (query === undefined || query.kind === 'esql' || answer.kind === 'failed' || answer.matched > 0) return answer;
      const problem = await problemOf(query);
      return problem === undefined ? answer : { kind: 'failed', problem, sent: answer.sent, cost: answer.cost };
    }),
  );
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
