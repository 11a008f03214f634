import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../messages/message.ts';
import { clip, oneLine } from '../clean-text.ts';
import { type MarkupWriter, markedUp, SIZES } from '../marked-up.ts';

/** Characters of a text, https://core.telegram.org/bots/api#sendmessage: counted after its entities were read, so a text with tags is below it. */
const TELEGRAM_LIMIT = 4_096;

/** Escapes what Telegram's HTML reads; a name behind `@` would notify its user, and no escape prevents that. */
function escapeTelegram(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('@', '＠');
}

const HTML: MarkupWriter = {
  words: escapeTelegram,
  bold: (text) => `<b>${escapeTelegram(oneLine(text, 300))}</b>`,
  code: (text) => `<code>${escapeTelegram(oneLine(text, text.length)) || '–'}</code>`,
  codeBlock: (text) => `<pre>${escapeTelegram(text)}</pre>`,
  link: (label, url) =>
    `<a href="${url.replaceAll('&', '&amp;').replaceAll('"', '%22')}">${escapeTelegram(oneLine(label, 75))}</a>`,
};

/** A message as Telegram's HTML, without the chat that it goes to. */
export function telegramPayload(message: Message): JsonObject {
  const titleRoom = 600;
  const { outline, text } = markedUp(message, HTML, { most: TELEGRAM_LIMIT - titleRoom, sizeOf: SIZES.units });
  const title = HTML.bold(clip(`${outline.sign} ${outline.headline}`, 100));
  return { text: `${title}\n${text}`, parse_mode: 'HTML', link_preview_options: { is_disabled: true } };
}
