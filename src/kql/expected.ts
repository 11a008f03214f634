import { truncate } from '../core/truncate.ts';
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
  const hint =
    foreignOperand(token, text) ?? (wordWanted ? 'put quotes around and, or, not to search for the word itself' : undefined);
  return failure(token.offset, `expected ${what}${where}, found ${shown(token, text)}`, hint);
}

/** The failure of a token behind a complete condition, where only and, or, a closing bracket or the end is allowed. */
export function expectedOperator(token: KqlToken, text: string): KqlFailure {
  if (token.kind === 'bad') return token.failure;
  if (token.kind === ')') return failure(token.offset, 'unmatched ")"', 'remove it, or open the group with "("');
  const found = shown(token, text);
  const message = `expected and, or, or the end, found ${found}`;
  const foreign = foreignHint(text, token.offset);
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
function foreignHint(text: string, offset: number): string | undefined {
  const before = text.slice(Math.max(0, offset - NEAR), offset);
  const after = text.slice(offset, offset + NEAR);
  const range = rangeAround(text, offset);
  if (range !== undefined) return range;
  if (/^\s*from\s+\S+\s*\|/i.test(text.slice(0, NEAR))) return 'for ES|QL use type: esql';
  const [, field = ''] = /(\S+)\s+in\s*$/i.exec(before) ?? [];
  if (field !== '' && after.startsWith('(')) return `KQL: write ${field}: (1 or 2)`;
  const [, sign, name] = /^([-+!])([\w.@]+)\s*:/.exec(after) ?? [];
  if (sign !== undefined) return sign === '+' ? `KQL: write and ${name}: …` : `KQL: write and not ${name}: …`;
  if (/,\s*$/.test(before) || after.startsWith(','))
    return 'KQL: values are joined by or, in parentheses: status: (500 or 502); conditions by and';
  if (/(?:^|\s)&\s*$/.test(before)) return 'KQL: write and in place of &';
  if (/\s\|\s*$/.test(before)) return 'KQL: write or in place of |';
  if (/=~\s*$|\b(?:matches|like|rlike)\s*$/i.test(before))
    return 'KQL has wildcards: path: "/api" or path: /api*; regular expressions are query: { lucene: … }';
  if (/&&\s*$/.test(before)) return 'KQL: write and in place of &&';
  if (/\|\|\s*$/.test(before)) return 'KQL: write or in place of ||';
  if (/=\s*$/.test(before)) return 'KQL: a field and its value are joined by a colon, as in status: 500';
  return undefined;
}

/** The next step where a condition begins with what other languages have: JSON, or a comparison that leaves out its field. */
function foreignOperand(token: KqlToken, text: string): string | undefined {
  const before = text.slice(Math.max(0, token.offset - NEAR), token.offset);
  if (token.kind === '{' && before.trim() === '') return 'Query DSL is written query: { dsl: { … } }';
  if (token.kind === 'comparison' && /\b(?:and|or)\s*$/i.test(before))
    return 'name the field again: status >= 500 and status < 600';
  return undefined;
}

/** What KQL has for a range of Lucene, `[a TO b]`, around an offset. */
export function rangeAround(text: string, offset: number): string | undefined {
  const begin = Math.max(0, offset - NEAR);
  const around = text.slice(begin, offset + NEAR);
  for (const { 0: written, 1: field, 2: open, 3: from, 4: to, 5: close, index } of around.matchAll(RANGES)) {
    if (offset < begin + index || offset > begin + index + written.length) continue;
    const low = from === '*' ? '' : `${field} ${open === '[' ? '>=' : '>'} ${from}`;
    const high = to === '*' ? '' : `${field} ${close === ']' ? '<=' : '<'} ${to}`;
    return `KQL: write ${[low, high].filter((part) => part !== '').join(' and ') || `${field}: *`}`;
  }
  return undefined;
}

/** How far from a character its cause is looked for: a query may be long. */
const NEAR = 300;
const RANGES = /([^\s:()]+)\s*:\s*([[{])\s*("[^"]*"|[^\s"\]}]+)\s+TO\s+("[^"]*"|[^\s"\]}]+)\s*([\]}])/gi;

const LONGEST_SHOWN = 40;

/** A token as messages show it: operators bare, everything else in quotes and cut at 40 characters. */
export function shown(token: KqlToken, text: string): string {
  if (token.kind === 'end') return 'the end of the text';
  const raw = text.slice(token.offset, token.end);
  if (token.kind === 'keyword' || token.kind === 'comparison' || raw.startsWith('"')) return truncate(raw, LONGEST_SHOWN);
  return `"${truncate(raw, LONGEST_SHOWN)}"`;
}
