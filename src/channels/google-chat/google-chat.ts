import { Type } from 'typebox';
import { escapeTags } from '../../core/html-text.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { type Secret, secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel, Payload } from '../channel.ts';
import { clip, oneLine } from '../clean-text.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, requiredText } from '../http-client/options.ts';
import { httpSender, jsonWith, sendOnce } from '../http-client/send.ts';
import { secretUrlAt } from '../keys.ts';
import { htmlLink, type MarkupWriter, markedUp, SIZES } from '../marked-up.ts';
import { addressOf, probeUrl } from '../probe-url.ts';

/** Which webhook of Google Chat takes the messages. */
interface GoogleChatOptions {
  readonly url: Secret;
  readonly http: HttpConfig;
}

/** Bytes of a message with its cards are 32,000: https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages */
const MOST = 24_000;

/** What text of cards may contain: https://developers.google.com/workspace/chat/format-messages#card-formatting */
const CARD: MarkupWriter = {
  words: (text) => escapeTags(text).replaceAll('\n', '<br>'),
  bold: (text) => `<b>${escapeTags(oneLine(text, 300))}</b>`,
  code: (text) => escapeTags(oneLine(text, text.length)) || '–',
  codeBlock: (text) => escapeTags(text).replaceAll('\n', '<br>'),
  link: htmlLink(escapeTags),
  lineBreak: '<br>',
};

/** https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create: also what `requestId` means, and what webhooks are answered. */
const TAKEN = jsonWith('Google Chat', 'name');

/** Messages in Google Chat, through a webhook of a space. */
export const googleChatChannel: Channel<GoogleChatOptions> = {
  name: 'google_chat',
  description: 'Spaces of Google Chat, each through a webhook.',
  schema: {
    ...Type.Object(
      { url: requiredText('URL of the webhook, with its key and token. It determines the space.'), ...HTTP_KEYS },
      { additionalProperties: false },
    ),
  },
  secrets: ['url'],
  read: (keys) => ({ url: secretUrlAt(keys, 'url'), http: httpAt(keys) }),
  render: cardMessage,
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send: (payload, { url, http }, io, signal) => {
    // Messages of an alert group are one thread, which Chat finds by the key that they bring.
    const threaded = new URL(url.reveal());
    threaded.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
    // A repeat of a request gives the message that it made, and makes no second one.
    const id = cardIdOf(payload);
    if (id !== undefined) threaded.searchParams.set('requestId', id);
    const sender = httpSender(http, [url, secret(threaded.href)], io, signal);
    return sendOnce(sender, { url: threaded.href, json: payload }, TAKEN);
  },
};

function cardMessage(message: Message): JsonObject {
  const { outline, text } = markedUp(message, CARD, { most: MOST, sizeOf: SIZES.json });
  const title = clip(`${outline.sign} ${outline.headline}`, 250);
  const widgets = text.split('\n\n').map((paragraph) => ({ textParagraph: { text: paragraph } }));
  return {
    // What a notification shows: cards in which nothing is formatted or mentioned.
    fallbackText: title,
    thread: { threadKey: message.incident },
    cardsV2: [{ cardId: message.id, card: { header: { title, subtitle: clip(outline.why, 250) }, sections: [{ widgets }] } }],
  };
}

function cardIdOf({ cardsV2 }: Payload): string | undefined {
  const [card] = Array.isArray(cardsV2) ? cardsV2 : [];
  return isObject(card) && typeof card['cardId'] === 'string' ? card['cardId'] : undefined;
}
