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
export type KqlBound = { readonly gt: string } | { readonly gte: string } | { readonly lt: string } | { readonly lte: string };
