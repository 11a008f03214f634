import { automatonOf, type CharTest, type Node } from './automaton.ts';

/**
 * Regular expressions of matchers, matched in time linear in the text.
 *
 * JavaScript's own engine backtracks: `(a+)+$` on a label taken from a document could hold the process for minutes. Refusing what looks
 * dangerous also refuses harmless patterns and lets slow ones through. So patterns are read into a small syntax tree, made into an
 * automaton that runs on all paths at once: as RE2 does, whose syntax Alertmanager's users write.
 */
export interface LinearRegex {
  /**
   * Says whether the whole text fits: patterns are anchored at both ends. Undefined: a text so long, for a pattern so intricate, that
   * finding out would hold up everything else.
   */
  matches(text: string): boolean | undefined;
}

/** A compiled pattern, or why it is none and at which character (0-based) of it. */
export type CompiledRegex =
  | { readonly ok: true; readonly regex: LinearRegex }
  | { readonly ok: false; readonly message: string; readonly offset: number };

const MAX_PATTERN = 1_000;
const MAX_REPEAT = 1_000;
const MAX_DEPTH = 100;

class Refused extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Compiles a pattern in RE2's syntax without look-around, back-references and word boundaries, which are refused by name. */
export function compileRegex(pattern: string): CompiledRegex {
  try {
    if (pattern.length > MAX_PATTERN) throw new Refused(`the pattern is longer than ${MAX_PATTERN} characters`, MAX_PATTERN);
    const matches = automatonOf(parse(pattern));
    if (matches === undefined) throw new Refused('the pattern repeats too much', 0);
    return { ok: true, regex: { matches } };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
  ignoreCase: boolean;
  dotAll: boolean;
}

function parse(pattern: string): Node {
  const reader: Reader = { text: pattern, at: 0, ignoreCase: false, dotAll: false };
  const node = choice(reader, 0);
  if (reader.at < pattern.length) throw new Refused("unexpected ')'", reader.at);
  return node;
}

function choice(reader: Reader, depth: number): Node {
  if (depth > MAX_DEPTH) throw new Refused(`groups are nested deeper than ${MAX_DEPTH}`, reader.at);
  const parts = [sequence(reader, depth)];
  while (reader.text[reader.at] === '|') {
    reader.at++;
    parts.push(sequence(reader, depth));
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
}

function sequence(reader: Reader, depth: number): Node {
  const parts: Node[] = [];
  while (reader.at < reader.text.length && reader.text[reader.at] !== '|' && reader.text[reader.at] !== ')') {
    parts.push(repeated(reader, atom(reader, depth)));
  }
  return { kind: 'sequence', parts };
}

function atom(reader: Reader, depth: number): Node {
  const char = String.fromCodePoint(reader.text.codePointAt(reader.at) ?? 0);
  if (char === '(') return group(reader, depth);
  if (char === '[') return { kind: 'char', fits: charClass(reader) };
  if (char === '\\') return escaped(reader);
  if ('*+?'.includes(char)) throw new Refused(`'${char}' has nothing to repeat`, reader.at);
  reader.at += char.length;
  if (char === '^') return { kind: 'start' };
  if (char === '$') return { kind: 'end' };
  if (char === '.') return { kind: 'char', fits: reader.dotAll ? () => true : (given) => given !== '\n' };
  return { kind: 'char', fits: literal(char, reader.ignoreCase) };
}

function literal(char: string, ignoreCase: boolean): CharTest {
  if (!ignoreCase) return (given) => given === char;
  const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
  return (given) => given === char || given.toLowerCase() === lower || given.toUpperCase() === upper;
}

function group(reader: Reader, depth: number): Node {
  const began = reader.at;
  const flags = { ignoreCase: reader.ignoreCase, dotAll: reader.dotAll };
  const opened = /^\((?:\?(?:P?<\w+>|(?<flags>[is]*)(?<end>[:)])))?/.exec(reader.text.slice(began));
  if (opened === null || (opened[0] === '(' && reader.text[began + 1] === '?')) {
    throw new Refused('look-around and other (?…) groups are not available; (?:…), (?i) and (?s) are', began);
  }
  reader.at += opened[0].length;
  if (opened.groups?.['flags']?.includes('i')) reader.ignoreCase = true;
  if (opened.groups?.['flags']?.includes('s')) reader.dotAll = true;
  if (opened.groups?.['end'] === ')') return { kind: 'empty' };
  const inner = choice(reader, depth + 1);
  if (reader.text[reader.at] !== ')') throw new Refused("'(' is never closed", began);
  reader.at++;
  Object.assign(reader, flags);
  return inner;
}

function escaped(reader: Reader): Node {
  const began = reader.at;
  const text = /^\\(?:[pP]\{[\w=]+\}|[pP][A-Z]|x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]{1,6}\}|[\s\S])/u.exec(
    reader.text.slice(began),
  )?.[0];
  if (text === undefined) throw new Refused("'\\' at the end escapes nothing", began);
  reader.at += text.length;
  const kind = text[1] ?? '';
  if (/[1-9]/.test(kind)) throw new Refused('back-references are not available', began);
  if (/[bB]/.test(kind)) throw new Refused('word boundaries are not available: the whole value must fit', began);
  if (kind === 'A') return { kind: 'start' };
  if (kind === 'z') return { kind: 'end' };
  if (/[dDwWsSpPxtnrfv]/.test(kind))
    return { kind: 'char', fits: oneOf(`[${javaScriptEscape(text)}]`, began, reader.ignoreCase) };
  if (/[a-zA-Z0-9]/.test(kind)) throw new Refused(`unknown escape '${text}'`, began);
  return { kind: 'char', fits: literal(text.slice(1), reader.ignoreCase) };
}

/** RE2 and JavaScript write single letters of properties and hexadecimal characters differently. */
function javaScriptEscape(text: string): string {
  return text.replace(/^\\([pP])([A-Z])$/, '\\$1{$2}').replace(/^\\x\{(.*)\}$/, '\\u{$1}');
}

function charClass(reader: Reader): CharTest {
  const began = reader.at;
  const text = /^\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/.exec(reader.text.slice(began))?.[0];
  if (text === undefined) throw new Refused("'[' is never closed", began);
  if (text.includes('[:')) throw new Refused('POSIX classes are not available: write \\d, \\w, \\s or a range', began);
  reader.at += text.length;
  const inner = text.replace(/^\[\^?/, '').slice(0, -1);
  return oneOf(`[${text[1] === '^' ? '^' : ''}${javaScriptClass(inner)}]`, began, reader.ignoreCase);
}

/** In RE2's classes a first `]` and any `[` stand for themselves, and every sign may be escaped; JavaScript's unicode mode is stricter. */
function javaScriptClass(inner: string): string {
  return inner.replace(/\\(?:x\{[^}]*\}|[pP][A-Z]|[\s\S])|[[\]]/gu, (part) => {
    if (part.length === 1) return `\\${part}`;
    return /^\\[^a-zA-Z0-9]$/u.test(part) && !/[-\\^$.*+?()[\]{}|/]/.test(part.slice(1)) ? part.slice(1) : javaScriptEscape(part);
  });
}

/** One character against one class: the only place that asks JavaScript's engine, which cannot backtrack over one character. */
function oneOf(source: string, began: number, ignoreCase: boolean): CharTest {
  try {
    const test = new RegExp(`^${source}$`, ignoreCase ? 'iu' : 'u');
    return (char) => test.test(char);
  } catch {
    throw new Refused(`'${source}' is no class of characters`, began);
  }
}

function repeated(reader: Reader, node: Node): Node {
  const began = reader.at;
  const rest = reader.text.slice(began);
  const found = /^(?:(?<sign>[*+?])|\{(?<min>\d+)(?<comma>,(?<max>\d*))?\})\??/.exec(rest);
  if (found === null) return node;
  reader.at += found[0].length;
  if (/^[*+?]|^\{\d+(?:,\d*)?\}/.test(reader.text.slice(reader.at)))
    throw new Refused('a repetition cannot be repeated', reader.at);
  const { sign, min, comma, max } = found.groups ?? {};
  if (sign !== undefined)
    return { kind: 'repeat', node, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
  const from = Number(min);
  const to = comma === undefined ? from : max === '' ? Number.POSITIVE_INFINITY : Number(max);
  if (from > to) throw new Refused(`${found[0]} repeats at least ${from} and at most ${to} times`, began);
  if (from > MAX_REPEAT || (to !== Number.POSITIVE_INFINITY && to > MAX_REPEAT))
    throw new Refused(`more than ${MAX_REPEAT} repetitions`, began);
  return { kind: 'repeat', node, min: from, max: to };
}
