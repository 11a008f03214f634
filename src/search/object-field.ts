import { type SearchProblem, searchProblem } from './search-problem.ts';

/** Last parts of names that identify things, the most specific first. */
const IDENTIFYING = ['name', 'id', 'hostname', 'uid', 'ip'];
const SHOWN = 3;

/** The problem of a question that groups by an object, or measures one, with the fields beneath it that could be meant. */
export function objectField(object: string, beneath: readonly string[], use: 'group by' | 'measure'): SearchProblem {
  const direct = IDENTIFYING.map((part) => `${object}.${part}`).filter((name) => beneath.includes(name));
  const names = direct.length > 0 ? direct.slice(0, 1) : [...beneath].sort().slice(0, SHOWN);
  const others = names.length === 0 ? 'one of its fields' : names.join(' or ');
  return searchProblem('bad_mapping', `${object} is an object: ${use} ${others}`);
}
