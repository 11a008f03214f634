import { parseGlob } from '../../core/glob.ts';
import type { Json } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { ValueColumn } from './column.ts';
import { DEFAULT_FORMAT } from './date-format.ts';
import { matchField, matchFields, queryString } from './field-queries.ts';
import { anyOf, type Lookup, MATCH_NOTHING, ofField, type Predicate } from './predicate.ts';
import { type Body, readBody, readField, readList, readObject, readScalar } from './query-body.ts';
import { QueryRefusal, unsupported } from './refusal.ts';
import { between, checkRange, equals, isSearchable } from './term-tests.ts';
import { hasPhrase, matchesGlob } from './text-tests.ts';

type Compile = (body: Json, lookup: Lookup) => Predicate;

/**
 * Makes a test of documents from a query of Query DSL. Throws a Refusal: `unsupported` where the query holds something that is not known here,
 * named, and `bad_query` where Elasticsearch would refuse it too.
 */
export function compileQuery(query: Json, lookup: Lookup): Predicate {
  const entries = Object.entries(readObject('a query', query));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1)
    throw new QueryRefusal('bad_query', 'a query is an object with exactly one key, its kind');
  const [kind, body] = entry;
  const compile = own(QUERIES, kind);
  if (compile === undefined) throw unsupported(`the query \`${kind}\``);
  return compile(body, lookup);
}

/** The column with its dates asked for in ISO 8601, whatever the format of its field. */
function inIso(column: ValueColumn): ValueColumn {
  return column.type.kind === 'date' ? { ...column, type: { ...column.type, dates: DEFAULT_FORMAT } } : column;
}

/** Formats of dates in ranges that mean here what the default does. */
const ISO_FORMATS = new Set(['strict_date_optional_time', 'strict_date_optional_time||epoch_millis']);

const QUERIES: Readonly<Record<string, Compile>> = {
  match_all: () => () => true,
  match_none: () => MATCH_NOTHING,
  bool,
  constant_score: (body, lookup) => compileQuery(readBody('constant_score', body, ['filter'])['filter'] ?? null, lookup),
  exists: (body, lookup) => exists(String(readScalar('exists', readBody('exists', body, ['field'])['field'])), lookup),
  ids: (body) => {
    const ids = new Set(readList(readBody('ids', body, ['values'])['values']).map(String));
    return (document) => ids.has(document.id);
  },
  term: (body, lookup) => {
    const [field, given] = readField('term', body, 'value', ['value', 'case_insensitive']);
    const value = readScalar('term', given['value']);
    if (given['case_insensitive'] !== true) return ofField(lookup, field, (column) => equals(column, value));
    return ofField(lookup, field, (column) => matchesGlob(column, [[...String(value)]], 'insensitive'));
  },
  terms: (body, lookup) => {
    const [field, values] = oneOf('terms', body);
    if (!Array.isArray(values)) throw unsupported('a `terms` lookup in another index');
    return ofField(lookup, field, (column) => {
      const scalars = values.map((value) => readScalar('terms', value));
      for (const value of scalars) checkRange(column, value);
      return anyOf(scalars.map((value) => equals(column, value)));
    });
  },
  range: (body, lookup) => {
    const [field, given] = oneOf('range', body);
    const { format, ...bounds } = readBody('range', given, ['gt', 'gte', 'lt', 'lte', 'format']);
    if (format !== undefined && !ISO_FORMATS.has(String(format))) throw unsupported(`range with \`format\` ${String(format)}`);
    return ofField(lookup, field, (column) => between(format === undefined ? column : inIso(column), bounds));
  },
  prefix: (body, lookup) => {
    const [field, given] = readField('prefix', body, 'value', ['value', 'case_insensitive']);
    const glob = [[...String(readScalar('prefix', given['value']))], []];
    return ofField(lookup, field, (column) => matchesGlob(column, glob, letters(given)));
  },
  wildcard: (body, lookup) => {
    const [field, given] = readField('wildcard', body, 'value', ['value', 'wildcard', 'case_insensitive']);
    const glob = parseGlob(String(readScalar('wildcard', given['value'] ?? given['wildcard'])), 'any one');
    return ofField(lookup, field, (column) => matchesGlob(column, glob, letters(given)));
  },
  match: (body, lookup) => {
    const [field, given] = readField('match', body, 'query', ['query', 'operator', 'minimum_should_match', 'lenient']);
    return matchField(field, given, lookup);
  },
  match_phrase: (body, lookup) => {
    const [field, given] = readField('match_phrase', body, 'query', ['query', 'slop']);
    if ((given['slop'] ?? 0) !== 0) throw unsupported('match_phrase with `slop`');
    const text = readScalar('match_phrase', given['query']);
    return ofField(lookup, field, (column) => hasPhrase(column, text));
  },
  multi_match: (body, lookup) => matchFields(body, lookup),
  query_string: (body, lookup) => queryString(body, lookup),
};

function bool(json: Json, lookup: Lookup): Predicate {
  const body = readBody('bool', json, ['must', 'filter', 'should', 'must_not', 'minimum_should_match']);
  const compiled = (key: string) => readList(own(body, key)).map((query) => compileQuery(query, lookup));
  const all = [...compiled('must'), ...compiled('filter')];
  const none = compiled('must_not');
  const should = compiled('should');
  const least = leastOf(body['minimum_should_match'], should.length, all.length);
  return (document) => {
    if (!all.every((holds) => holds(document)) || none.some((holds) => holds(document))) return false;
    if (least <= 1) return least <= 0 || should.some((holds) => holds(document));
    return should.reduce((count, holds) => count + (holds(document) ? 1 : 0), 0) >= least;
  };
}

/** How many of the `should` must hold: what `minimum_should_match` says, counted from the end if negative, and one where nothing else must. */
function leastOf(given: Json | undefined, should: number, required: number): number {
  const number = Number(given ?? 0);
  if (should + required === 0) return 0;
  if (!Number.isInteger(number)) throw unsupported(`\`minimum_should_match: ${String(given)}\``);
  return Math.max(number < 0 ? should + number : number, required === 0 ? 1 : 0);
}

function exists(field: string, { fields, column }: Lookup): Predicate {
  const names = field.includes('*') ? fields.matching(field) : [field, ...fields.beneath(field)];
  const columns = names.map((name) => column(name)).filter((one) => one !== undefined);
  const unseen = columns.find(({ type }) => type.unseen === true);
  if (unseen !== undefined) throw unsupported(`queries on ${unseen.field}, of type ${unseen.type.name}`);
  const indexed = columns.filter(isSearchable);
  return (document) => indexed.some((one) => one.terms(document).length > 0);
}

function letters(given: Body): 'exact' | 'insensitive' {
  return given['case_insensitive'] === true ? 'insensitive' : 'exact';
}

function oneOf(construct: string, body: Json): readonly [string, Json | undefined] {
  const entries = Object.entries(readObject(construct, body)).filter(([key]) => key !== 'boost' && key !== '_name');
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw new QueryRefusal('bad_query', `${construct} takes exactly one field`);
  return entry;
}
