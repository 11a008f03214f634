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

/** The problem of a metric that a condition takes for a number, while its field is a date. */
export function dateAsNumber(metric: string, field: string): SearchProblem {
  const message =
    `${metric} is the last value of ${field}, which is a date, not a number: compare its age in the query, as in \`${field} < now-30d\`, ` +
    'or declare `as: string`';
  return searchProblem('bad_mapping', message);
}

/** The problem of a question that groups by a key of a flattened object and by something besides. */
export function flattenedKey(field: string, object: string): SearchProblem {
  const message =
    `${field} is a key of ${object}, which is flattened: beside another field, in parts of a window and beyond max_groups Elasticsearch counts a ` +
    `document once for each key of ${object}; group by ${field} alone, or map it as keyword`;
  return searchProblem('bad_mapping', message);
}

/** The next step for a text that is grouped by or measured: the field beneath it that keeps its whole values; undefined where the mapping has none. */
export function textFieldHint(text: string, keywords: readonly string[]): string | undefined {
  const usual = `${text}.keyword`;
  const keyword = keywords.includes(usual) ? usual : keywords[0];
  return keyword === undefined ? undefined : `name ${keyword} instead: it has the whole values of the text ${text}`;
}

/** The objects in which a field may be: `a` and `a.b` for `a.b.c`. */
export function objectsAbove(field: string): readonly string[] {
  const parts = field.split('.');
  return parts.slice(1).map((_part, at) => parts.slice(0, at + 1).join('.'));
}
