import { readEscape } from './escapes.ts';
import type { KqlComparison, KqlFailure, KqlGlob } from './tree.ts';

/** A word that KQL reads as an operator, in any case. */
export type KqlKeyword = 'and' | 'or' | 'not';

/** One token of a KQL text, from `offset` up to `end` (UTF-16 positions); `end` and `bad` close every list. */
export type KqlToken = { readonly offset: number; readonly end: number } & (
  | { readonly kind: '(' | ')' | '{' | '}' | ':' | 'end' }
  | { readonly kind: 'keyword'; readonly keyword: KqlKeyword }
  | { readonly kind: 'comparison'; readonly comparison: KqlComparison }
  | { readonly kind: 'word'; readonly glob: KqlGlob }
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'bad'; readonly failure: KqlFailure }
);

/**
 * Every blank of Unicode, and the zero-width ones that come along when a text is copied from a page: Kibana takes a no-break space for a part of
 * the word, which never matches.
 */
export const BLANKS = String.raw`\p{White_Space}\u180e\u200b\u2060\ufeff`;
const SPACE = new RegExp(`[${BLANKS}]`, 'u');
const SPECIAL = new RegExp(`[\\\\():<>"*{}${BLANKS}]`, 'u');
const COMPARISONS = { '>=': 'gte', '<=': 'lte', '>': 'gt', '<': 'lt' } as const;

/**
 * Splits a KQL text into tokens. It never fails as a whole: what cannot be read becomes the last token, kind `bad`,
 * so that the parser reports the first error in the text.
 */
export function kqlTokens(text: string): readonly KqlToken[] {
  const tokens: KqlToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (SPACE.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const token = readToken(text, at);
    tokens.push(token);
    if (token.kind === 'bad') return tokens;
    at = token.end;
  }
  return [...tokens, { kind: 'end', offset: text.length, end: text.length }];
}

function readToken(text: string, at: number): KqlToken {
  const char = text.charAt(at);
  switch (char) {
    case '(':
    case ')':
    case '{':
    case '}':
    case ':':
      return { kind: char, offset: at, end: at + 1 };
    case '<':
    case '>': {
      const sign = text.charAt(at + 1) === '=' ? (`${char}=` as const) : char;
      return { kind: 'comparison', comparison: COMPARISONS[sign], offset: at, end: at + sign.length };
    }
    case '"':
      return readQuoted(text, at);
    default:
      return readWord(text, at);
  }
}

function readQuoted(text: string, offset: number): KqlToken {
  let content = '';
  let at = offset + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { kind: 'quoted', text: content, offset, end: at + 1 };
    if (char === '\\') {
      const escaped = readEscape(text, at, 'quoted');
      if (!escaped.ok) return bad(escaped);
      content += escaped.text;
      at = escaped.end;
    } else {
      content += char;
      at += 1;
    }
  }
  const hint = text.endsWith('\\"') ? 'a backslash before the closing quote is written \\\\' : 'close it with another "';
  return bad({ ok: false, message: 'unclosed quote', offset, hint });
}

function readWord(text: string, offset: number): KqlToken {
  const done: string[] = [];
  let piece = '';
  let at = offset;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '*') {
      done.push(piece);
      piece = '';
      // A run of stars means what one star means.
      while (text.charAt(at) === '*') at += 1;
    } else if (char === '\\') {
      const escaped = readEscape(text, at, 'unquoted');
      if (!escaped.ok) return bad(escaped);
      piece += escaped.text;
      at = escaped.end;
    } else if (SPECIAL.test(char)) {
      break;
    } else {
      piece += char;
      at += 1;
    }
  }
  const keyword = keywordOf(text.slice(offset, at));
  if (keyword !== undefined) return { kind: 'keyword', keyword, offset, end: at };
  return { kind: 'word', glob: [...done, piece], offset, end: at };
}

/** The keyword that a word spells, in any case; undefined for every other word. */
export function keywordOf(word: string): KqlKeyword | undefined {
  const lower = word.toLowerCase();
  return lower === 'and' || lower === 'or' || lower === 'not' ? lower : undefined;
}

function bad(failure: KqlFailure): KqlToken {
  return { kind: 'bad', failure, offset: failure.offset, end: failure.offset };
}
