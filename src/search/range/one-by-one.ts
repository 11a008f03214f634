import { groupKey } from '../group-key.ts';
import type { Search } from '../search.ts';
import type { RangeAnswer, RangeQuery, RangeSearch } from './range-query.ts';

/** Range queries over a search that knows none, such as one in memory: each window is asked for alone. */
export function oneByOne(search: Search): RangeSearch {
  return {
    wholeFields: async () => new Set(),
    ask: (questions, signal) => Promise.all(questions.map((question) => answerTo(question, search, signal))),
    sent: () => null,
    shares: () => false,
  };
}

async function answerTo({ query, windows }: RangeQuery, search: Search, signal: AbortSignal): Promise<RangeAnswer> {
  const found = await search.ask(
    windows.map((window) => ({ ...query, window })),
    signal,
  );
  const answers = found.map((answer) => (answer.kind === 'failed' ? undefined : answer));
  const groupBy = query.kind === 'groups' ? query.groupBy : [];
  const keys = new Set(answers.flatMap((answer) => (answer?.groups ?? []).map(({ group }) => groupKey(groupBy, group))));
  return {
    answers,
    order: new Map([...keys].sort().map((key, place) => [key, place])),
    searches: windows.length,
    took: found.reduce((sum, { cost }) => sum + cost.took, 0),
  };
}
