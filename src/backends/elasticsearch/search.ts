import { type Answer, NO_COST } from '../../search/answer.ts';
import type { Query } from '../../search/query.ts';
import { canonicalKey, type Search } from '../../search/search.ts';
import { searchProblem } from '../../search/search-problem.ts';
import { type Limits, MISSING, sendSearches } from './msearch.ts';
import { type Planning, plan } from './questions/inquiry.ts';
import { begin, type Progress, proceed } from './underway.ts';
import type { Wire } from './wire.ts';

/** How searches are sent; all of it has a default. */
export interface SearchOptions extends Partial<Limits>, Partial<Planning> {}

const DEFAULTS: Limits & Planning = { searchesARequest: 50, requestsAtOnce: 4, merge: true, filtersASearch: 50 };

/** The Search port over a cluster: equal questions asked once, all in `_msearch` requests, pages followed until each is answered. */
export function elasticsearchSearch(wire: Wire, options: SearchOptions = {}): Search {
  const settings = { ...DEFAULTS, ...options };
  return {
    ask: async (queries, signal) => {
      const keys = queries.map(questionKey);
      const unique = new Map(queries.map((query, i) => [keys[i], query]));
      const answers = await askAll(wire, [...unique.values()], settings, signal);
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
