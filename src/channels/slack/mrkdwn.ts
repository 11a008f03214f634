import { escapeTags } from '../../core/html-text.ts';
import { own } from '../../core/record.ts';
import { isAnotherDay, type Moment, momentText, type Phrase, type Reader } from '../../messages/when.ts';
import type { Markup, MarkupPart } from '../../templates/markup.ts';
import { clip, oneLine } from '../clean-text.ts';

/** Most characters of a section's text, of a field, and of a header, as Slack counts them: after escaping. */
export const SLACK_LIMITS = { section: 3_000, field: 2_000, header: 150, fields: 10, blocks: 50 } as const;

/**
 * Escaped text of at most `limit` characters: no mention, link or date can be written with what is left. What is cut is cut before escaping, so that no
 * entity is torn.
 */
export function slackText(text: string, limit: number): string {
  let kept = clip(text, limit);
  for (let escaped = escapeTags(kept); ; escaped = escapeTags(kept)) {
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
  const target = escapeTags(url).replaceAll('|', '%7C');
  return `<${target}|${slackText(oneLine(label, 75), 75).replaceAll('|', '¦')}>`;
}

/** Words amid mrkdwn: the signs that Slack would read as formatting are shown as ones that look like them. */
export function words(text: string, limit: number): string {
  return slackText(
    oneLine(text, limit).replace(FORMATS, (sign) => own(LOOKALIKES, sign) ?? sign),
    limit,
  );
}

/** A sentence of a message as mrkdwn: what is strong is bold, and each reader sees times by his own clock. */
export function sentenceMrkdwn(phrase: Phrase, reader: Reader): string {
  return phrase
    .map((part) => {
      if (typeof part === 'string') return spaced(part);
      return 'strong' in part ? bold(part.strong) : slackDate(part, reader);
    })
    .join('');
}

/** `words` would take away the spaces to the parts beside it. */
function spaced(text: string): string {
  const inner = text.trim();
  if (inner === '') return text;
  const start = text.indexOf(inner);
  return `${text.slice(0, start)}${words(inner, 600)}${text.slice(start + inner.length)}`;
}

/** A time that Slack writes in the zone of each reader; programs that do not know the format show the time as the message has it. */
function slackDate(moment: Moment, reader: Reader): string {
  const form = isAnotherDay(moment, reader) ? '{date_short_pretty} {time}' : '{time}';
  return `<!date^${Math.floor(moment.at / 1_000)}^${form}|${slackText(momentText(moment, reader), 60).replaceAll('|', '¦')}>`;
}

/** A rule's text as mrkdwn: what it formats itself is formatted, and whom it mentions is mentioned if the receiver says who that is. */
export function markupMrkdwn(markup: Markup, mentions: Readonly<Record<string, string>>, limit: number): string {
  const lines = markup.map(({ item, parts }) => `${item ? '• ' : ''}${parts.map((part) => partMrkdwn(part, mentions)).join('')}`);
  return joined(lines, '\n', limit);
}

function partMrkdwn(part: MarkupPart, mentions: Readonly<Record<string, string>>): string {
  if (typeof part === 'string') return part.split('\n').map(spaced).join('\n');
  if ('bold' in part) return bold(part.bold);
  if ('code' in part) return inlineCode(part.code, 300);
  if ('mention' in part) return slackMention(own(mentions, part.mention)) ?? words(`@${part.mention}`, 100);
  return slackLink(part.link, part.url);
}

/** `U024BE7LH` is a person, `S0614TZR7` a group, `here` and `channel` everyone in the channel; undefined for anything else. */
export function slackMention(id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  if (/^[UW][A-Z0-9]{2,30}$/.test(id)) return `<@${id}>`;
  if (/^S[A-Z0-9]{2,30}$/.test(id)) return `<!subteam^${id}>`;
  const all = /^@?(here|channel|everyone)$/.exec(id)?.[1];
  return all === undefined ? undefined : `<!${all}>`;
}

/** Joins mrkdwn parts while they fit whole. */
export function joined(parts: readonly string[], separator: string, limit: number): string {
  let text = '';
  for (const part of parts) {
    const next = text === '' ? part : `${text}${separator}${part}`;
    if (next.length > limit) break;
    text = next;
  }
  return text;
}

/** Bold words. */
export function bold(text: string): string {
  return `*${words(text, 300)}*`;
}

// An underscore within a word formats nothing, and names of fields are full of them.
const FORMATS = /[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' };
