import { Type } from 'typebox';
import type { JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel } from '../channel.ts';
import { clip } from '../clean-text.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, sendOnce, type TakenForm } from '../http-client/send.ts';
import { secretUrlAt, textAt } from '../keys.ts';
import { escapeFew, type MarkupWriter, markdownBy, markedUp, SIZES } from '../marked-up.ts';
import { addressOf, probeUrl } from '../probe-url.ts';

/** Which incoming webhook of Mattermost takes the messages. */
interface MattermostOptions {
  readonly url: Secret;
  readonly posted: JsonObject;
  readonly http: HttpConfig;
}

/**
 * Characters of a message: https://docs.mattermost.com/administration-guide/configure/site-configuration-settings.html has 16,383; attachments are
 * stored with the post, within 800,000 bytes.
 */
const MOST = 15_000;

/** The escapes of Mattermost are those of the first Markdown; HTML means nothing to it. */
const MATTERMOST: MarkupWriter = markdownBy((text) => escapeFew(text, /[\\`*_[\]#!>|~]/g));

/** https://developers.mattermost.com/integrate/webhooks/incoming/: a post is answered with `ok`. */
const TAKEN: TakenForm = { whose: 'Mattermost', isTheirs: ({ text }) => text.trim() === 'ok' };

/** Messages in Mattermost, through an incoming webhook. */
export const mattermostChannel: Channel<MattermostOptions> = {
  name: 'mattermost',
  description: 'Channels of Mattermost, each through an incoming webhook.',
  schema: {
    ...Type.Object(
      {
        webhook_url: requiredText('URL of the incoming webhook.'),
        channel: optionalText('Channel, or @name of a person. Default: that of the webhook.'),
        username: optionalText('Name to post under, where the server allows that.'),
        icon_url: optionalText('Picture to post under, where the server allows that.'),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['webhook_url'],
  read: (keys) => {
    const given = ['channel', 'username', 'icon_url'].flatMap((key) => {
      const value = textAt(keys, key);
      return value === undefined ? [] : [[key, value] as const];
    });
    return { url: secretUrlAt(keys, 'webhook_url'), posted: Object.fromEntries(given), http: httpAt(keys) };
  },
  render: (message, _thread, { posted }) => ({ ...posted, ...attachment(message) }),
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send: (payload, { url, http }, io, signal) =>
    sendOnce(httpSender(http, [url], io, signal), { url: url.reveal(), json: payload }, TAKEN),
};

/** https://developers.mattermost.com/integrate/reference/message-attachments/ */
function attachment(message: Message): JsonObject {
  const { outline, text } = markedUp(message, MATTERMOST, { most: MOST, sizeOf: SIZES.units });
  const title = MATTERMOST.words(clip(`${outline.sign} ${outline.headline}`, 250));
  return { attachments: [{ fallback: title, color: outline.color, title, text }] };
}
