import { indentedJson } from '../core/json.ts';
import { replaceInvisible } from '../core/visible.ts';

/** JSON for scripts, indented and ended by a line end; the same data, with nothing in it that a terminal would obey. */
export function printJson(value: unknown): string {
  return `${safeJson(indentedJson(value))}\n`;
}

/** JSON text with everything escaped that a terminal or a CI would interpret, or that is invisible; the data is the same. */
export function safeJson(json: string): string {
  const seen = replaceInvisible(json, escaped);
  return seen.replace(/##(?=[a-z]*\[)/gi, '#\\u0023');
}

function escaped(char: string): string {
  return [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
}
