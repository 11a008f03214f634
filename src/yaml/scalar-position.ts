import type { Scalar } from 'yaml';

/** One character of a scalar's value and where in the file it is written; an escape is one character. */
interface Written {
  readonly character: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The offset in the source of the character at `offset` of a scalar's value (its length: the end of the text).
 * Folding, indentation and quoting change white space and escapes only, so the other characters are counted: the n-th of the
 * value is the n-th of the source.
 */
export function offsetInSource(scalar: Scalar, source: string, offset: number): number {
  const value = typeof scalar.value === 'string' ? scalar.value : String(scalar.source ?? scalar.value);
  const [start, end] = scalar.range ?? [0, 0];
  const before = value.slice(0, offset);
  const index = visible(before);
  const characters = written(scalar.type, source, start, end);
  const here = characters[index];
  if (offset < value.length && here !== undefined && !isSpace(value.charAt(offset))) return here.start;
  const last = characters[index - 1];
  if (last === undefined) return characters[0]?.start ?? start;
  const spaces = before.length - before.trimEnd().length;
  const lineEnd = source.indexOf('\n', last.end);
  return Math.min(last.end + spaces, lineEnd === -1 ? source.length : Math.max(lineEnd, last.end));
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}

function visible(text: string): number {
  return text.replace(/\s/g, '').length;
}

/** The non-white-space characters of the scalar, in order. */
function written(type: Scalar['type'], source: string, start: number, end: number): readonly Written[] {
  switch (type) {
    case 'QUOTE_DOUBLE':
      return pieces(source, start + 1, end - 1, /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n|.)/y, meaningOf);
    case 'QUOTE_SINGLE':
      return pieces(source, start + 1, end - 1, /''/y, () => "'");
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED': {
      const body = source.indexOf('\n', start) + 1;
      return body === 0 ? [] : pieces(source, body, end, undefined, String);
    }
    default:
      return pieces(source, start, end, undefined, String);
  }
}

function pieces(
  source: string,
  start: number,
  end: number,
  special: RegExp | undefined,
  read: (text: string) => string,
): Written[] {
  const found: Written[] = [];
  for (let at = start; at < end; ) {
    if (special !== undefined) special.lastIndex = at;
    const text = special?.exec(source)?.[0] ?? source.charAt(at);
    const character = text.length === 1 ? text : read(text);
    for (const unit of character.split('')) if (!isSpace(unit)) found.push({ character: unit, start: at, end: at + text.length });
    at += text.length;
  }
  return found;
}

/**
 * Escapes of double-quoted YAML whose meaning is a character; line breaks and white space escapes have no position.
 */
function meaningOf(sequence: string): string {
  const code = sequence.charAt(1);
  if ('xuU'.includes(code)) return String.fromCodePoint(Math.min(Number.parseInt(sequence.slice(2), 16), 0x10ffff));
  return 'ntrvfNLP_ \t\r\n'.includes(code) ? '' : code === '0' || code === 'a' || code === 'b' || code === 'e' ? '\u0001' : code;
}
