import { Type } from 'typebox';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { basic } from '../http-client/proxy.ts';
import { httpSender } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { PLAIN_TEXT } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { onScale, SCALES } from '../severity-scales.ts';
import { memberOf, stepOf, type Tracker, ticketOf, workOn } from '../tickets.ts';

/** Which instance of ServiceNow takes incidents. */
interface ServiceNowOptions {
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
  readonly table: string;
  readonly fields: JsonObject;
  readonly closeFields: JsonObject;
  readonly http: HttpConfig;
}

/** Lengths of the fields of a new instance: short_description 160, description and work_notes 4,000. */
const FORM = { markup: PLAIN_TEXT, title: 160, body: 3_900 } as const;
/** State 6 is "Resolved", for which an incident needs a code and notes. */
const CLOSE = { state: '6', close_code: 'Solution provided', close_notes: 'Resolved by Tocsin' } as const;

/** Incidents of ServiceNow, by its Table API: one for each incident of an alert group. */
export const serviceNowChannel: Channel<ServiceNowOptions> = {
  name: 'servicenow',
  description: 'Incidents of ServiceNow, by its Table API.',
  schema: {
    ...Type.Object(
      {
        instance_url: requiredText('Address of the instance.', { examples: ['https://shop.service-now.com'] }),
        username: requiredText('User that may read and write the table.'),
        password: requiredText('Password of that user.'),
        table: optionalText('Table of the incidents.', { default: 'incident', pattern: '^[a-z0-9_]+$' }),
        fields: Type.Optional(
          Type.Unsafe({ type: 'object', description: 'Additional fields of new incidents: `{ assignment_group: Todo }`.' }),
        ),
        close_fields: Type.Optional(
          Type.Unsafe({ type: 'object', description: `Fields set on recovery. Default: \`${JSON.stringify(CLOSE)}\`.` }),
        ),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['password'],
  read: (keys) => ({
    url: urlAt(keys, 'instance_url', 'https://shop.service-now.com'),
    username: textAt(keys, 'username') ?? '',
    password: requiredSecretAt(keys, 'password'),
    table: textAt(keys, 'table') ?? 'incident',
    fields: isObject(keys['fields']) ? (keys['fields'] as JsonObject) : {},
    closeFields: isObject(keys['close_fields']) ? (keys['close_fields'] as JsonObject) : CLOSE,
    http: httpAt(keys),
  }),
  render: (message, thread) => {
    const weight = onScale(SCALES.servicenow, message.severity);
    return { ...ticketOf(message, thread, FORM), weight };
  },
  ...AT_PLAIN_URL,
  send,
};

/** https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html */
function send(payload: Payload, options: ServiceNowOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const { url, username, password, table, fields, closeFields, http } = options;
  const sender = httpSender(http, [password], io, signal);
  const headers = { authorization: basic(username, password.reveal()), accept: 'application/json' };
  const records = `${url}/api/now/table/${table}`;
  const step = <T>(method: string, address: string, json: JsonObject | undefined, read: (said: unknown) => T | undefined) =>
    stepOf(sender, { method, url: address, headers, ...(json !== undefined && { json }) }, (said) =>
      isObject(said) ? read(said['result']) : undefined,
    );
  const known = (said: unknown) => (isObject(said) ? true : undefined);
  const at = (id: string) => `${records}/${encodeURIComponent(id)}?sysparm_fields=sys_id`;
  const weight = payload['weight'] ?? null;
  const tracker: Tracker = {
    find: async (mark) => {
      const query = encodeURIComponent(`active=true^correlation_id=${mark}`);
      const address = `${records}?sysparm_limit=1&sysparm_fields=sys_id&sysparm_query=${query}`;
      const found = await step('GET', address, undefined, (said) => (Array.isArray(said) ? said : undefined));
      return found.ok ? { ok: true, value: memberOf(found.value[0], 'sys_id') } : found;
    },
    create: () => {
      const texts = { short_description: payload['title'] ?? '', description: payload['body'] ?? '' };
      const keys = { correlation_id: payload['mark'] ?? '', correlation_display: 'Tocsin' };
      const json = { impact: weight, urgency: weight, ...fields, ...texts, ...keys };
      return step('POST', `${records}?sysparm_fields=sys_id`, json, (said) => memberOf(said, 'sys_id'));
    },
    comment: (id) => step('PATCH', at(id), { work_notes: payload['comment'] ?? '' }, known),
    close: (id) => step('PATCH', at(id), closeFields, known),
  };
  return workOn(payload, tracker);
}
