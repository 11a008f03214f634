import type { Complaints } from '../yaml/complaints.ts';
import type { CommonKeys } from './common-keys.ts';

/** Patterns of dates in the names of indices as other programs write them: `%Y.%m.%d`, `%{+yyyy.MM.dd}`, `yyyy.MM.dd`. */
const DATES = /(?:%\{\+[^}]*\}|\{\+[^}]*\}|%[A-Za-z](?:[-._]?%[A-Za-z])*|(?:yyyy|YYYY|xxxx)(?:[-._]?(?:MM|dd|DD|ww))+)/g;

/** Reports index names with date patterns of other programs: no index has such a name; a wildcard matches all of them. */
export function checkIndices({ index }: CommonKeys, complaints: Complaints): void {
  for (const [place, names] of (typeof index === 'string' ? [index] : index).entries()) {
    const path = typeof index === 'string' ? ['index'] : ['index', place];
    for (const name of names.split(',')) checkIndex(name, path, complaints);
  }
}

/** A name of indices with patterns in place of its dates, several joined by commas too; undefined if it has none. */
export function withoutDates(index: string): string | undefined {
  const names = index.split(',').map((name) => (isDateMath(name) ? withoutMath(name) : patternOf(name)));
  const changed = [...new Set(names)].join(',');
  return changed === index ? undefined : changed;
}

function isDateMath(name: string): boolean {
  return /^-?<.*\{.*\}.*>$/.test(name);
}

function withoutMath(name: string): string {
  return name.replace(/^(-?)<(.*)>$/, '$1$2').replace(/\{.*\}/, '*');
}

function patternOf(name: string): string {
  return name.replace(DATES, '*').replace(/\*+/g, '*');
}

function checkIndex(name: string, path: readonly (string | number)[], complaints: Complaints): void {
  const pattern = patternOf(name);
  if (isDateMath(name)) {
    const hint = `write ${withoutMath(name)}: the window selects the documents`;
    const message = `${name} is date math, evaluated with the clock of the cluster: around midnight it misses documents of the window`;
    complaints.warning('rule/index-date', path, message, hint);
  } else if (pattern !== name.replace(/\*+/g, '*')) {
    complaints.error('rule/index-date', path, `${name} is a date pattern, not an index name`, `write ${pattern}`);
  }
}
