import { Type } from 'typebox';
import type { JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel, ChannelIo, Outcome, Payload, Receipt } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, optionalTexts, requiredText } from '../http-client/options.ts';
import { httpSender } from '../http-client/send.ts';
import { requiredSecretAt, textAt, textsAt, urlAt } from '../keys.ts';
import { MARKDOWN } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { onScale, SCALES } from '../severity-scales.ts';
import { memberOf, stepOf, type Tracker, ticketOf, workOn } from '../tickets.ts';

/** Which organisation of TheHive gets alerts. */
interface TheHiveOptions {
  readonly url: string;
  readonly apiKey: Secret;
  readonly organisation: string | undefined;
  readonly type: string;
  readonly tags: readonly string[];
  readonly closeStatus: string | undefined;
  readonly http: HttpConfig;
}

/** https://docs.strangebee.com/thehive/api-docs/#operation/Create%20Alert: a title has 512 characters, a description 1,048,576. */
const FORM = { markup: MARKDOWN, title: 512, body: 12_000 } as const;

/** Alerts of TheHive 5: one for each incident. */
export const theHiveChannel: Channel<TheHiveOptions> = {
  name: 'thehive',
  description: 'Alerts in TheHive 5: one per incident, with comments, and a status set on recovery.',
  schema: {
    ...Type.Object(
      {
        api_url: requiredText('Address of the server.', { examples: ['https://thehive.example.com'] }),
        api_key: requiredText('API key of a user that may manage alerts.'),
        organisation: optionalText('Organisation. Default: that of the user.'),
        type: optionalText('Type of new alerts.', { default: 'tocsin', maxLength: 32 }),
        tags: optionalTexts('Tags of new alerts.', 50, { maxLength: 128 }),
        close_status: optionalText('Status set on recovery. Default: a comment is added and the alert keeps its status.', {
          examples: ['Ignored'],
        }),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['api_key'],
  read: (keys) => ({
    url: urlAt(keys, 'api_url', 'https://thehive.example.com'),
    apiKey: requiredSecretAt(keys, 'api_key'),
    organisation: textAt(keys, 'organisation'),
    type: textAt(keys, 'type') ?? 'tocsin',
    tags: textsAt(keys, 'tags'),
    closeStatus: textAt(keys, 'close_status'),
    http: httpAt(keys),
  }),
  render: (message, thread) => hiveTicket(message, thread),
  ...AT_PLAIN_URL,
  send,
};

/** A source takes a reference once, also when its alert was closed: the reference is of the incident, not of its alert group. */
function hiveTicket(message: Message, thread: Receipt | undefined): JsonObject {
  const severity = onScale(SCALES.thehive, message.severity);
  return { ...ticketOf({ ...message, dedupKey: message.incident }, thread, FORM), severity };
}

function send(payload: Payload, options: TheHiveOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const { url, apiKey, organisation, type, tags, closeStatus, http } = options;
  const sender = httpSender(http, [apiKey], io, signal);
  const headers = {
    authorization: `Bearer ${apiKey.reveal()}`,
    ...(organisation !== undefined && { 'x-organisation': organisation }),
  };
  const step = <T>(method: string, path: string, json: JsonObject, read: (said: unknown) => T | undefined) =>
    stepOf(sender, { method, url: `${url}/api/v1/${path}`, headers, json }, read);
  const tracker: Tracker = {
    find: async (mark) => {
      const query = [
        { _name: 'listAlert' },
        {
          _name: 'filter',
          _and: [
            { _field: 'source', _value: 'tocsin' },
            { _field: 'sourceRef', _value: mark },
          ],
        },
        { _name: 'page', from: 0, to: 1 },
      ];
      const found = await step('POST', 'query', { query }, (said) => (Array.isArray(said) ? said : undefined));
      return found.ok ? { ok: true, value: memberOf(found.value[0], '_id') } : found;
    },
    create: () => {
      const texts = { title: payload['title'] ?? '', description: payload['body'] ?? '' };
      const origin = { type, source: 'tocsin', sourceRef: payload['mark'] ?? '' };
      return step('POST', 'alert', { ...texts, ...origin, severity: payload['severity'] ?? 2, tags }, (said) =>
        memberOf(said, '_id'),
      );
    },
    comment: (id) =>
      step('POST', `alert/${encodeURIComponent(id)}/comment`, { message: payload['comment'] ?? '' }, (said) => said ?? true),
    close: async (id) =>
      closeStatus === undefined
        ? { ok: true, value: undefined }
        : step('PATCH', `alert/${encodeURIComponent(id)}`, { status: closeStatus }, () => true),
  };
  return workOn(payload, tracker);
}
