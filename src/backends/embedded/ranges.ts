import type { TimeRange } from '../../core/time.ts';
import { groupKey } from '../../search/group-key.ts';
import type { Query } from '../../search/query.ts';
import { openAnswer, type RangeAnswer, type RangeQuery, type RangeSearch } from '../../search/range/range-query.ts';
import type { Search } from '../../search/search.ts';
import type { DocumentStore } from './documents.ts';
import { sentBy } from './search.ts';

/** More groups than these are not put in order. */
const MOST_GROUPS = 10_000;

/** Range queries over documents in memory, by the search port over the same documents. */
export function embeddedRanges(documents: DocumentStore, search: Search): RangeSearch {
  return {
    wholeFields: async (_source, fields) =>
      new Set(fields.filter((field) => documents.column(field)?.type.numeric?.whole === true)),
    ask: (questions, signal) => Promise.all(questions.map((question) => askOne(question, search, signal))),
    sent: sentBy,
    shares: () => false,
  };
}

async function askOne(question: RangeQuery, search: Search, signal: AbortSignal): Promise<RangeAnswer> {
  const { query, windows, ordered } = question;
  const [first] = windows;
  if (first === undefined) return openAnswer(question);
  const order =
    ordered !== true ? undefined : orderQuery(query, { from: first.from, to: Math.max(...windows.map(({ to }) => to)) });
  const all = windows.map((window): Query => ({ ...query, window }));
  const answers = await search.ask(order === undefined ? all : [...all, order], signal);
  const last = order === undefined ? undefined : answers[windows.length];
  return {
    answers: windows.map((_, place) => {
      const answer = answers[place];
      return answer === undefined || answer.kind === 'failed' ? undefined : answer;
    }),
    order:
      last?.kind === 'complete' && query.kind === 'groups'
        ? new Map(last.groups.map(({ group }, rank) => [groupKey(query.groupBy, group), rank]))
        : undefined,
    searches: 0,
    took: 0,
  };
}

/** Rows of buckets come in the order of their groups' values: here one bucket is the whole range. */
function orderQuery(query: Query, window: TimeRange): Query | undefined {
  if (query.kind !== 'groups' || query.groupBy.length === 0) return undefined;
  const { named: _named, ...question } = query;
  return { ...question, window, metrics: {}, maxGroups: MOST_GROUPS, bucket: window.to - window.from };
}
