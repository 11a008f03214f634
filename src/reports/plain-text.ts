/** Controls, lone surrogates, marks that turn the direction of text: what a document could use to forge or break a terminal's picture. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu;

/** Text made fit for a terminal: line ends stay, tabs become spaces, every other invisible character is shown as `\uFFFD`. */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replaceAll('\t', ' ').replace(UNSAFE, '\uFFFD');
}

/** As plainText, on one line: each run of white space becomes one space. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}
