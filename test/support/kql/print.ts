import { unreachable } from '../../../src/core/errors.ts';
import { BLANKS, keywordOf } from '../../../src/kql/tokens.ts';
import type { KqlGlob, KqlNode, KqlValue } from '../../../src/kql/tree.ts';

const SIGNS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** Writes a tree as KQL that parses to the same tree, offsets aside; every inner `and` and `or` is put in parentheses. */
export function printKql(node: KqlNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.of.map(printOperand).join(` ${node.kind} `);
    case 'not':
      return `not ${printOperand(node.of)}`;
    case 'all':
      return '*';
    case 'exists':
      return `${printField(node.field)}:*`;
    case 'range':
      return `${printField(node.field)} ${SIGNS[node.comparison]} ${quoteKql(node.value)}`;
    case 'is':
      return node.field === undefined ? printValue(node.value) : `${printField(node.field)}:${printValue(node.value)}`;
    default:
      return unreachable(node);
  }
}

/** A text as a quoted KQL phrase, in which nothing is special. */
export function quoteKql(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** All blanks but the one that has an escape of its own. */
const OTHER_BLANKS = new RegExp(`(?! )[${BLANKS}]`, 'gu');

/** A text as one unquoted KQL word: special characters, whitespace and the words and, or, not are escaped. */
export function escapeKql(text: string): string {
  if (keywordOf(text) !== undefined) return `\\${text}`;
  return text
    .replace(/[ \\():<>"*{}]/g, '\\$&')
    .replace(OTHER_BLANKS, (space) => `\\u${space.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function printOperand(node: KqlNode): string {
  return node.kind === 'and' || node.kind === 'or' ? `(${printKql(node)})` : printKql(node);
}

function printField(field: string): string {
  return printGlob(field.split('*'));
}

/** A piece that spells a keyword needs no escape beside a star, but is harmless with it. */
function printGlob(glob: KqlGlob): string {
  return glob.map(escapeKql).join('*');
}

function printValue(value: KqlValue): string {
  switch (value.kind) {
    case 'phrase':
      return quoteKql(value.text);
    case 'words':
      return value.text
        .split(/(?<=[^ ]) (?=[^ ])/)
        .map(escapeKql)
        .join(' ');
    case 'glob':
      return value.words.map((glob) => printGlob(glob)).join(' ');
    default:
      return unreachable(value);
  }
}
