import { Type } from 'typebox';
import type { JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import { overallStatus } from '../../messages/wording.ts';
import type { Channel } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { apiUrlKey, HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, jsonWith, sendOnce } from '../http-client/send.ts';
import { requiredSecretAt, secretAt, urlAt } from '../keys.ts';
import { clipBytes, markedUp, PLAIN_TEXT, SIZES } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { onScale, SCALES } from '../severity-scales.ts';

const SERVER = 'https://ntfy.sh';

/** Which topic of an ntfy server takes the messages. */
interface NtfyOptions {
  readonly url: string;
  /** The topic of a public server is all that reading and writing it takes. */
  readonly topic: Secret;
  readonly token: Secret | undefined;
  readonly http: HttpConfig;
}

/** https://docs.ntfy.sh/publish/#limitations: 4,096 bytes of text; a longer one becomes a file. Title and at most three buttons are in the same JSON. */
const LIMITS = { message: 4_000, title: 250, actions: 3 } as const;

/** https://docs.ntfy.sh/publish/ answers with the message that it published. */
const TAKEN = jsonWith('ntfy', 'id');

/** Notifications of phones by ntfy. */
export const ntfyChannel: Channel<NtfyOptions> = {
  name: 'ntfy',
  description: 'ntfy topics, on ntfy.sh or your own server.',
  schema: {
    ...Type.Object(
      {
        api_url: apiUrlKey(SERVER, 'Address of the server.'),
        topic: requiredText('Name of the topic. On a public server it acts as a password.', {
          examples: ['alerts-of-the-shop'],
          pattern: '^[-_A-Za-z0-9]{1,64}$',
        }),
        token: optionalText('Access token, for protected topics; or basic_auth in http_config.'),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['topic', 'token'],
  read: (keys) => ({
    url: urlAt(keys, 'api_url', SERVER),
    topic: requiredSecretAt(keys, 'topic'),
    token: secretAt(keys, 'token'),
    http: httpAt(keys),
  }),
  render: ntfyMessage,
  ...AT_PLAIN_URL,
  send: (payload, { url, topic, token, http }, io, signal) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
    const json = { topic: topic.reveal(), ...payload };
    return sendOnce(httpSender(http, [topic, token], io, signal), { url, headers, json }, TAKEN);
  },
};

function ntfyMessage(message: Message): JsonObject {
  const { outline, text } = markedUp(
    message,
    { ...PLAIN_TEXT, withoutLinks: true },
    { most: LIMITS.message, sizeOf: SIZES.bytes },
  );
  const links = outline.parts.flatMap((part) => (part.kind === 'links' ? part.links : []));
  const status = overallStatus(message);
  const isOpen = status === 'firing' || status === 'event';
  return {
    title: clipBytes(`${outline.sign} ${outline.headline}`, LIMITS.title),
    message: text,
    priority: isOpen ? onScale(SCALES.ntfy, message.severity) : 3,
    actions: links.slice(0, LIMITS.actions).map(({ label, url }) => ({ action: 'view', label, url })),
  };
}
