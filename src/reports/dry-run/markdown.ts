import { plainLine } from '../plain-text.ts';

/** A row of a Markdown table. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A Markdown table; the columns of `right`, by their places, are those of numbers. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const marks = head.map((_title, place) => (right.includes(place) ? '---:' : '---'));
  return [head, marks, ...rows].map(markdownRow).join('\n');
}

/**
 * Text of a document or a rule as code on one line. Forges look for mentions, issues, commits, addresses and emoji in everything but code, whether it is
 * escaped or not; and no sign that Markdown, a table or HTML reads is left as it is.
 */
export function markdownCode(text: string): string {
  const line = plainLine(text);
  return line === '' ? '' : `<code>${line.replace(/[^\p{L}\p{N}\p{M} ,-]/gu, (char) => `&#${char.codePointAt(0)};`)}</code>`;
}
