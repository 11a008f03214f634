import { plainLine, plainText } from '../plain-text.ts';

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
  return line === '' ? '' : `<code>${escaped(line)}</code>`;
}

/** Lines as a block of code of at most so many characters, laid out as they are; how many had no room is said in the last. */
export function markdownBlock(lines: readonly string[], most: number): string {
  const kept: string[] = [];
  let room = most;
  for (const line of lines.map((one) => escaped(plainText(one).replaceAll('\n', ' ')))) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  const left = lines.length - kept.length;
  if (left > 0) kept.push(`… ${left} more lines`);
  return `<pre><code>${kept.join('\n')}</code></pre>`;
}

function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M} ,-]/gu, (char) => `&#${char.codePointAt(0)};`);
}
