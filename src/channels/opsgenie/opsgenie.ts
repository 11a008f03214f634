import { Type } from 'typebox';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalFlag, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, jsonWith, sendInTurn } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { opsgenieAlert } from './alert.ts';

const API = 'https://api.opsgenie.com';
/** https://docs.opsgenie.com/docs/response */
const TAKEN = jsonWith('Opsgenie', 'requestId');

/** Which integration of Opsgenie, or of Jira Service Management, takes the alerts. */
interface OpsgenieOptions {
  readonly apiKey: Secret;
  readonly url: string;
  readonly responders: readonly JsonObject[];
  readonly tags: readonly string[];
  readonly updateAlerts: boolean;
  readonly http: HttpConfig;
}

/** Alerts in Opsgenie and in Jira Service Management: one for each alert group, closed at its end. */
export const opsgenieChannel: Channel<OpsgenieOptions> = {
  name: 'opsgenie',
  description: 'Alerts of Opsgenie, and of Jira Service Management, which has the same API.',
  schema: {
    ...Type.Object(
      {
        api_key: requiredText('Key of an API integration.'),
        api_url: optionalText(
          'Address of the API: https://api.eu.opsgenie.com in the EU, https://api.atlassian.com/jsm/ops/integration for Jira Service Management.',
          { default: API },
        ),
        responders: Type.Optional(
          Type.Array(
            Type.Object(
              {
                type: Type.Enum(['team', 'user', 'escalation', 'schedule'], { description: 'Kind of responder.' }),
                name: optionalText('Its name; for a user, set username.'),
                username: optionalText('E-mail address of a user.'),
                id: optionalText('Its ID, instead of a name.'),
              },
              { additionalProperties: false },
            ),
            { maxItems: 50, description: 'Who is notified. Default: the responders of the integration.' },
          ),
        ),
        tags: optionalText('Tags, separated by commas.'),
        update_alerts: optionalFlag(
          'Whether later messages change title, text and priority of an open alert; otherwise they add a note.',
          true,
        ),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['api_key'],
  read: (keys) => ({
    apiKey: requiredSecretAt(keys, 'api_key'),
    url: urlAt(keys, 'api_url', API),
    responders: Array.isArray(keys['responders']) ? (keys['responders'] as readonly JsonObject[]) : [],
    tags: (textAt(keys, 'tags') ?? '')
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
    updateAlerts: keys['update_alerts'] !== false,
    http: httpAt(keys),
  }),
  render: (message, _thread, { tags }) => opsgenieAlert(message, tags),
  ...AT_PLAIN_URL,
  send,
};

/** Each request can be repeated without harm, so an attempt that fails between two of them is made again as a whole. */
function send(payload: Payload, options: OpsgenieOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.apiKey], io, signal);
  const headers = { authorization: `GenieKey ${options.apiKey.reveal()}` };
  const alerts = `${options.url}/v2/alerts`;
  const at = (action: string) => `${alerts}/${encodeURIComponent(String(payload['alias']))}/${action}?identifierType=alias`;
  const body: JsonObject = isObject(payload['body']) ? (payload['body'] as JsonObject) : {};
  if (payload['step'] === 'close') return sendInTurn(sender, [{ url: at('close'), headers, json: body }], TAKEN);
  const responders = options.responders.length === 0 ? {} : { responders: options.responders };
  const put = (key: 'message' | 'description' | 'priority') => ({
    ...{ method: 'PUT', url: at(key), headers },
    json: { [key]: body[key] ?? null },
  });
  const note = { url: at('notes'), headers, json: { note: payload['note'] ?? '', source: 'Tocsin' } };
  const later = options.updateAlerts ? [put('message'), put('description'), put('priority')] : [note];
  const create = { url: alerts, headers, json: { ...body, ...responders } };
  return sendInTurn(sender, [create, ...(payload['changes'] === true ? later : [])], TAKEN);
}
