import { unreachable } from '../core/errors.ts';
import type { KqlComparison, KqlGlob, KqlNode, KqlValue } from './tree.ts';

/**
 * The closed set of Query DSL that KQL compiles to; evaluating this set covers all of KQL.
 * - `bool` has `filter` (all), `should` with `minimum_should_match: 1` (any), `must_not` (none), or both `filter` and `must_not`.
 * - `match` and `match_phrase` name one field, by its mapping: any token of text, or tokens in a row; the whole of anything else.
 * - `multi_match` asks the default fields, or those that match a pattern; a field that cannot hold the text is passed over.
 * - `query_string` is always a single wildcard term, never an expression: `*` is any run of characters, a backslash makes the
 *   next one literal, every other character is itself. It must fit a whole keyword, or, normalised as the analyser does (lower
 *   case), one token of text; other kinds of fields are refused, or passed over when lenient or without `fields`.
 * - `range` has exactly one bound, as text: a number, an address, a word, or a date with date math.
 * - `exists` takes a field, an object, or a pattern of fields.
 */
export type KqlDsl =
  | { readonly match_all: Readonly<Record<string, never>> }
  | { readonly bool: KqlBool }
  | { readonly match: Readonly<Record<string, string>> }
  | { readonly match_phrase: Readonly<Record<string, string>> }
  | { readonly multi_match: KqlMultiMatch }
  | { readonly query_string: KqlTerm }
  | { readonly range: Readonly<Record<string, KqlBound>> }
  | { readonly exists: { readonly field: string } };

/** A combination of queries; see KqlDsl for the shapes that occur. */
type KqlBool =
  | { readonly filter: readonly KqlDsl[] }
  | { readonly should: readonly KqlDsl[]; readonly minimum_should_match: 1 }
  | { readonly must_not: readonly KqlDsl[] }
  | { readonly filter: readonly KqlDsl[]; readonly must_not: readonly KqlDsl[] };

/** A text over several fields: any one may match it; without `fields`, the default fields of the index. */
type KqlMultiMatch = {
  readonly query: string;
  readonly type: 'best_fields' | 'phrase';
  readonly lenient: true;
  readonly fields?: readonly string[];
};

/** One wildcard term over a field, a pattern of fields (then lenient), or the default fields. */
type KqlTerm = { readonly query: string; readonly fields?: readonly string[]; readonly lenient?: true };

/** One bound of a range, exclusive for `gt` and `lt`. */
type KqlBound = { readonly gt: string } | { readonly gte: string } | { readonly lt: string } | { readonly lte: string };

type Field = string | undefined;

/** Compiles a KQL tree to Query DSL for filter context, without knowing the mapping; the forms are those of KqlDsl. */
export function compileKql(node: KqlNode): KqlDsl {
  switch (node.kind) {
    case 'and':
      return { bool: { filter: operands(node).map(compileKql) } };
    case 'or':
      return any(operands(node).map(compileKql));
    case 'not':
      return node.of.kind === 'not' ? compileKql(node.of.of) : { bool: { must_not: [compileKql(node.of)] } };
    case 'all':
      return { match_all: {} };
    case 'exists':
      return { exists: { field: node.field } };
    case 'range':
      return { range: { [node.field]: bound(node.comparison, node.value) } };
    case 'is':
      return is(node.field, node.value);
    default:
      return unreachable(node);
  }
}

/** The operands of `a and (b and c)` as one list: Elasticsearch counts nested bool queries, and takes few. */
function operands(node: KqlNode & { readonly kind: 'and' | 'or' }): readonly KqlNode[] {
  return node.of.flatMap((inner) => (inner.kind === node.kind ? operands(inner) : [inner]));
}

function bound(comparison: KqlComparison, value: string): KqlBound {
  switch (comparison) {
    case 'gt':
      return { gt: value };
    case 'gte':
      return { gte: value };
    case 'lt':
      return { lt: value };
    case 'lte':
      return { lte: value };
    default:
      return unreachable(comparison);
  }
}

function is(field: Field, value: KqlValue): KqlDsl {
  switch (value.kind) {
    case 'phrase':
      return isOneField(field)
        ? { match_phrase: { [field]: value.text } }
        : { multi_match: { query: value.text, type: 'phrase', ...spread(field) } };
    case 'words':
      return words(field, value.text);
    case 'glob':
      return value.words.length === 1 ? term(field, wildcardTerm(value.words)) : manyTerms(field, value.words);
    default:
      return unreachable(value);
  }
}

function words(field: Field, text: string): KqlDsl {
  return isOneField(field)
    ? { match: { [field]: text } }
    : { multi_match: { query: text, type: 'best_fields', ...spread(field) } };
}

function term(field: Field, query: string): KqlDsl {
  if (field === undefined) return { query_string: { query } };
  return { query_string: isOneField(field) ? { query, fields: [field] } : { query, fields: [field], lenient: true } };
}

/**
 * Several words with a wildcard, as in `message: *timed out*`. A keyword field means the whole value, a text field any of the
 * words, and the mapping is unknown here, so both are asked. Keywords of several words are kept out of the second question (no
 * token of text holds a space): beyond what Elastic's parser finds, only keywords of one word are found.
 */
function manyTerms(field: Field, globs: readonly KqlGlob[]): KqlDsl {
  const separate = any(runs(globs).map((run) => (typeof run === 'string' ? words(field, run) : word(field, run))));
  if (field === undefined) return separate;
  const oneWord: KqlDsl = { bool: { filter: [separate], must_not: [term(field, '*\\ *')] } };
  return any([term(field, wildcardTerm(globs)), oneWord]);
}

function word(field: Field, glob: KqlGlob): KqlDsl {
  if (glob.some((piece) => piece !== '')) return term(field, wildcardTerm([glob]));
  return field === undefined ? { match_all: {} } : { exists: { field } };
}

/** Words with a wildcard one by one, and the words between them together, since those are analysed as one text. */
function runs(globs: readonly KqlGlob[]): readonly (KqlGlob | string)[] {
  const found: (KqlGlob | string)[] = [];
  for (const glob of globs) {
    const [plain = ''] = glob;
    const last = found.at(-1);
    if (glob.length > 1) found.push(glob);
    else if (typeof last === 'string') found[found.length - 1] = `${last} ${plain}`;
    else found.push(plain);
  }
  return found;
}

/** Words joined by spaces as one term of query_string, in which only the wildcards are special. */
function wildcardTerm(globs: readonly KqlGlob[]): string {
  const escaped = (piece: string) => piece.replace(/[\s!-/:-@[-`{-~]/g, '\\$&');
  return globs.map((glob) => glob.map(escaped).join('*')).join('\\ ');
}

function isOneField(field: Field): field is string {
  return field !== undefined && !field.includes('*');
}

function spread(field: Field): { readonly lenient: true; readonly fields?: readonly string[] } {
  return field === undefined ? { lenient: true } : { lenient: true, fields: [field] };
}

function any(queries: readonly KqlDsl[]): KqlDsl {
  const [only] = queries;
  return only !== undefined && queries.length === 1 ? only : { bool: { should: queries, minimum_should_match: 1 } };
}

/** How many bool queries lie around the innermost condition of a compiled tree, and the offset of that condition. */
export interface KqlNesting {
  readonly levels: number;
  readonly offset: number;
}

/** Measures the nesting of the Query DSL that a tree compiles to. */
export function kqlNesting(node: KqlNode): KqlNesting {
  switch (node.kind) {
    case 'and':
    case 'or':
      return around(operands(node).map(kqlNesting).reduce(deeper, { levels: 0, offset: node.offset }));
    case 'not':
      return node.of.kind === 'not' ? kqlNesting(node.of.of) : around(kqlNesting(node.of));
    case 'is':
      return { levels: node.value.kind === 'glob' && node.value.words.length > 1 ? 3 : 0, offset: node.offset };
    default:
      return { levels: 0, offset: node.offset };
  }
}

function around(inner: KqlNesting): KqlNesting {
  return { levels: inner.levels + 1, offset: inner.offset };
}

function deeper(a: KqlNesting, b: KqlNesting): KqlNesting {
  return b.levels > a.levels ? b : a;
}
