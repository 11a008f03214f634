/** A value as a file or a variable holds it, without what editors and shells wrap it in: a byte order mark, and line ends at its end. */
export function withoutWrapping(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
}
