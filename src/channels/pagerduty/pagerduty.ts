import { Type } from 'typebox';
import { isObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess, jsonOf } from '../http-client/send.ts';
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

async function send(payload: Payload, options: PagerDutyOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.routingKey], io, signal);
  const answered = await sender.call({ url: options.url, json: { routing_key: options.routingKey.reveal(), ...payload } });
  if (!answered.answered) return answered.outcome;
  const { answer } = answered;
  if (!isSuccess(answer)) return sender.refused(answer);
  const said = jsonOf(answer);
  if (isObject(said) && said['status'] === 'success') return { kind: 'delivered' };
  const text = `answered ${answer.status}, but not with PagerDuty's "success": ${sender.hide(answer.text)}`;
  return { kind: 'delivered', warning: { kind: 'client_error', text } };
}
