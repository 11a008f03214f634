import { Lexer } from 'yaml';

/** Why a text is not even parsed. */
export interface OutOfBounds {
  readonly message: string;
  readonly hint: string;
}

const MAX_TOKENS = 200_000;
const MAX_DEPTH = 100;
/** A smaller text cannot hold enough tokens to take long. */
const SMALL = 64 * 1024;
/** Marks that the next token is the text of a scalar. */
const SCALAR = '\u001f';
/** Marks that brackets were ended by a less indented line. */
const FLOW_END = '\u0018';

/**
 * Refuses what the parser should not see: it descends into itself for each level, and an exhausted stack is not an exception
 * everywhere (inside a regular expression it ends the process). Most texts are let through at a glance.
 */
export function outOfBounds(text: string): OutOfBounds | undefined {
  if (text.length <= SMALL && !mayBeDeep(text)) return undefined;
  let count = 0;
  const depth = depthCounter();
  for (const token of new Lexer().lex(text)) {
    if (++count > MAX_TOKENS)
      return { message: `more than ${MAX_TOKENS} tokens in one file`, hint: 'split it into several files' };
    if (depth(token) > MAX_DEPTH) return { message: `nested deeper than ${MAX_DEPTH} levels`, hint: 'reduce the nesting' };
  }
  return undefined;
}

/** Whether there are enough brackets, indentation or signs on one line to go deep at all. */
function mayBeDeep(text: string): boolean {
  const many = (line: string) => line.length >= 80 && (line.match(/[?:-]\s/g)?.length ?? 0) >= 40;
  return (text.match(/[[{]|\?\s/g)?.length ?? 0) >= 50 || /^[\t ?:-]{40}/m.test(text) || text.split('\n').some(many);
}

/**
 * Counts levels, never too few: open brackets, lines indented further than the one above, signs that open a block within a line
 * and outside brackets, where they open none, and every "?" so far, whose key may go on without indentation.
 */
function depthCounter(): (token: string) => number {
  const indents: number[] = [];
  let brackets = 0;
  let signs = 0;
  let asked = 0;
  let lineStarts = true;
  let isText = false;
  return (token) => {
    if (isText) isText = false;
    else if (token === SCALAR) isText = true;
    else if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    else if (token === FLOW_END) brackets = 0;
    else if (token === '?') asked += 1;
    else if ((token === '-' || token === ':') && brackets === 0) signs += 1;
    if (lineStarts && token !== '\n' && token !== '\r\n') {
      const indent = /^ +$/.test(token) ? token.length : 0;
      while ((indents.at(-1) ?? -1) >= indent) indents.pop();
      indents.push(indent);
      lineStarts = false;
    }
    if (token.endsWith('\n')) {
      lineStarts = true;
      signs = 0;
    }
    return indents.length * 2 + brackets + signs + asked;
  };
}
