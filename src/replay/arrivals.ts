import { type Instant, iso } from '../core/time.ts';
import type { QueryDsl } from '../search/query.ts';
import type { Search } from '../search/search.ts';

/**
 * A search port that shows each document from the time on at which it had arrived, going by a date field such as `event.ingested`: what
 * `run` would have seen at `now`, late documents being late. Documents without the field are there from the beginning.
 */
export function withArrivals(search: Search, field: string, now: () => Instant): Search {
  return {
    ask: (queries, signal) => {
      const arrived = hadArrived(field, now());
      return search.ask(
        queries.map((query) => ({ ...query, filter: { bool: { filter: [query.filter, arrived] } } })),
        signal,
      );
    },
  };
}

function hadArrived(field: string, now: Instant): QueryDsl {
  const unknown = { bool: { must_not: [{ exists: { field } }] } };
  return { bool: { should: [{ range: { [field]: { lte: iso(now) } } }, unknown], minimum_should_match: 1 } };
}
