import { own } from '../core/record.ts';
import type { KqlFailure } from './tree.ts';

/** The meaning of a backslash at a position, and the position after it. */
export interface KqlEscape {
  readonly ok: true;
  readonly text: string;
  readonly end: number;
}

const WHITESPACE: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };
const KEYWORD = /(?:and|or|not)/iy;
const HEXADECIMAL = /[0-9a-f]{4}/iy;

/**
 * Reads the escape with its backslash at `at`. Outside quotes every special character, a space and the words and, or, not can
 * be escaped, and any other backslash is an error; in quotes only `"` and `\` need it, and any other backslash is itself.
 */
export function readEscape(text: string, at: number, place: 'quoted' | 'unquoted'): KqlEscape | KqlFailure {
  const char = text.charAt(at + 1);
  // Before \n, because \not is the word and no line break.
  const keyword = place === 'unquoted' ? match(KEYWORD, text, at + 1) : undefined;
  if (keyword !== undefined) return { ok: true, text: keyword, end: at + 1 + keyword.length };
  const whitespace = own(WHITESPACE, char);
  if (whitespace !== undefined) return { ok: true, text: whitespace, end: at + 2 };
  if (char === 'u') return readUnicode(text, at);
  const escapable = place === 'quoted' ? '"\\' : ' \\():<>"*{}';
  if (char !== '' && escapable.includes(char)) return { ok: true, text: char, end: at + 2 };
  if (place === 'quoted') return { ok: true, text: '\\', end: at + 1 };
  const found = char === '' ? 'the end of the text' : JSON.stringify(char);
  const hint = 'write \\\\ for a backslash, or put the value in quotes';
  return { ok: false, message: `expected a character that can be escaped after the backslash, found ${found}`, offset: at, hint };
}

function readUnicode(text: string, at: number): KqlEscape | KqlFailure {
  const digits = match(HEXADECIMAL, text, at + 2);
  if (digits === undefined) {
    const hint = 'write \\\\u for a backslash followed by u';
    return { ok: false, message: 'expected four hexadecimal digits after \\u', offset: at, hint };
  }
  const code = Number.parseInt(digits, 16);
  if (code >= 0xd800 && code <= 0xdfff) {
    const hint = 'write the character itself';
    return { ok: false, message: `\\u${digits} is half of a character`, offset: at, hint };
  }
  return { ok: true, text: String.fromCharCode(code), end: at + 6 };
}

function match(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}
