import { type Glob, globTest } from '../../core/glob.ts';
import type { Json } from '../../core/json.ts';
import type { ValueColumn } from './column.ts';
import { lowerCase } from './lower-case.ts';
import { MATCH_NOTHING, type Predicate } from './predicate.ts';
import { QueryRefusal, unsupported } from './refusal.ts';
import { checkSearchable, equals, someTerm, someToken } from './term-tests.ts';
import { analyse } from './text-analysis.ts';

/** Matches texts that have at least `least` of the words (all of them: infinity); other fields by the whole value. */
export function hasWords(column: ValueColumn, value: Json, least: number): Predicate {
  if (column.type.kind !== 'text') return equals(column, value);
  checkSearchable(column);
  const words = [...new Set(analyse(String(value)))];
  const needed = Math.min(words.length, Math.max(1, least));
  if (needed === 0) return MATCH_NOTHING;
  return (document) => {
    const held = column.tokens(document);
    let found = 0;
    for (const word of words) if (held.some((tokens) => tokens.includes(word))) found += 1;
    return found >= needed;
  };
}

/** Matches texts that have the words one after another within one value; other fields by the whole value. */
export function hasPhrase(column: ValueColumn, value: Json): Predicate {
  if (column.type.kind !== 'text') return equals(column, value);
  checkSearchable(column);
  const words = analyse(String(value));
  if (words.length === 0) return MATCH_NOTHING;
  return (document) => column.tokens(document).some((tokens) => holdsInOrder(tokens, words));
}

function holdsInOrder(tokens: readonly string[], words: readonly string[]): boolean {
  for (let at = 0; at + words.length <= tokens.length; at += 1) {
    if (words.every((word, offset) => tokens[at + offset] === word)) return true;
  }
  return false;
}

/** How a pattern meets letters: as they are, in either case, or the pattern alone in lower case where the field is text. */
export type LetterCase = 'exact' | 'insensitive' | 'analysed';

/** Matches whole keywords or single tokens of text against a pattern; refuses fields of other types, as Elasticsearch does. */
export function matchesGlob(column: ValueColumn, glob: Glob, letters: LetterCase): Predicate {
  const { kind, name } = column.type;
  if (kind !== 'keyword' && kind !== 'text') {
    throw new QueryRefusal(
      'bad_query',
      `patterns can be used on keyword and text fields only, not on ${column.field} of type ${name}`,
    );
  }
  checkSearchable(column);
  if (column.type.flattened === 'keyed' && isPattern(glob))
    // Elasticsearch refuses a wildcard, and lets a query_string match the values of other keys.
    throw unsupported(`a pattern over ${column.field}, a key of a flattened field`);
  const isFolded = column.type.folded === true || (letters === 'analysed' && kind === 'text');
  const lower = isFolded ? lowerCase : (one: string) => one;
  const fold = letters === 'insensitive' ? (one: string) => foldAscii(lower(one)) : lower;
  const test = globTest(glob.map((run) => run.map((one) => (one === undefined ? one : fold(one)))));
  const tested = letters === 'insensitive' ? (text: string) => test(foldAscii(text)) : test;
  return kind === 'text' ? someToken(column, tested) : someTerm(column, (term) => tested(String(term)));
}

/** Says whether a pattern is more than the beginning of a text. */
function isPattern(glob: Glob): boolean {
  return glob.length > 2 || glob[1]?.length !== 0 || glob.some((run) => run.includes(undefined));
}

/** Elasticsearch's `case_insensitive` knows the letters of ASCII only. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, lowerCase);
}
