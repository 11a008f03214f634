import { type Glob, parseGlob } from '../../core/glob.ts';
import type { Json } from '../../core/json.ts';
import type { ValueColumn } from './column.ts';
import { anyOf, type Lookup, leniently, ofField, type Predicate } from './predicate.ts';
import { type Body, readBody, readList, readScalar } from './query-body.ts';
import { unsupported } from './refusal.ts';
import { hasPhrase, hasWords, matchesGlob } from './text-tests.ts';

/** `match` over one field. */
export function matchField(field: string, given: Body, lookup: Lookup): Predicate {
  const text = readScalar('match', given['query']);
  const least = wordsNeeded(given);
  checkKnown(field, lookup);
  return leniently(given['lenient'] === true, () => ofField(lookup, field, (column) => hasWords(column, text, least)));
}

/** `multi_match`: a text that any of several fields may match. */
export function matchFields(json: Json, lookup: Lookup): Predicate {
  const keys = ['query', 'type', 'fields', 'lenient', 'operator', 'minimum_should_match', 'tie_breaker'];
  const body = readBody('multi_match', json, keys);
  const type = body['type'] ?? 'best_fields';
  if (type !== 'best_fields' && type !== 'most_fields' && type !== 'phrase')
    throw unsupported(`multi_match of type ${String(type)}`);
  const text = readScalar('multi_match', body['query']);
  const least = wordsNeeded(body);
  return overFields(body, lookup, (column) => (type === 'phrase' ? hasPhrase(column, text) : hasWords(column, text, least)));
}

/** `query_string` of a single term, with or without `*`; expressions of the Lucene language are refused. */
export function queryString(json: Json, lookup: Lookup): Predicate {
  const body = readBody('query_string', json, ['query', 'fields', 'default_field', 'lenient', 'analyze_wildcard']);
  const text = String(readScalar('query_string', body['query']));
  const glob = readTerm(text);
  if (glob === undefined) throw unsupported(`the Lucene expression ${JSON.stringify(text)}`);
  const [only] = glob;
  if (glob.length === 1 && only !== undefined) return overFields(body, lookup, (column) => hasWords(column, only.join(''), 1));
  return overFields(body, lookup, (column) => matchesGlob(column, glob, 'analysed'));
}

/** Fields that were named count as they are; patterns and the default, all fields, pass over what cannot hold the value. */
function overFields(body: Body, lookup: Lookup, make: (column: ValueColumn) => Predicate): Predicate {
  const named = readList(body['fields'] ?? body['default_field']).map((field) => String(field).replace(/\^[\d.]+$/, ''));
  const fields = named.length === 0 ? ['*'] : named;
  const lenient = body['lenient'] === true || fields.includes('*');
  const meant = fields.flatMap((field) => (field.includes('*') ? matchingFields(field, lookup) : [field]));
  return anyOf(
    meant.map((field) => {
      checkKnown(field, lookup);
      return leniently(lenient, () => ofField(lookup, field, make));
    }),
  );
}

/** Types that a pattern of fields passes over: they hold nothing that a text could match, or in documents of their own. */
const WITHOUT_TEXT = new Set(
  (
    'geo_point geo_shape point shape binary histogram aggregate_metric_double dense_vector sparse_vector rank_feature rank_features ' +
    'completion percolator nested'
  ).split(' '),
);

function matchingFields(pattern: string, { fields }: Lookup): readonly string[] {
  return fields.matching(pattern).filter((field) => !WITHOUT_TEXT.has(fields.type(field)?.name ?? ''));
}

/** Lenient is Elasticsearch with values that do not fit their field, and not with what is unknown here: it might match. */
function checkKnown(field: string, { fields }: Lookup): void {
  const type = fields.type(field);
  if (type?.kind === 'other') throw unsupported(`queries on ${field}, of type ${type.name}`);
}

/** Reads a term with `*` and escaped characters; undefined when anything in it has another meaning in the Lucene language. */
function readTerm(text: string): Glob | undefined {
  const plain = text.replace(/\\./gsu, '');
  if (plain === '' && text === '') return undefined;
  if (/[\s+\-!(){}[\]^"~?:\\/&|<>=]/u.test(plain) || /^(?:AND|OR|NOT)$/.test(text)) return undefined;
  return parseGlob(text);
}

function wordsNeeded(given: Body): number {
  if (String(given['operator'] ?? 'or').toLowerCase() === 'and') return Number.POSITIVE_INFINITY;
  const least = Number(given['minimum_should_match'] ?? 1);
  if (!Number.isInteger(least) || least < 0)
    throw unsupported(`\`minimum_should_match: ${String(given['minimum_should_match'])}\``);
  return least;
}
