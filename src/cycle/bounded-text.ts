/** Text of at most `limit` UTF-16 units; what is cut says so by `…`. */
export function boundedText(text: string, limit: number): string {
  // A cut must not leave half a character behind: a store may refuse the whole document for it.
  return text.length > limit ? `${text.slice(0, limit).replace(/\p{Surrogate}/gu, '')}…` : text;
}
