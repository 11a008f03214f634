import type { Instant } from '../core/time.ts';
import { NO_COST } from '../search/answer.ts';
import type { Search } from '../search/search.ts';
import { searchProblem } from '../search/search-problem.ts';
import type { SearchFailure } from './test-file.ts';

/** The failure that holds at a time; undefined: searches are answered. */
export function failureAt(failures: readonly SearchFailure[], now: Instant): SearchFailure | undefined {
  return failures.find(({ from, to }) => now >= from && now < to);
}

/** A search port that fails every question while a test says so; `now` is virtual time. */
export function failingSearch(search: Search, failures: readonly SearchFailure[], now: () => Instant): Search {
  if (failures.length === 0) return search;
  return {
    ask: async (queries, signal) => {
      const failure = failureAt(failures, now());
      if (failure === undefined) return search.ask(queries, signal);
      const problem = searchProblem(failure.problem, 'the test makes searches fail');
      return queries.map(() => ({ kind: 'failed', problem, cost: NO_COST }));
    },
  };
}
