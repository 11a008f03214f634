import type { Complaints } from '../yaml/complaints.ts';
import type { CommonKeys } from './common-keys.ts';

/** Patterns of dates in the names of indices as other programs write them: `%Y.%m.%d`, `%{+yyyy.MM.dd}`, `yyyy.MM.dd`. */
const DATES = /(?:%\{\+[^}]*\}|\{\+[^}]*\}|%[A-Za-z](?:[-._]?%[A-Za-z])*|(?:yyyy|YYYY|xxxx)(?:[-._]?(?:MM|dd|DD|ww))+)/g;

/** Looks at names of indices that are dates of another language: no index is called so, and a pattern finds them all. */
export function checkIndices({ index }: CommonKeys, complaints: Complaints): void {
  for (const [place, names] of (typeof index === 'string' ? [index] : index).entries()) {
    const path = typeof index === 'string' ? ['index'] : ['index', place];
    for (const name of names.split(',')) checkIndex(name, path, complaints);
  }
}

function checkIndex(name: string, path: readonly (string | number)[], complaints: Complaints): void {
  const pattern = name.replace(DATES, '*').replace(/\*+/g, '*');
  if (/^-?<.*\{.*\}.*>$/.test(name)) {
    const hint = `write ${name.replace(/^(-?)<(.*)>$/, '$1$2').replace(/\{.*\}/, '*')}: the window selects the documents`;
    const message = `${name} is date math, evaluated with the clock of the cluster: around midnight it misses documents of the window`;
    complaints.warning('rule/index-date', path, message, hint);
  } else if (pattern !== name.replace(/\*+/g, '*')) {
    complaints.error('rule/index-date', path, `${name} is a date pattern, not an index name`, `write ${pattern}`);
  }
}
