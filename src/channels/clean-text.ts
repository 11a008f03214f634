import { firstUnits, placeToCut } from '../core/truncate.ts';
import { visible } from '../core/visible.ts';

/**
 * Text from a document or a template, made fit to be shown anywhere: line ends are `\n`, what is invisible becomes `\uFFFD`, and what is
 * longer than `limit` characters (UTF-16 units) is cut and says so by `…`. Escaping for a target comes after.
 */
export function cleanText(text: string, limit: number): string {
  // Cut before cleaning, so that the cost is bounded too; a CRLF may shorten the rest, never lengthen it.
  const start = text.length > limit ? text.slice(0, placeToCut(text, limit)) : text;
  return clip(visible(start.replace(/\r\n?|[\u2028\u2029]/g, '\n')), limit, text.length > limit);
}

/** As `cleanText`, on one line: each run of line ends, tabs and spaces becomes one space. */
export function oneLine(text: string, limit: number): string {
  return cleanText(text, limit).replace(/\s+/gu, ' ').trim();
}

/** Cuts text to at most `limit` UTF-16 units, never within a character; `…` stands for what was cut (or for what `more` says was cut). */
export function clip(text: string, limit: number, more = text.length > limit): string {
  if (!more) return text;
  return `${firstUnits(text, Math.max(0, limit - 1))}…`;
}
