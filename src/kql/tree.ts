/** How a range compares: the names of Elasticsearch's range query. */
export type KqlComparison = 'gt' | 'gte' | 'lt' | 'lte';

/**
 * The literal pieces around the wildcards of one word: `f*o` is `['f', 'o']`, `*` is `['', '']`, a plain word has one piece.
 * Escapes are resolved, so a `*` inside a piece is the character itself.
 */
export type KqlGlob = readonly string[];

/** What a field is asked for: a quoted phrase, plain words joined by single spaces, or words with at least one wildcard. */
export type KqlValue =
  | { readonly kind: 'phrase'; readonly text: string }
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'glob'; readonly words: readonly KqlGlob[] };

/**
 * One node of a KQL syntax tree. `offset` is the 0-based UTF-16 position in the text at which the node begins.
 * A `field` is a name, or a pattern where it holds `*`; undefined means the default fields of the index.
 * Values are never typed: `5`, `true` and `null` stay text, since only the mapping of the field says what they are.
 */
export type KqlNode =
  | { readonly kind: 'and' | 'or'; readonly of: readonly KqlNode[]; readonly offset: number }
  | { readonly kind: 'not'; readonly of: KqlNode; readonly offset: number }
  | { readonly kind: 'all'; readonly offset: number }
  | { readonly kind: 'exists'; readonly field: string; readonly offset: number }
  | { readonly kind: 'is'; readonly field: string | undefined; readonly value: KqlValue; readonly offset: number }
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly comparison: KqlComparison;
      readonly value: string;
      readonly offset: number;
    };

/** Why a text is not KQL: what was expected and found at a 0-based UTF-16 offset, and the next step where one is known. */
export interface KqlFailure {
  readonly ok: false;
  readonly message: string;
  readonly offset: number;
  readonly hint?: string;
}

/** A field or pattern of fields that a tree mentions, where its condition begins (0-based), and whether a `not` turns the condition round. */
export interface KqlMention {
  readonly field: string;
  readonly offset: number;
  readonly negated: boolean;
  /** What a range compares it with. */
  readonly compared?: string;
}

/** The fields and field patterns a tree mentions, each once, in the order of the text. */
export function kqlFields(node: KqlNode): readonly string[] {
  return [...new Set(kqlMentions(node).map(({ field }) => field))];
}

/** Every mention of a field in a tree, in the order of the text. */
export function kqlMentions(node: KqlNode, negated = false): readonly KqlMention[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.of.flatMap((inner) => kqlMentions(inner, negated));
    case 'not':
      return kqlMentions(node.of, !negated);
    case 'all':
      return [];
    default:
      if (node.field === undefined) return [];
      return [{ field: node.field, offset: node.offset, negated, ...(node.kind === 'range' && { compared: node.value }) }];
  }
}
