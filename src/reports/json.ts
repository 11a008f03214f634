import { indentedJson } from '../core/json.ts';

/** Characters that JSON may hold as they are but that a terminal obeys: 8-bit controls and marks that turn the direction of text. */
const OBEYED = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** JSON for scripts, indented and ended by a line end; the same data, with nothing in it that a terminal would obey. */
export function printJson(value: unknown): string {
  return `${safeJson(indentedJson(value))}\n`;
}

/** JSON text with everything escaped that a terminal would obey; the same data. */
export function safeJson(json: string): string {
  return json.replace(OBEYED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
