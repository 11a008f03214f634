import type { Duration } from '../../core/time.ts';
import type { Search } from '../search.ts';
import type { RangeSearch } from './range-query.ts';

/** What was asked of a backend: how many searches, and how long it worked on them, ms, by its own clock. */
export interface Metered {
  readonly searches: number;
  readonly took: Duration;
}

/** A search port, and its range queries, of which it is known what they cost so far. */
export interface Meter {
  readonly search: Search;
  readonly ranges: RangeSearch;
  total(): Metered;
}

/** Measures what is asked. A search that several questions share counts once; the pages of one answer count as one search. */
export function metered(search: Search, ranges: RangeSearch): Meter {
  let searches = 0;
  let took = 0;
  return {
    search: {
      ask: async (queries, signal) => {
        const answers = await search.ask(queries, signal);
        for (const { cost } of answers) {
          searches += 1 / cost.merged;
          took += cost.took / cost.merged;
        }
        return answers;
      },
    },
    ranges: {
      wholeFields: (source, fields, signal) => ranges.wholeFields(source, fields, signal),
      sent: (query) => ranges.sent(query),
      shares: (query) => ranges.shares(query),
      ask: async (questions, signal) => {
        const answers = await ranges.ask(questions, signal);
        for (const answer of answers) {
          searches += answer.searches;
          took += answer.took;
        }
        return answers;
      },
    },
    total: () => ({ searches: Math.round(searches), took: Math.round(took) }),
  };
}
