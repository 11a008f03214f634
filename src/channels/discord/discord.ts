import { Type } from 'typebox';
import { isObject } from '../../core/json.ts';
import { type Secret, secret } from '../../core/secret.ts';
import type { Channel } from '../channel.ts';
import { CHART_KEY } from '../chart-key.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { multipart } from '../http-client/multipart.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess, jsonOf, jsonWith, type TakenForm, taken } from '../http-client/send.ts';
import { secretUrlAt, textAt } from '../keys.ts';
import { addressOf, probeUrl } from '../probe-url.ts';
import { apart, chartPart, mayMeanPicture } from '../with-chart.ts';
import { discordPayload, withPicture } from './payload.ts';

/** Which webhook of Discord takes the messages, and under which name. */
interface DiscordOptions {
  readonly url: Secret;
  readonly username: string | undefined;
  readonly avatarUrl: string | undefined;
  readonly chart: boolean;
  readonly http: HttpConfig;
}

/** A server that does not wait answers 204. */
const TAKEN: TakenForm = {
  whose: 'Discord',
  isTheirs: (answer) => answer.status === 204 || jsonWith('Discord', 'id').isTheirs(answer),
};

/** Messages in Discord, through a webhook. */
export const discordChannel: Channel<DiscordOptions> = {
  name: 'discord',
  description: 'Channels of Discord, each through a webhook.',
  schema: {
    ...Type.Object(
      {
        webhook_url: requiredText('URL of the webhook, which determines the channel; `?thread_id=…` posts into a thread.'),
        username: optionalText('Name to post under. Default: that of the webhook.', { maxLength: 80 }),
        avatar_url: optionalText('Picture to post under. Default: that of the webhook.'),
        chart: CHART_KEY,
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['webhook_url'],
  read: (keys) => ({
    url: secretUrlAt(keys, 'webhook_url'),
    username: textAt(keys, 'username'),
    avatarUrl: textAt(keys, 'avatar_url'),
    chart: keys['chart'] !== false,
    http: httpAt(keys),
  }),
  render: (message, _thread, { username, avatarUrl }) => ({
    ...discordPayload(message),
    ...(username !== undefined && { username }),
    ...(avatarUrl !== undefined && { avatar_url: avatarUrl }),
    ...chartPart(message),
  }),
  charts: ({ chart }) => chart,
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send: async (payload, { url, http }, io, signal) => {
    const sender = httpSender(http, [url, secret(confirming(url))], io, signal);
    const { rest, chart } = apart(payload);
    const confirmed = confirming(url);
    const plain = () => sender.call({ url: confirmed, json: rest });
    let answered = await (chart === undefined
      ? plain()
      : sender.call({ url: confirmed, ...multipart(withPicture(rest, chart)) }));
    if (chart !== undefined && answered.answered && mayMeanPicture(answered.answer)) answered = await plain();
    if (!answered.answered) return answered.outcome;
    if (isSuccess(answered.answer)) return taken(sender, answered.answer, TAKEN);
    // https://discord.com/developers/docs/topics/rate-limits: the limits of a webhook, and global ones. Only the header is there where Cloudflare answers.
    const said = jsonOf(answered.answer);
    const after = isObject(said) && typeof said['retry_after'] === 'number' ? String(Math.ceil(said['retry_after'])) : undefined;
    return sender.refused({ ...answered.answer, retryAfter: after ?? answered.answer.retryAfter });
  },
};

/** https://discord.com/developers/docs/resources/webhook#execute-webhook: without `wait`, a message that could not be saved is answered like any other. */
function confirming(url: Secret): string {
  const address = new URL(url.reveal());
  address.searchParams.set('wait', 'true');
  return address.href;
}
