import { plainLine } from './plain-text.ts';

/**
 * Text of a document or a rule as code on one line. Forges look for mentions, issues, commits, addresses and emoji in everything but code, whether it is
 * escaped or not; and no sign that Markdown, a table or HTML reads is left as it is.
 */
export function markdownCode(text: string): string {
  const line = plainLine(text);
  return line === '' ? '' : `<code>${line.replace(/[^\p{L}\p{N}\p{M} ,-]/gu, (char) => `&#${char.codePointAt(0)};`)}</code>`;
}
