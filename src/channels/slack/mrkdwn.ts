import { own } from '../../core/record.ts';
import { clip, oneLine } from '../clean-text.ts';

/** Most characters of a section's text, of a field, and of a header, as Slack counts them: after escaping. */
export const SLACK_LIMITS = { section: 3_000, field: 2_000, header: 150, fields: 10, blocks: 50 } as const;

/** Escapes the three signs that Slack reads in every text: no mention, link or date can be written with what is left. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Escaped text of at most `limit` characters; what is cut is cut before escaping, so that no entity is torn. */
export function slackText(text: string, limit: number): string {
  let kept = clip(text, limit);
  for (let escaped = escapeSlack(kept); ; escaped = escapeSlack(kept)) {
    if (escaped.length <= limit) return escaped;
    kept = clip(kept, kept.length - Math.max(1, Math.ceil((escaped.length - limit) / 5)));
  }
}

/**
 * A value from a document as inline code: there nothing but a backtick means anything, so text cannot forge bold, lists or links.
 * A backtick is shown as the sign that looks like it.
 */
export function inlineCode(text: string, limit: number): string {
  const line = oneLine(text, limit).replaceAll('`', 'ˋ');
  return line === '' ? '–' : `\`${slackText(line, limit)}\``;
}

/** Several lines as a code block, which only three backticks would end. */
export function codeBlock(text: string, limit: number): string {
  return `\`\`\`\n${slackText(text.replaceAll('`', 'ˋ'), limit - 8)}\n\`\`\``;
}

/** A link; the label can close neither the link nor the line. */
export function slackLink(label: string, url: string): string {
  const target = escapeSlack(url).replaceAll('|', '%7C');
  return `<${target}|${slackText(oneLine(label, 75), 75).replaceAll('|', '¦')}>`;
}

/** Words amid mrkdwn: the signs that Slack would read as formatting are shown as ones that look like them. */
export function words(text: string, limit: number): string {
  return slackText(
    oneLine(text, limit).replace(FORMATS, (sign) => own(LOOKALIKES, sign) ?? sign),
    limit,
  );
}

/** Bold words. */
export function bold(text: string): string {
  return `*${words(text, 300)}*`;
}

// An underscore within a word formats nothing, and names of fields are full of them.
const FORMATS = /[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' };
