import { visible } from '../core/visible.ts';

/**
 * What the runners of CI systems obey: GitHub `::error …` where a line begins, after blanks of any kind; GitHub, Azure and TeamCity `##[error]…`,
 * `##vso[…]` and `##teamcity[…]` anywhere.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: color codes of reports precede the text
const COMMANDS = /^((?:[^\S\n]|\u001B\[[0-9;]*m|\uFFFD(?:\[[0-9;]*m)?)*:)(?=:)|#(?=#[a-z]*\[)/gimu;

/**
 * Text made fit for a terminal and for the log of a CI: line ends stay, tabs become spaces, every other invisible character is shown as
 * `\uFFFD`, and what would be a workflow command is pulled apart by a blank.
 */
export function plainText(text: string): string {
  return withoutCommands(visible(text.replace(/\r\n?|[\u2028\u2029]/g, '\n').replaceAll('\t', ' ')));
}

/** Pulls apart what a CI would obey, in text that is put together and may be painted already. */
export function withoutCommands(text: string): string {
  return text.replace(COMMANDS, '$& ');
}

/** As plainText, on one line: each run of white space becomes one space. */
export function plainLine(text: string): string {
  return withoutCommands(plainText(text).replace(/\s+/g, ' ').trim());
}
