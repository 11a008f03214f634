/** Controls, lone surrogates, marks that turn the direction of text: what a document could use to forge or break a terminal's picture. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/gu;

/** What the runners of GitHub obey in any output: `::error …` where a line begins, `##[error]…` anywhere. */
const COMMANDS = /^( *):(?=:)|#(?=#\[)/gm;

/**
 * Text made fit for a terminal and for the log of a CI: line ends stay, tabs become spaces, every other invisible character is shown as
 * `\uFFFD`, and what would be a workflow command is pulled apart by a blank.
 */
export function plainText(text: string): string {
  const plain = text.replace(/\r\n?/g, '\n').replaceAll('\t', ' ').replace(UNSAFE, '\uFFFD');
  return plain.replace(COMMANDS, '$& ');
}

/** As plainText, on one line: each run of white space becomes one space. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}
