import { unreachable } from '../core/errors.ts';
import type { KqlBound, KqlDsl } from './dsl.ts';
import type { KqlComparison, KqlGlob, KqlNode, KqlValue } from './tree.ts';

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
export function operands(node: KqlNode & { readonly kind: 'and' | 'or' }): readonly KqlNode[] {
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
