import { Type } from 'typebox';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload, Receipt } from '../channel.ts';
import { CHART_KEY } from '../chart-key.ts';
import type { HttpAnswer } from '../http-client/answer.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { multipart } from '../http-client/multipart.ts';
import { apiUrlKey, HTTP_KEYS, optionalFlag, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess, jsonOf, jsonWith, taken } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { apart, mayMeanPicture } from '../with-chart.ts';
import { asCaption, telegramChart, telegramPayload } from './payload.ts';

const API = 'https://api.telegram.org';
/** https://core.telegram.org/bots/api#making-requests */
const TAKEN = jsonWith('Telegram', 'result');

/** Which bot writes to which chat. */
interface TelegramOptions {
  readonly token: Secret;
  readonly url: string;
  readonly chat: string;
  readonly topic: number | undefined;
  readonly isQuiet: boolean;
  readonly chart: boolean;
  readonly http: HttpConfig;
}

/** Messages in Telegram, by a bot; later messages of an incident answer its first. */
export const telegramChannel: Channel<TelegramOptions> = {
  name: 'telegram',
  description: 'Chats of Telegram, by a bot.',
  schema: {
    ...Type.Object(
      {
        bot_token: requiredText('Token of the bot, as @BotFather shows it.'),
        api_url: apiUrlKey(API),
        chat_id: Type.Union([Type.Integer(), Type.String({ minLength: 2 })], {
          description: 'Number of the chat, or @name of a channel.',
          examples: ['-1001234567890'],
        }),
        message_thread_id: Type.Optional(Type.Integer({ minimum: 1, description: 'Topic of a forum.' })),
        disable_notifications: optionalFlag('Whether messages arrive without a sound.', false),
        chart: CHART_KEY,
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['bot_token'],
  read: (keys) => ({
    token: requiredSecretAt(keys, 'bot_token'),
    url: urlAt(keys, 'api_url', API),
    chat: textAt(keys, 'chat_id') ?? '',
    topic: keys['message_thread_id'] === undefined ? undefined : Number(keys['message_thread_id']),
    isQuiet: keys['disable_notifications'] === true,
    chart: keys['chart'] !== false,
    http: httpAt(keys),
  }),
  render: (message, thread, { chat, topic, isQuiet }) => ({
    chat_id: chat,
    ...telegramPayload(message),
    ...(topic !== undefined && { message_thread_id: topic }),
    ...(isQuiet && { disable_notification: true }),
    ...(thread?.['telegram'] !== undefined && {
      reply_parameters: { message_id: Number(thread['telegram']), allow_sending_without_reply: true },
    }),
    ...telegramChart(message),
  }),
  charts: ({ chart }) => chart,
  ...AT_PLAIN_URL,
  send,
};

async function send(payload: Payload, options: TelegramOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.token], io, signal);
  const base = `${options.url}/bot${options.token.reveal()}`;
  const { rest, chart } = apart(payload);
  const plain = (to: JsonObject) => sender.call({ url: `${base}/sendMessage`, json: to });
  const post = async (to: JsonObject) => {
    if (chart === undefined) return plain(to);
    const answered = await sender.call({ url: `${base}/sendPhoto`, ...multipart(asCaption(to, chart)) });
    // A picture that the chat does not allow, for one: nothing was posted.
    const isRefused = answered.answered && mayMeanPicture(answered.answer) && movedTo(answered.answer) === undefined;
    return isRefused ? plain(to) : answered;
  };
  let answered = await post(rest);
  const moved = answered.answered ? movedTo(answered.answer) : undefined;
  if (moved !== undefined) answered = await post({ ...rest, chat_id: moved });
  if (!answered.answered) return answered.outcome;
  const { answer } = answered;
  if (isSuccess(answer)) {
    const outcome = taken(sender, answer, TAKEN, receiptOf(rest, jsonOf(answer)));
    const text = `the group has become a supergroup, which received the message: set chat_id: ${moved}`;
    return moved === undefined ? outcome : { ...outcome, warning: { kind: 'config', text } };
  }
  const said = jsonOf(answer);
  // Telegram says in its answer what others say in a header.
  const after = parametersOf(answer)['retry_after'];
  const text = isObject(said) && typeof said['description'] === 'string' ? said['description'] : answer.text;
  return sender.refused({ ...answer, text, retryAfter: typeof after === 'number' ? String(after) : answer.retryAfter });
}

/** https://core.telegram.org/bots/api#responseparameters */
function parametersOf(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  const said = jsonOf(answer);
  return isObject(said) && isObject(said['parameters']) ? said['parameters'] : {};
}

/** Where a group is that has become a supergroup; nothing was posted to the old one. */
function movedTo(answer: HttpAnswer): string | undefined {
  const id = parametersOf(answer)['migrate_to_chat_id'];
  return isSuccess(answer) || typeof id !== 'number' ? undefined : String(id);
}

/** All later messages of an incident answer to the first. */
function receiptOf(payload: Payload, said: unknown): Receipt | undefined {
  const before = isObject(payload['reply_parameters']) ? payload['reply_parameters']['message_id'] : undefined;
  const result = isObject(said) && isObject(said['result']) ? said['result']['message_id'] : undefined;
  const first = before ?? result;
  return typeof first === 'number' ? { telegram: String(first) } : undefined;
}
