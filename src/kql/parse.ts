import { expectedOperand, expectedOperator, failure, rangeAround, shown } from './expected.ts';
import { type KqlKeyword, type KqlToken, kqlTokens } from './tokens.ts';
import type { KqlComparison, KqlFailure, KqlNode, KqlValue } from './tree.ts';

/** A parsed KQL text: its tree, or why and where it is wrong. */
export type KqlParsed = { readonly ok: true; readonly node: KqlNode } | KqlFailure;

const MAX_LENGTH = 100_000;
const MAX_DEPTH = 200;

/** The tokens of the text, and the index of the one to read next. */
interface Cursor {
  readonly text: string;
  readonly tokens: readonly KqlToken[];
  next: number;
}

/** What surrounds the condition that is read next. */
interface Place {
  /** Open groups and negations. */
  readonly depth: number;
  /** The field of the group `field:( … )`, which contains only values. */
  readonly groupOf: string | undefined;
  /** What asked for the condition, for messages. */
  readonly after: string | undefined;
}

/**
 * Parses a text of KQL, the language of Kibana's search bar; blank text matches everything. Never throws; the time is linear.
 * Texts over 100,000 characters and groups or negations nested over 200 deep are refused.
 */
export function parseKql(text: string): KqlParsed {
  if (text.length > MAX_LENGTH) {
    return failure(
      MAX_LENGTH,
      `the query has ${text.length} characters; the maximum is ${MAX_LENGTH}`,
      'split it into several rules',
    );
  }
  const cursor: Cursor = { text, tokens: kqlTokens(text), next: 0 };
  if (peek(cursor).kind === 'end') return { ok: true, node: { kind: 'all', offset: 0 } };
  const parsed = disjunction(cursor, { depth: 0, groupOf: undefined, after: undefined });
  if (!parsed.ok) return parsed;
  return peek(cursor).kind === 'end' ? parsed : expectedOperator(peek(cursor), text);
}

function disjunction(cursor: Cursor, place: Place): KqlParsed {
  return chain(cursor, place, 'or', conjunction);
}

function conjunction(cursor: Cursor, place: Place): KqlParsed {
  return chain(cursor, place, 'and', negation);
}

function chain(cursor: Cursor, place: Place, operator: 'and' | 'or', operand: typeof negation): KqlParsed {
  const { offset } = peek(cursor);
  const first = operand(cursor, place);
  if (!first.ok || !takeKeyword(cursor, operator)) return first;
  const of = [first.node];
  do {
    const parsed = operand(cursor, { ...place, after: operator });
    if (!parsed.ok) return parsed;
    of.push(parsed.node);
  } while (takeKeyword(cursor, operator));
  return { ok: true, node: { kind: operator, of, offset } };
}

function negation(cursor: Cursor, place: Place): KqlParsed {
  const { offset } = peek(cursor);
  if (!takeKeyword(cursor, 'not')) return condition(cursor, place);
  if (place.depth >= MAX_DEPTH) return tooDeep(offset);
  const parsed = negation(cursor, { ...place, depth: place.depth + 1, after: 'not' });
  return parsed.ok ? { ok: true, node: { kind: 'not', of: parsed.node, offset } } : parsed;
}

function condition(cursor: Cursor, place: Place): KqlParsed {
  const token = peek(cursor);
  if (token.kind === '(') return parenthesised(cursor, place);
  if (token.kind !== 'word' && token.kind !== 'quoted') {
    return expectedOperand(token, cursor.text, place.groupOf === undefined ? 'a condition' : 'a value', place.after);
  }
  if (!namesField(cursor)) return asks(place.groupOf, takeValue(cursor), token.offset);
  const operator = peek(cursor, 1);
  if (place.groupOf !== undefined) {
    const hint = `close the group of ${place.groupOf} first, or put a value with ${shown(operator, cursor.text)} in quotes`;
    return failure(operator.offset, 'expected only values between the parentheses after a field', hint);
  }
  const field = fieldName(token);
  if (typeof field !== 'string') return field;
  cursor.next += 2;
  return operator.kind === 'comparison'
    ? range(cursor, field, operator.comparison, token.offset)
    : fieldValue(cursor, place, field, token.offset);
}

function parenthesised(cursor: Cursor, place: Place): KqlParsed {
  const open = peek(cursor);
  if (place.depth >= MAX_DEPTH) return tooDeep(open.offset);
  cursor.next += 1;
  const parsed = disjunction(cursor, { depth: place.depth + 1, groupOf: place.groupOf, after: '"("' });
  if (!parsed.ok) return parsed;
  const close = peek(cursor);
  if (close.kind === 'end') {
    return failure(close.offset, 'expected ")", found the end of the text', `the "(" at character ${open.offset + 1} is open`);
  }
  if (close.kind !== ')') return expectedOperator(close, cursor.text);
  cursor.next += 1;
  return parsed;
}

function fieldValue(cursor: Cursor, place: Place, field: string, offset: number): KqlParsed {
  const token = peek(cursor);
  const message = `expected a value after ":", found ${shown(token, cursor.text)}`;
  switch (token.kind) {
    case 'word':
    case 'quoted':
      return asks(field, takeValue(cursor), offset);
    case '(':
      return parenthesised(cursor, { ...place, groupOf: field });
    case 'keyword':
      return keywordValue(cursor, field, token, offset);
    case '{':
      return failure(
        token.offset,
        `nested queries, ${field}:{ … }, are not supported`,
        rangeAround(cursor.text, token.offset) ?? 'use {dsl: …} with a nested query',
      );
    case 'comparison':
      return failure(token.offset, message, `write a range without a colon: ${field} ${shown(token, cursor.text)} …`);
    case 'bad':
      return token.failure;
    default:
      return failure(token.offset, message, `write ${field}:* for any value`);
  }
}

/** `state:OR` asks for the word; `state:not x` could be meant in two ways and is refused. */
function keywordValue(
  cursor: Cursor,
  field: string,
  token: KqlToken & { readonly keyword: KqlKeyword },
  offset: number,
): KqlParsed {
  const word = cursor.text.slice(token.offset, token.end);
  const following = peek(cursor, 1).kind;
  if (following === 'word' || following === 'quoted' || following === '(') {
    const hint = token.keyword === 'not' ? `write not ${field}:…, or put the value in quotes` : 'put the value in quotes';
    return failure(token.offset, `expected a value after ":", found the operator ${word}`, hint);
  }
  cursor.next += 1;
  return asks(field, { kind: 'words', text: word }, offset);
}

function range(cursor: Cursor, field: string, comparison: KqlComparison, offset: number): KqlParsed {
  if (field.includes('*')) {
    return failure(offset, 'a range needs one field, not a pattern', 'write a range for each field and join them with or');
  }
  const token = peek(cursor);
  if (token.kind === 'bad') return token.failure;
  if (token.kind !== 'word' && token.kind !== 'quoted') {
    return failure(token.offset, `expected a value to compare ${field} with, found ${shown(token, cursor.text)}`);
  }
  const value = takeValue(cursor);
  if (value.kind === 'glob')
    return failure(token.offset, 'a range cannot contain a wildcard', 'put a value that contains * in quotes');
  return { ok: true, node: { kind: 'range', field, comparison, value: value.text, offset } };
}

/** Takes one quoted phrase, or all words up to the next operator, bracket, or word that begins a condition of its own. */
function takeValue(cursor: Cursor): KqlValue {
  const first = peek(cursor);
  cursor.next += 1;
  if (first.kind === 'quoted') return { kind: 'phrase', text: first.text };
  const words = first.kind === 'word' ? [first.glob] : [];
  for (let token = peek(cursor); token.kind === 'word' && !namesField(cursor); token = peek(cursor)) {
    words.push(token.glob);
    cursor.next += 1;
  }
  return words.every((glob) => glob.length === 1) ? { kind: 'words', text: words.flat().join(' ') } : { kind: 'glob', words };
}

/** Says whether the next token is followed by a colon or a comparison. */
function namesField(cursor: Cursor): boolean {
  const following = peek(cursor, 1).kind;
  return following === ':' || following === 'comparison';
}

function asks(field: string | undefined, value: KqlValue, offset: number): KqlParsed {
  const [first, ...more] = value.kind === 'glob' ? value.words : [];
  const anything = first !== undefined && more.length === 0 && first.every((piece) => piece === '');
  if (!anything) return { ok: true, node: { kind: 'is', field, value, offset } };
  return { ok: true, node: field === undefined || field === '*' ? { kind: 'all', offset } : { kind: 'exists', field, offset } };
}

function fieldName(token: KqlToken & { readonly kind: 'word' | 'quoted' }): string | KqlFailure {
  const pieces = token.kind === 'word' ? token.glob : [token.text];
  if (pieces.some((piece) => piece.includes('*'))) {
    return failure(
      token.offset,
      'a field name cannot contain a literal *',
      'leave out the quotes or the backslash for a pattern of fields',
    );
  }
  const name = pieces.join('*');
  return name === '' ? failure(token.offset, 'expected a field name, found an empty one') : name;
}

function tooDeep(offset: number): KqlFailure {
  return failure(offset, `groups and negations are nested more than ${MAX_DEPTH} deep`, 'reduce the nesting of the query');
}

function takeKeyword(cursor: Cursor, keyword: KqlKeyword): boolean {
  const token = peek(cursor);
  const taken = token.kind === 'keyword' && token.keyword === keyword;
  if (taken) cursor.next += 1;
  return taken;
}

function peek(cursor: Cursor, ahead = 0): KqlToken {
  const end = cursor.text.length;
  return cursor.tokens[cursor.next + ahead] ?? cursor.tokens.at(-1) ?? { kind: 'end', offset: end, end };
}
