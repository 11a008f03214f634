import { clip, oneLine } from '../clean-text.ts';
import type { MarkupWriter } from '../marked-up.ts';

/** Signs that https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa gives a meaning, among them `[~name]`, which mentions, and `!name!`, a picture. */
const SIGNS = /[\\{}[\]*_+^~?!|#@()-]/g;
/** A line that begins with one of these is a heading or a quotation. */
const LINE_START = /^([ \t]*(?:h[1-6]|bq))\./gm;

function escapeWiki(text: string): string {
  // Two backslashes are a line break.
  const escaped = text.replace(SIGNS, (sign) => (sign === '\\' ? '&#92;' : `\\${sign}`));
  return escaped.replace(LINE_START, '$1․');
}

/** The markup of Jira Data Center. What is between braces of `noformat` means nothing, and cannot end it: it holds no braces. */
export const JIRA_WIKI: MarkupWriter = {
  words: escapeWiki,
  bold: (text) => {
    const line = escapeWiki(oneLine(text, 300));
    return line === '' ? '' : `*${line}*`;
  },
  code: (text) => escapeWiki(oneLine(text, text.length)) || '–',
  codeBlock: (text) => `{noformat}\n${text.replaceAll('{', '❴').replaceAll('}', '❵')}\n{noformat}`,
  link: (label, url) =>
    `[${escapeWiki(clip(oneLine(label, 75), 75))}|${url.replaceAll('|', '%7C').replaceAll(']', '%5D').replaceAll('[', '%5B')}]`,
};
