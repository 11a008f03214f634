import type { JsonObject } from '../core/json.ts';
import { compileKql, kqlNesting } from './compile.ts';
import { failure } from './expected.ts';
import { type ForeignWords, foreignWords } from './foreign.ts';
import { parseKql } from './parse.ts';
import { type KqlFailure, type KqlMention, kqlFields, kqlMentions } from './tree.ts';

/** A KQL text as Query DSL, with the field names and patterns it mentions, or why and where it is wrong. */
export type KqlCompiled =
  | {
      readonly ok: true;
      readonly dsl: JsonObject;
      readonly fields: readonly string[];
      /** What was most likely intended in another language. */
      readonly foreign?: ForeignWords;
    }
  | KqlFailure;

/**
 * Elasticsearch refuses bool queries nested more than 30 deep, and a rule adds some levels:
 * https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-settings.html (`indices.query.bool.max_nested_depth`).
 */
const MAX_BOOL_LEVELS = 24;

/** Translates KQL to Query DSL in filter context; blank text matches everything. Never throws. */
export function kqlToDsl(text: string): KqlCompiled {
  const parsed = parseKql(text);
  if (!parsed.ok) return parsed;
  const { levels, offset } = kqlNesting(parsed.node);
  if (levels > MAX_BOOL_LEVELS) {
    const message = `condition nested in ${levels} levels of and, or, not; the maximum is ${MAX_BOOL_LEVELS}`;
    return failure(offset, message, 'reduce the nesting of the query');
  }
  const foreign = foreignWords(parsed.node);
  return {
    ok: true,
    dsl: compileKql(parsed.node),
    fields: kqlFields(parsed.node),
    ...(foreign !== undefined && { foreign }),
  };
}

/** The fields that a KQL text names, each time it does, in the order of the text; none where it does not parse. */
export function kqlMentionsIn(text: string): readonly KqlMention[] {
  const parsed = parseKql(text);
  return parsed.ok ? kqlMentions(parsed.node) : [];
}
