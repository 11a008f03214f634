/** No character as people see it is longer in practice, marks and joined emoji included; one that is may be cut. */
const LONGEST_CHARACTER = 64;

let characters: Intl.Segmenter | undefined;

/**
 * Where to cut a text that is longer than `limit` UTF-16 units, so that what is kept ends with a whole character as people see it: a letter keeps
 * its marks, and a joined emoji or a flag its parts.
 */
export function placeToCut(text: string, limit: number): number {
  if (limit <= 0) return 0;
  if (limit >= text.length) return text.length;
  if (/^[\x20-\x7E]{2}$/.test(text.slice(limit - 1, limit + 1))) return limit;
  const from = Math.max(0, limit - LONGEST_CHARACTER);
  characters ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const cut = characters.segment(text.slice(from, limit + LONGEST_CHARACTER)).containing(limit - from);
  return cut === undefined || cut.index === 0 ? limit : from + cut.index;
}

/** The first `limit` UTF-16 units of a text. No half of a character is left: a store may refuse the whole document for it. */
export function firstUnits(text: string, limit: number): string {
  return text.slice(0, placeToCut(text, limit)).replace(/\p{Surrogate}/gu, '');
}

/** Text of at most `limit` UTF-16 units; `…` follows where something was cut off. */
export function truncate(text: string, limit: number): string {
  return text.length > limit ? `${firstUnits(text, limit)}…` : text;
}
