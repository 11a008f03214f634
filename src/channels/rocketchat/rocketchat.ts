import { Type } from 'typebox';
import { isObject, type JsonObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { clip } from '../clean-text.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess, jsonOf } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { escapeFew, type MarkupWriter, markdownBy, markedUp, SIZES } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';

/** Who posts to which channel of a Rocket.Chat server. */
interface RocketChatOptions {
  readonly url: string;
  readonly token: Secret;
  readonly tokenId: Secret;
  readonly channel: string;
  readonly http: HttpConfig;
}

/** Characters of a message unless the server is set up otherwise (Message_MaxAllowedSize): 5,000. */
const MOST = 4_800;
const FULL_WIDTH_AT = '＠';

/** Signs that its parser reads, which escapes few of them: they are shown as ones that look like them. An underscore within a word means nothing. */
const SIGNS = /[*~`#<>|[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|^[ \t]*[-+](?=\s)/gmu;
const LOOKALIKES: Readonly<Record<string, string>> = {
  ...{ '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ', '#': '＃', '<': '‹', '>': '›', '|': '¦', '[': '［', ']': '］' },
};
const CHAT = markdownBy(
  (text) =>
    escapeFew(
      text.replace(SIGNS, (sign) => own(LOOKALIKES, sign) ?? '–'),
      /(?!)/g,
    ),
  '*',
);

/** It looks for mentions within code too. */
const ROCKETCHAT: MarkupWriter = {
  ...CHAT,
  code: (text) => CHAT.code(text).replaceAll('@', FULL_WIDTH_AT),
  codeBlock: (text) => CHAT.codeBlock(text).replaceAll('@', FULL_WIDTH_AT),
};

/** Messages in Rocket.Chat, by the REST API. */
export const rocketChatChannel: Channel<RocketChatOptions> = {
  name: 'rocketchat',
  description: 'Channels of Rocket.Chat, by its REST API.',
  schema: {
    ...Type.Object(
      {
        api_url: requiredText('Address of the server.', { examples: ['https://chat.example.com'] }),
        token_id: requiredText('ID of the user that posts.'),
        token: requiredText('Personal access token of that user.'),
        channel: requiredText('Channel, with #, or @name of a person.', { examples: ['#alerts'] }),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['token', 'token_id'],
  read: (keys) => ({
    url: urlAt(keys, 'api_url', 'https://chat.example.com'),
    token: requiredSecretAt(keys, 'token'),
    tokenId: requiredSecretAt(keys, 'token_id'),
    channel: textAt(keys, 'channel') ?? '',
    http: httpAt(keys),
  }),
  render: (message, _thread, { channel }) => ({ channel, ...attachment(message) }),
  ...AT_PLAIN_URL,
  send,
};

/** https://developer.rocket.chat/apidocs/post-message */
function attachment(message: Message): JsonObject {
  const { outline, text } = markedUp(message, ROCKETCHAT, { most: MOST, sizeOf: SIZES.units });
  const title = clip(`${outline.sign} ${outline.headline}`, 250);
  return { text: ROCKETCHAT.bold(title), parseUrls: false, attachments: [{ color: outline.color, text }] };
}

async function send(payload: Payload, options: RocketChatOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const { url, token, tokenId } = options;
  const sender = httpSender(options.http, [token, tokenId], io, signal);
  const headers = { 'x-auth-token': token.reveal(), 'x-user-id': tokenId.reveal() };
  const answered = await sender.call({ url: `${url}/api/v1/chat.postMessage`, headers, json: payload });
  if (!answered.answered) return answered.outcome;
  const { answer } = answered;
  const said = jsonOf(answer);
  const error = isObject(said) && said['success'] === false ? String(said['errorType'] ?? said['error'] ?? '') : '';
  // Its limiter answers 400 in older versions.
  if (/too-many-requests/.test(error)) return sender.refused({ ...answer, status: 429 });
  if (!isSuccess(answer)) return sender.refused(answer);
  return isObject(said) && said['success'] === false ? sender.refused({ ...answer, status: 400 }) : { kind: 'delivered' };
}
