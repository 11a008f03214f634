import { compareNumbers } from '../../core/integers.ts';
import { type Json, jsonText } from '../../core/json.ts';
import { parseNumeric } from '../../search/numeric-types.ts';
import { parseAddress, parseNetwork } from './addresses.ts';
import type { Term, ValueColumn } from './column.ts';
import { type DateFormat, DEFAULT_FORMAT } from './date-format.ts';
import { dateMath } from './date-math.ts';
import type { Rounding } from './dates.ts';
import type { FieldType } from './field-type.ts';
import { lowerCase } from './lower-case.ts';
import type { Predicate } from './predicate.ts';
import { QueryRefusal, unsupported } from './refusal.ts';

/** Matches documents that have a value for which the test holds. */
export function someTerm(column: ValueColumn, test: (term: Term) => boolean): Predicate {
  return (document) => {
    const terms = column.terms(document);
    const [only] = terms;
    return terms.length === 1 && only !== undefined ? test(only) : terms.some(test);
  };
}

/** Matches documents that have a token for which the test holds. */
export function someToken(column: ValueColumn, test: (token: string) => boolean): Predicate {
  return (document) => column.tokens(document).some((tokens) => tokens.some(test));
}

/** Matches a value as its field compares it, not analysed: equal, or for incomplete dates and networks, within. */
export function equals(column: ValueColumn, value: Json): Predicate {
  const { type } = column;
  switch (type.kind) {
    case 'text': {
      checkSearchable(column);
      const token = String(value);
      return someToken(column, (one) => one === token);
    }
    case 'date':
      return between(column, { gte: value, lte: value });
    case 'ip':
      return isAddress(column, String(value));
    default: {
      const wanted = queryTerm(column, value);
      return someTerm(column, (term) => Object.is(term, wanted));
    }
  }
}

/** A query's value as the field compares it; refuses what Elasticsearch refuses: words for a number field and the like. */
function queryTerm(column: ValueColumn, value: Json, rounding: Rounding = 'down'): Term {
  const { field, type } = column;
  checkSearchable(column);
  const term = readTerm(field, type, value, rounding);
  if (term === undefined)
    throw new QueryRefusal('bad_query', `${jsonText(value)} is not a value for the field ${field} of type ${type.name}`);
  return term;
}

/** Says whether Elasticsearch has an index or doc values of a field; text has no doc values. */
export function isSearchable({ type }: ValueColumn): boolean {
  return type.indexed !== false || (type.docValues !== false && type.kind !== 'text');
}

/** Refuses what cannot be searched. */
export function checkSearchable(column: ValueColumn): void {
  const { field } = column;
  if (isSearchable(column)) return;
  throw new QueryRefusal('bad_mapping', `${field} is not indexed and has no doc values, so it cannot be searched`);
}

/** Refuses a number that a range or a list of values over integers cannot name. */
export function checkRange({ field, type }: ValueColumn, value: Json): void {
  const number = typeof value === 'string' && type.numeric !== undefined ? parseNumeric(type.numeric, value) : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return;
  if (type.numeric?.inRange?.(number) === false)
    throw new QueryRefusal('bad_query', `${jsonText(value)} is out of range for the field ${field} of type ${type.name}`);
}

function readTerm(field: string, type: FieldType, value: Json, rounding: Rounding): Term | undefined {
  switch (type.kind) {
    case 'number': {
      const { numeric } = type;
      const number = typeof value === 'string' && numeric !== undefined ? parseNumeric(numeric, value) : value;
      if (typeof number !== 'number' && typeof number !== 'bigint') return undefined;
      // Only a decimal written as text can be -0: JSON writes that number as 0.
      const asked = number === 0 && (typeof value !== 'string' || numeric?.whole === true) ? 0 : number;
      return numeric?.asked === undefined ? asked : numeric.asked(asked);
    }
    case 'boolean':
      return value === true || value === 'true' ? 1 : value === false || value === 'false' ? 0 : undefined;
    case 'date': {
      // Rules have their tick in the place of `now`; without a tick it is the wall clock.
      if (typeof value === 'string' && value.startsWith('now')) throw unsupported(`date math (${value})`);
      const date = readMoment(type.dates ?? DEFAULT_FORMAT, value, rounding);
      return date === undefined || type.name === 'date_nanos' ? date : Math.floor(date);
    }
    case 'ip':
      return parseAddress(String(value));
    case 'other':
      throw unsupported(`queries on ${field}, of type ${type.name}`);
    default:
      return type.folded === true ? lowerCase(String(value)) : String(value);
  }
}

/** A date, or one with date math: `2026-01-01T10:00:00.000Z||-1h/d`. */
function readMoment(dates: DateFormat, value: Json, rounding: Rounding): number | undefined {
  // A number is milliseconds in a query, whatever the format of the field.
  if (typeof value === 'number' && dates !== DEFAULT_FORMAT) return value;
  const [anchor, math, ...rest] = typeof value === 'string' ? value.split('||') : [];
  if (anchor === undefined || math === undefined) return dates.parse(value, rounding);
  const start = dates.parse(anchor);
  return start === undefined || rest.length > 0 ? undefined : dateMath(start, math, rounding);
}

function isAddress(column: ValueColumn, text: string): Predicate {
  const network = parseNetwork(text);
  if (network !== undefined) return someTerm(column, (term) => term >= network.first && term <= network.last);
  const wanted = queryTerm(column, text);
  return someTerm(column, (term) => term === wanted);
}

/** Bounds of a range, as a query gives them. */
export interface Bounds {
  readonly gt?: Json;
  readonly gte?: Json;
  readonly lt?: Json;
  readonly lte?: Json;
}

/** Matches values within bounds: keywords and tokens in the order of their characters' code points, the rest by size. */
export function between(column: ValueColumn, bounds: Bounds): Predicate {
  checkDateFormat(column, bounds);
  const isHalfOpen = [bounds.gt ?? bounds.gte, bounds.lt ?? bounds.lte].some((bound) => bound === undefined || bound === null);
  if (column.type.flattened === 'keyed' && isHalfOpen)
    throw new QueryRefusal('bad_query', `${column.field} is a key of a flattened field: a range needs both bounds`);
  const limits = withNumbersOnly(column, bounds);
  const tests = (['gt', 'gte', 'lt', 'lte'] as const).flatMap((bound) => {
    const given = bounds[bound];
    if (given === undefined || given === null) return [];
    checkRange(column, given);
    const limit = queryTerm(limits, given, bound === 'gt' || bound === 'lte' ? 'up' : 'down');
    return [(term: Term) => holds(bound, compareTerms(term, limit))];
  });
  const inside = (term: Term) => tests.every((test) => test(term));
  return column.type.kind === 'text' ? someToken(column, inside) : someTerm(column, inside);
}

/** A bound is compared as it is given: only what is asked for by equality is rounded as it would be stored. Beside a number, dates are milliseconds. */
function withNumbersOnly(column: ValueColumn, bounds: Bounds): ValueColumn {
  const { type } = column;
  if (type.numeric?.bound !== undefined)
    return { ...column, type: { ...type, numeric: { ...type.numeric, asked: type.numeric.bound } } };
  if (type.kind !== 'date' || type.dates === DEFAULT_FORMAT || !Object.values(bounds).some((bound) => typeof bound === 'number'))
    return column;
  return { ...column, type: { ...type, dates: MILLIS } };
}

const MILLIS: DateFormat = { ...DEFAULT_FORMAT, parse: (value) => (/^-?\d+$/.test(String(value)) ? Number(value) : undefined) };

/** Where one bound of a date is a number, Elasticsearch reads the other as milliseconds too, and refuses it otherwise. */
function checkDateFormat({ field, type }: ValueColumn, bounds: Bounds): void {
  const given = Object.values(bounds);
  if (type.kind !== 'date' || type.dates !== DEFAULT_FORMAT || !given.some((bound) => typeof bound === 'number')) return;
  const strange = given.find((bound) => typeof bound === 'string' && !/^-?\d+(?:\.\d*)?$/.test(bound));
  if (strange !== undefined)
    throw new QueryRefusal('bad_query', `${field}: beside a number, ${jsonText(strange)} must be milliseconds too`);
}

function holds(bound: keyof Bounds, order: number): boolean {
  switch (bound) {
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    default:
      return order <= 0;
  }
}

/** Order of two terms of one field. Texts go by code point, as UTF-8 does: JavaScript's own order differs beyond the basic plane. */
export function compareTerms(a: Term, b: Term): number {
  if (typeof a !== 'string' && typeof b !== 'string')
    return compareNumbers(a, b) || Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  const left = String(a);
  const right = String(b);
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    if (left.charCodeAt(at) !== right.charCodeAt(at)) return weight(left.charCodeAt(at)) - weight(right.charCodeAt(at));
  }
  return left.length - right.length;
}

/** UTF-16 puts surrogates (characters beyond U+FFFF) before U+E000; code points put them last. */
function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
