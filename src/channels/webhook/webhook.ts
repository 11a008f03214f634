import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../core/json.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { httpSender, sendOnce } from '../http-client/send.ts';
import { addressOf, probeUrl } from '../probe-url.ts';
import { webhookBody } from './body.ts';
import { readWebhookOptions, type WebhookOptions, webhookSchema } from './options.ts';

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
