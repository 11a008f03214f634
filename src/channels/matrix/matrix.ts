import { Type } from 'typebox';
import { escapeTags } from '../../core/html-text.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel, ChannelIo, Outcome, Payload, Receipt } from '../channel.ts';
import { clip, oneLine } from '../clean-text.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalFlag, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess, jsonOf, jsonWith, taken } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { htmlLink, type MarkupWriter, markedUp, PLAIN_TEXT, SIZES } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';

/** Who writes to which room. */
interface MatrixOptions {
  readonly url: string;
  readonly token: Secret;
  readonly room: string;
  readonly isThreaded: boolean;
  readonly http: HttpConfig;
}

/** An event has at most 65,536 bytes with its signatures: https://spec.matrix.org/latest/client-server-api/#size-limits. Each text has a part of it. */
const MOST = 24_000;

const TAKEN = jsonWith('Matrix', 'event_id');

const HTML: MarkupWriter = {
  words: (text) => escapeTags(text).replaceAll('\n', '<br>'),
  bold: (text) => `<strong>${escapeTags(oneLine(text, 300))}</strong>`,
  code: (text) => `<code>${escapeTags(oneLine(text, text.length)) || '–'}</code>`,
  codeBlock: (text) => `<pre><code>${escapeTags(text)}</code></pre>`,
  link: htmlLink(escapeTags),
  lineBreak: '<br>',
};

/** Messages in Matrix rooms; later messages of an incident are a thread of its first. */
export const matrixChannel: Channel<MatrixOptions> = {
  name: 'matrix',
  description: 'Rooms of Matrix; end-to-end encryption is not supported.',
  schema: {
    ...Type.Object(
      {
        homeserver_url: requiredText('Address of the homeserver.', { examples: ['https://matrix.example.com'] }),
        access_token: requiredText('Access token of the user that posts; the user must be in the room.'),
        room_id: requiredText('ID of the room.', { pattern: '^![^\\s/]+$', examples: ['!abcdef:example.com'] }),
        thread: optionalFlag('Whether later messages of an incident are posted in the thread of the first.', true),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['access_token'],
  read: (keys) => ({
    url: urlAt(keys, 'homeserver_url', 'https://matrix.example.com'),
    token: requiredSecretAt(keys, 'access_token'),
    room: textAt(keys, 'room_id') ?? '',
    isThreaded: keys['thread'] !== false,
    http: httpAt(keys),
  }),
  render: (message, thread, { isThreaded }) => roomMessage(message, isThreaded ? thread?.['matrix_event'] : undefined),
  ...AT_PLAIN_URL,
  send,
};

/** https://spec.matrix.org/latest/client-server-api/#mtext */
function roomMessage(message: Message, root: string | undefined): JsonObject {
  const limit = { most: MOST, sizeOf: SIZES.json };
  const { outline, text } = markedUp(message, HTML, limit);
  const plain = markedUp(message, PLAIN_TEXT, { ...limit, most: 12_000 });
  const title = clip(`${outline.sign} ${outline.headline}`, 250);
  return {
    transaction: message.id,
    content: {
      msgtype: 'm.text',
      body: `${title}\n${plain.text}`,
      format: 'org.matrix.custom.html',
      formatted_body: `${HTML.bold(title)}<br>${text.replaceAll('\n\n', '<br><br>')}`,
      // A name in a text notifies none of its users.
      'm.mentions': {},
      ...(root !== undefined && {
        'm.relates_to': { rel_type: 'm.thread', event_id: root, is_falling_back: true, 'm.in_reply_to': { event_id: root } },
      }),
    },
  };
}

/** The message's id as transaction: the homeserver drops a repeat of it. */
async function send(payload: Payload, options: MatrixOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.token], io, signal);
  const room = `${options.url}/_matrix/client/v3/rooms/${encodeURIComponent(options.room)}`;
  const url = `${room}/send/m.room.message/${encodeURIComponent(String(payload['transaction']))}`;
  const headers = { authorization: `Bearer ${options.token.reveal()}` };
  const answered = await sender.call({ method: 'PUT', url, headers, json: payload['content'] ?? {} });
  if (!answered.answered) return answered.outcome;
  const { answer } = answered;
  const said = jsonOf(answer);
  if (isSuccess(answer)) return taken(sender, answer, TAKEN, receiptOf(payload, said));
  // https://spec.matrix.org/latest/client-server-api/#rate-limiting: since 1.10 the header is what counts; older servers have the body alone.
  const wait =
    isObject(said) && typeof said['retry_after_ms'] === 'number' ? String(Math.ceil(said['retry_after_ms'] / 1_000)) : undefined;
  return sender.refused({ ...answer, retryAfter: answer.retryAfter ?? wait });
}

function receiptOf(payload: Payload, said: unknown): Receipt | undefined {
  const content = isObject(payload['content']) ? payload['content'] : {};
  const relation = isObject(content['m.relates_to']) ? content['m.relates_to']['event_id'] : undefined;
  const first = relation ?? (isObject(said) ? said['event_id'] : undefined);
  return typeof first === 'string' ? { matrix_event: first } : undefined;
}
