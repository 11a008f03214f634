/** The first `limit` UTF-16 units of a text. No half of a character is left: a store may refuse the whole document for it. */
export function firstUnits(text: string, limit: number): string {
  return text.slice(0, limit).replace(/\p{Surrogate}/gu, '');
}

/** Text of at most `limit` UTF-16 units; `…` follows where something was cut off. */
export function truncate(text: string, limit: number): string {
  return text.length > limit ? `${firstUnits(text, limit)}…` : text;
}
