import { createHmac } from 'node:crypto';
import { Type } from 'typebox';
import type { JsonObject, JsonSchema } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS } from '../http-client/options.ts';
import { httpSender, sendOnce } from '../http-client/send.ts';
import { type OptionKeys, secretAt, secretUrlAt } from '../keys.ts';
import { addressOf, probeUrl } from '../probe-url.ts';
import { webhookBody } from './body.ts';

/** Where a JSON message goes and how it proves where it came from. */
interface WebhookOptions {
  readonly url: Secret;
  readonly signingSecret: Secret | undefined;
  readonly bearerToken: Secret | undefined;
  readonly http: HttpConfig;
}

/** Keys of one entry of `webhook_configs`. */
const webhookSchema: JsonSchema = {
  ...Type.Object(
    {
      url: Type.String({ minLength: 1, description: 'URL that receives the JSON message by POST.' }),
      signing_secret: Type.Optional(
        Type.String({
          minLength: 8,
          description:
            'Key of the signature in X-Tocsin-Signature: HMAC-SHA256 over the text of X-Tocsin-Timestamp, a full stop and the body.',
        }),
      ),
      bearer_token: Type.Optional(Type.String({ minLength: 1, description: 'Token of the Authorization header.' })),
      ...HTTP_KEYS,
    },
    { additionalProperties: false },
  ),
};

/** Posts messages as JSON, signed, with a key to recognise repeats. */
export const webhookChannel: Channel<WebhookOptions> = {
  name: 'webhook',
  description: 'URLs that receive messages as JSON by POST.',
  schema: webhookSchema,
  secrets: ['url', 'signing_secret', 'bearer_token'],
  read: readWebhookOptions,
  render: (message) => webhookBody(boundedMessage(message)),
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send,
};

/** Reads the keys of one entry of `webhook_configs`. */
function readWebhookOptions(keys: OptionKeys): WebhookOptions {
  return {
    url: secretUrlAt(keys, 'url'),
    signingSecret: secretAt(keys, 'signing_secret'),
    bearerToken: secretAt(keys, 'bearer_token'),
    http: httpAt(keys),
  };
}

function send(payload: Payload, options: WebhookOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.url, options.signingSecret, options.bearerToken], io, signal);
  const body = JSON.stringify(payload);
  return sendOnce(sender, { url: options.url.reveal(), headers: headersOf(payload, body, options, io.now), body });
}

function headersOf(payload: JsonObject, body: string, options: WebhookOptions, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  return {
    'content-type': 'application/json',
    'idempotency-key': String(payload['id']),
    'x-tocsin-timestamp': timestamp,
    ...(options.signingSecret === undefined
      ? {}
      : { 'x-tocsin-signature': `sha256=${signature(timestamp, body, options.signingSecret.reveal())}` }),
    ...(options.bearerToken === undefined ? {} : { authorization: `Bearer ${options.bearerToken.reveal()}` }),
  };
}

/** The hexadecimal HMAC-SHA256 that X-Tocsin-Signature carries: over the timestamp's text, a full stop and the body as it was sent. */
export function signature(timestamp: string, body: string, key: string): string {
  return createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
}
