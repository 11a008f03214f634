import { type SearchProblem, searchProblem } from './search-problem.ts';

/** The problem of a question that groups by a key of a flattened object and by something besides. */
export function flattenedKey(field: string, object: string): SearchProblem {
  const message =
    `${field} is a key of ${object}, which is flattened: beside another field, in parts of a window and beyond max_groups Elasticsearch counts a ` +
    `document once for each key of ${object}; group by ${field} alone, or map it as keyword`;
  return searchProblem('bad_mapping', message);
}
