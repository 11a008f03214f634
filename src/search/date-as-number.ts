import { type SearchProblem, searchProblem } from './search-problem.ts';

/** The problem of a metric that a condition takes for a number, while its field is a date. */
export function dateAsNumber(metric: string, field: string): SearchProblem {
  const message =
    `${metric} is the last value of ${field}, which is a date, not a number: compare its age in the query, as in \`${field} < now-30d\`, ` +
    'or declare `as: string`';
  return searchProblem('bad_mapping', message);
}
