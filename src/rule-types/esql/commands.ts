import type { ReadTools } from '../rule-type.ts';

const PATH = 'esql';
/** Blanks and comments before the first command. */
const LEADING = /^(?:\s+|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const SOURCE = /^(?:FROM|TS|ROW|SHOW|METRICS)\b[^|]*/i;

/**
 * Reads the key `esql`: the commands after the source, beginning with `|`. A text that names its own source is reported: there
 * would be two answers to the question where a rule looks, and links and evidence would follow the other one.
 */
export function readCommands(value: unknown, tools: ReadTools): string {
  const text = typeof value === 'string' ? value.replace(LEADING, '').trimEnd() : '';
  const source = SOURCE.exec(text)?.[0].trim();
  if (source !== undefined) {
    const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source;
    tools.problem(PATH, '`index` says where a rule looks, so the query has no source of its own', `leave out \`${shown}\``);
  } else if (/^\|?\s*$/.test(text)) {
    tools.problem(PATH, 'expected ES|QL commands', 'for example | STATS errors = COUNT(*) BY service.name');
  }
  return text.startsWith('|') ? text : `| ${text}`;
}
