import { escapeTags } from '../../core/html-text.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Message } from '../../messages/message.ts';
import { clip, oneLine } from '../clean-text.ts';
import type { FormPart } from '../http-client/multipart.ts';
import { htmlLink, type MarkupWriter, markedUp, SIZES } from '../marked-up.ts';
import { type CarriedChart, chartPart } from '../with-chart.ts';

/** Characters of a text, https://core.telegram.org/bots/api#sendmessage: counted after its entities were read, so a text with tags is below it. */
const TELEGRAM_LIMIT = 4_096;
/** The same of a text below a picture, https://core.telegram.org/bots/api#sendphoto. */
const CAPTION_LIMIT = 1_024;

/** Escapes what Telegram's HTML reads; a name behind `@` would notify its user, and no escape prevents that. */
function escapeTelegram(text: string): string {
  return escapeTags(text).replaceAll('"', '&quot;').replaceAll('@', '＠');
}

const HTML: MarkupWriter = {
  words: escapeTelegram,
  bold: (text) => `<b>${escapeTelegram(oneLine(text, 300))}</b>`,
  code: (text) => `<code>${escapeTelegram(oneLine(text, text.length)) || '–'}</code>`,
  codeBlock: (text) => `<pre>${escapeTelegram(text)}</pre>`,
  link: htmlLink(escapeTelegram),
};

/** A message as Telegram's HTML, without the chat that it goes to. */
export function telegramPayload(message: Message): JsonObject {
  const titleRoom = 600;
  const { outline, text } = markedUp(message, HTML, { most: TELEGRAM_LIMIT - titleRoom, sizeOf: SIZES.units });
  const title = HTML.bold(clip(`${outline.sign} ${outline.headline}`, 100));
  return { text: `${title}\n${text}`, parse_mode: 'HTML', link_preview_options: { is_disabled: true } };
}

/** The chart of a message whose text may be that of a picture: another one is worth more than its chart, and two messages are one too many. */
export function telegramChart(message: Message): { readonly chart?: JsonObject } {
  const text = String(telegramPayload(message)['text']).replace(/<[^>]*>/g, '');
  const parsed = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return parsed.length > CAPTION_LIMIT ? {} : chartPart(message);
}

/** A message as a picture with the text above it, as a form. */
export function asCaption(
  { text, link_preview_options: _none, ...rest }: JsonObject,
  { png }: CarriedChart,
): readonly FormPart[] {
  const fields = { ...rest, caption: text, show_caption_above_media: true };
  return [
    ...Object.entries(fields).map(([name, value]) => ({
      name,
      content: isObject(value) ? JSON.stringify(value) : String(value),
    })),
    { name: 'photo', content: png, filename: 'chart.png' },
  ];
}
