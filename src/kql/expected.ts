import type { KqlToken } from './tokens.ts';
import type { KqlFailure } from './tree.ts';

/** Makes a failure at a 0-based offset. */
export function failure(offset: number, message: string, hint?: string): KqlFailure {
  return { ok: false, message, offset, ...(hint === undefined ? {} : { hint }) };
}

/** The failure of a token where a condition or value should begin; `after` is the word or bracket that asked for one. */
export function expectedOperand(
  token: KqlToken,
  text: string,
  what: 'a condition' | 'a value',
  after: string | undefined,
): KqlFailure {
  if (token.kind === 'bad') return token.failure;
  const where = after === undefined ? '' : ` after ${after}`;
  const wordWanted = token.kind === 'keyword' || after === 'and' || after === 'or' || after === 'not';
  const hint = wordWanted ? 'put quotes around and, or, not to search for the word itself' : undefined;
  return failure(token.offset, `expected ${what}${where}, found ${shown(token, text)}`, hint);
}

/** The failure of a token behind a complete condition, where only and, or, a closing bracket or the end may stand. */
export function expectedOperator(token: KqlToken, text: string): KqlFailure {
  if (token.kind === 'bad') return token.failure;
  if (token.kind === ')') return failure(token.offset, 'this ")" closes nothing', 'remove it, or open the group with "("');
  const found = shown(token, text);
  const message = `expected and, or, or the end, found ${found}`;
  const foreign = foreignHint(text.slice(0, token.offset));
  if (foreign !== undefined) return failure(token.offset, message, foreign);
  switch (token.kind) {
    case ':':
    case 'comparison':
    case '{':
    case '}':
      return failure(token.offset, message, `put a value that contains ${found} in quotes`);
    case 'keyword':
      return failure(token.offset, message, `write and ${found}, or put the value in quotes`);
    default:
      return failure(token.offset, message, 'put a value of several parts in quotes');
  }
}

/** The next step where what was written before belongs to another language. */
function foreignHint(before: string): string | undefined {
  if (/&&\s*$/.test(before)) return 'KQL: write and in place of &&';
  if (/\|\|\s*$/.test(before)) return 'KQL: write or in place of ||';
  if (/=\s*$/.test(before)) return 'KQL: a field and its value are joined by a colon, as in status: 500';
  return undefined;
}

/** A token as messages show it: operators bare, everything else in quotes and cut at 40 characters. */
export function shown(token: KqlToken, text: string): string {
  if (token.kind === 'end') return 'the end of the text';
  const raw = text.slice(token.offset, token.end);
  if (token.kind === 'keyword' || token.kind === 'comparison' || raw.startsWith('"')) return cut(raw);
  return `"${cut(raw)}"`;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
