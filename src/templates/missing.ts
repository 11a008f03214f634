import type { Liquid } from 'liquidjs';
import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { MISSING_VALUE, toNumber } from './print.ts';

/** A filter as Liquid calls it: `this` is the library's own. */
type Filter = (this: unknown, value: unknown, ...rest: unknown[]) => unknown;

/** Filters that compute: with a number missing there is no result. */
const COMPUTING = ['abs', 'at_least', 'at_most', 'ceil', 'divided_by', 'floor', 'minus', 'modulo', 'plus', 'round', 'times'];
/** Filters that write their arguments into the text. */
const WRITING = new Set(['append', 'prepend', 'replace', 'replace_first']);
/** Filters that are about missing values: `default`, and `json`, which has a word of its own for them. */
const ABOUT_MISSING = new Set(['default', 'json']);

/** Says whether a template value is missing: a field that a document does not have, a value that could not be measured. */
function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/**
 * Makes the filters and comparisons of an engine carry a missing value through: what is made of it is missing as well, so that it prints as `n/a`,
 * is false in a condition and gives way to `default`; it never becomes 0 or an empty text.
 */
export function carryMissing(engine: Liquid): void {
  const computing = new Set(COMPUTING);
  for (const [name, builtIn] of Object.entries(engine.filters)) {
    if (typeof builtIn !== 'function' || ABOUT_MISSING.has(name)) continue;
    const filter = builtIn as Filter;
    engine.registerFilter(name, computing.has(name) ? computed(filter) : passed(name, filter));
  }
}

function computed(filter: Filter): Filter {
  return function (value, ...rest) {
    const operands = [value, ...rest].map(toNumber);
    if (operands.some(isMissing)) return undefined;
    const [first, ...others] = operands;
    const result = filter.call(this, first, ...others);
    return toNumber(result) === undefined ? undefined : result;
  };
}

function passed(name: string, filter: Filter): Filter {
  const written = (one: unknown) => (isMissing(one) ? MISSING_VALUE : one);
  return function (value, ...rest) {
    if (isMissing(value)) return undefined;
    const whole = name === 'join' && Array.isArray(value) ? value.map(written) : value;
    return filter.call(this, whole, ...(WRITING.has(name) ? rest.map(written) : rest));
  };
}

/** Filters over lists of objects, which find a field by its name, dots included: `map: 'user.name'`. */
export const LIST_FILTERS: Readonly<Record<string, (value: unknown, ...rest: readonly unknown[]) => unknown>> = {
  map: (value, name) => listOf(value).map((item) => member(item, String(name))),
  sum: (value, name) => {
    const amounts = listOf(value).map((item) => toNumber(name === undefined ? item : member(item, String(name))));
    return amounts.length === 0 || amounts.some(isMissing)
      ? undefined
      : amounts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  },
  where: (value, name, ...wanted) =>
    listOf(value).filter((item) => {
      const found = member(item, String(name));
      return wanted.length === 0 ? !isMissing(found) && found !== false : !isMissing(found) && found === wanted[0];
    }),
};

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A member by its path; a name that holds dots, as the fields of documents do, is found before its parts are. */
function member(item: unknown, path: string): unknown {
  if (!isObject(item)) return undefined;
  if (Object.hasOwn(item, path)) return own(item, path);
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(item, head)) return member(own(item, head), path.slice(dot + 1));
  }
  return undefined;
}

type Compared = string | number;
type Comparison = (a: Compared, b: Compared) => boolean;

/** Comparisons in which a missing value is neither less nor more than anything; JavaScript takes null for 0. */
export const COMPARISONS = {
  '>': comparing((a, b) => a > b),
  '<': comparing((a, b) => a < b),
  '>=': comparing((a, b) => a >= b),
  '<=': comparing((a, b) => a <= b),
} as const;

function comparing(holds: Comparison) {
  return (left: unknown, right: unknown): boolean => {
    if (isMissing(left) || isMissing(right)) return false;
    return holds(left as Compared, right as Compared);
  };
}
