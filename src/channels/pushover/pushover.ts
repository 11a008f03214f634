import { Type } from 'typebox';
import type { JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import { overallStatus } from '../../messages/wording.ts';
import type { Channel } from '../channel.ts';
import { CHART_KEY } from '../chart-key.ts';
import { clip } from '../clean-text.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { apiUrlKey, HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess, jsonWith, sendOnce, taken } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { markedUp, PLAIN_TEXT, SIZES } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { onScale, SCALES } from '../severity-scales.ts';
import { apart, chartPart, mayMeanPicture } from '../with-chart.ts';

const API = 'https://api.pushover.net';
/** https://pushover.net/api#response */
const TAKEN = jsonWith('Pushover', 'status', 1);

/** Which application notifies which user or group of Pushover. */
interface PushoverOptions {
  readonly token: Secret;
  readonly userKey: Secret;
  readonly url: string;
  readonly device: string | undefined;
  readonly sound: string | undefined;
  readonly chart: boolean;
  readonly http: HttpConfig;
}

/** Characters: https://pushover.net/api#limits; an emergency is repeated each minute for an hour, until someone confirms it. */
const LIMITS = { message: 1_024, title: 250, url: 512, urlTitle: 100, retry: 60, expire: 3_600, emergency: 2 } as const;

/** Notifications of phones by Pushover. */
export const pushoverChannel: Channel<PushoverOptions> = {
  name: 'pushover',
  description: 'Users and groups of Pushover.',
  schema: {
    ...Type.Object(
      {
        token: requiredText('API token of the application.'),
        user_key: requiredText('Key of the user or group.'),
        api_url: apiUrlKey(API),
        device: optionalText('Device. Default: all of them.'),
        sound: optionalText('Sound. Default: that of the user.'),
        chart: CHART_KEY,
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['token', 'user_key'],
  read: (keys) => ({
    token: requiredSecretAt(keys, 'token'),
    userKey: requiredSecretAt(keys, 'user_key'),
    url: urlAt(keys, 'api_url', API),
    device: textAt(keys, 'device'),
    sound: textAt(keys, 'sound'),
    chart: keys['chart'] !== false,
    http: httpAt(keys),
  }),
  render: (message, _thread, { device, sound }) => ({
    ...pushoverMessage(message),
    ...(device !== undefined && { device }),
    ...(sound !== undefined && { sound }),
    ...chartPart(message),
  }),
  charts: ({ chart }) => chart,
  ...AT_PLAIN_URL,
  send: async (payload, { token, userKey, url, http }, io, signal) => {
    const sender = httpSender(http, [token, userKey], io, signal);
    const { quiets: _tag, ...said } = payload;
    const { rest, chart } = apart(said);
    const post = (more: JsonObject) =>
      sender.call({ url: `${url}/1/messages.json`, json: { token: token.reveal(), user: userKey.reveal(), ...rest, ...more } });
    // https://pushover.net/api#attachments
    const picture = chart && { attachment_base64: Buffer.from(chart.png).toString('base64'), attachment_type: 'image/png' };
    let answered = await post(picture ?? {});
    if (picture !== undefined && answered.answered && mayMeanPicture(answered.answer)) answered = await post({});
    if (!answered.answered) return answered.outcome;
    if (!isSuccess(answered.answer)) return sender.refused(answered.answer);
    if (typeof payload['quiets'] !== 'string') return taken(sender, answered.answer, TAKEN);
    // https://pushover.net/api/receipts#cancel: what has ended rings no more, even where no one has confirmed it.
    const tag = encodeURIComponent(payload['quiets']);
    const quieted = await sendOnce(sender, {
      url: `${url}/1/receipts/cancel_by_tag/${tag}.json`,
      json: { token: token.reveal() },
    });
    if (quieted.kind === 'delivered') return taken(sender, answered.answer, TAKEN);
    const text = `the message was sent, but the emergency keeps ringing until someone confirms it: ${quieted.reason.text}`;
    return { kind: 'delivered', warning: { ...quieted.reason, text } };
  },
};

function pushoverMessage(message: Message): JsonObject {
  const { outline, text } = markedUp(
    message,
    { ...PLAIN_TEXT, withoutLinks: true },
    { most: LIMITS.message, sizeOf: SIZES.characters },
  );
  const link = outline.parts
    .flatMap((part) => (part.kind === 'links' ? part.links : []))
    .find(({ url }) => url.length <= LIMITS.url);
  const status = overallStatus(message);
  const onPhone: number = onScale(SCALES.pushover, message.severity);
  const isOver = status !== 'firing' && status !== 'event';
  const priority = isOver ? 0 : onPhone;
  const tag = `tocsin-${message.dedupKey}`;
  return {
    title: clip(`${outline.sign} ${outline.headline}`, LIMITS.title),
    message: text,
    priority,
    ...(priority === LIMITS.emergency && { retry: LIMITS.retry, expire: LIMITS.expire, tags: tag }),
    ...(isOver && onPhone === LIMITS.emergency && { quiets: tag }),
    timestamp: Math.floor(message.at / 1_000),
    ...(link !== undefined && { url: link.url, url_title: clip(link.label, LIMITS.urlTitle) }),
  };
}
