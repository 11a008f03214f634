import { Type } from 'typebox';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, jsonWith, sendOnce } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { pagerDutyEvent } from './event.ts';

const URL_OF_EVENTS = 'https://events.pagerduty.com/v2/enqueue';

/** Which integration of PagerDuty takes the events. */
interface PagerDutyOptions {
  readonly routingKey: Secret;
  readonly url: string;
  readonly source: string | undefined;
  readonly http: HttpConfig;
}

/** Incidents in PagerDuty, by Events API v2: opened, updated and resolved under one key. */
export const pagerDutyChannel: Channel<PagerDutyOptions> = {
  name: 'pagerduty',
  description: 'Incidents of PagerDuty services, by Events API v2.',
  schema: {
    ...Type.Object(
      {
        routing_key: requiredText('Integration key of an Events API v2 integration of the service.'),
        url: optionalText('Address of the API; in the EU https://events.eu.pagerduty.com/v2/enqueue.', {
          default: URL_OF_EVENTS,
        }),
        source: optionalText('What the incident is about. Default: the values of the groups of its alerts.', { maxLength: 500 }),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['routing_key'],
  read: (keys) => ({
    routingKey: requiredSecretAt(keys, 'routing_key'),
    url: urlAt(keys, 'url', URL_OF_EVENTS),
    source: textAt(keys, 'source'),
    http: httpAt(keys),
  }),
  render: (message, _thread, options) => pagerDutyEvent(message, options),
  ...AT_PLAIN_URL,
  send,
};

/** https://developer.pagerduty.com/docs/events-api-v2-overview#response-codes--retry-logic */
const TAKEN = jsonWith('PagerDuty', 'status', 'success');

function send(payload: Payload, options: PagerDutyOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.routingKey], io, signal);
  return sendOnce(sender, { url: options.url, json: { routing_key: options.routingKey.reveal(), ...payload } }, TAKEN);
}
