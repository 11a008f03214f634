import { Type } from 'typebox';
import type { JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { severityKind } from '../../core/severity.ts';
import type { Message } from '../../messages/message.ts';
import { overallStatus } from '../../messages/wording.ts';
import type { Channel } from '../channel.ts';
import { clip } from '../clean-text.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { markedUp, PLAIN_TEXT, SIZES } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';

/** Which configuration of an Apprise server is notified. */
interface AppriseOptions {
  readonly url: string;
  /** The key is all that it takes to read the addresses behind it. */
  readonly key: Secret;
  readonly tag: string | undefined;
  readonly http: HttpConfig;
}

/** Texts of 32,768 characters at most, which Apprise divides as each service needs: https://github.com/caronc/apprise/wiki/Development_BaseClass. */
const MOST = 30_000;

/** Everything that Apprise knows, through its API server. */
export const appriseChannel: Channel<AppriseOptions> = {
  name: 'apprise',
  description: 'Services supported by Apprise, through an Apprise API server.',
  schema: {
    ...Type.Object(
      {
        api_url: requiredText('Address of the server.', { examples: ['http://apprise:8000'] }),
        key: requiredText('Key of a stored configuration.', { examples: ['oncall'], pattern: '^[A-Za-z0-9_-]{1,128}$' }),
        tag: optionalText('Only the services of the configuration with these tags.'),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['key'],
  read: (keys) => ({
    url: urlAt(keys, 'api_url', 'http://apprise:8000'),
    key: requiredSecretAt(keys, 'key'),
    tag: textAt(keys, 'tag'),
    http: httpAt(keys),
  }),
  render: (message, _thread, { tag }) => ({ ...appriseMessage(message), ...(tag !== undefined && { tag }) }),
  ...AT_PLAIN_URL,
  send: async (payload, { url, key, http }, io, signal) => {
    const sender = httpSender(http, [key], io, signal);
    const answered = await sender.call({ url: `${url}/notify/${encodeURIComponent(key.reveal())}`, json: payload });
    if (!answered.answered) return answered.outcome;
    const { answer } = answered;
    // It says nothing of an unknown key but that there is no content.
    if (answer.status === 204)
      return sender.refused({ ...answer, status: 404, text: 'the server has no configuration for this key' });
    // 424: some of its services did not take the message; repeating it would reach the others twice.
    if (answer.status === 424)
      return {
        kind: 'delivered',
        warning: { kind: 'client_error', text: `some services did not accept it: ${sender.hide(answer.text)}` },
      };
    return isSuccess(answer) ? { kind: 'delivered' } : sender.refused(answer);
  },
};

/** https://github.com/caronc/apprise-api#api-details */
function appriseMessage(message: Message): JsonObject {
  const { outline, text } = markedUp(message, PLAIN_TEXT, { most: MOST, sizeOf: SIZES.units });
  return { title: clip(`${outline.sign} ${outline.headline}`, 250), body: text, format: 'text', type: typeOf(message) };
}

function typeOf(message: Message): 'success' | 'failure' | 'warning' | 'info' {
  const status = overallStatus(message);
  if (status === 'resolved') return 'success';
  if (status !== 'firing' && status !== 'event') return 'info';
  const kind = severityKind(message.severity);
  return kind === 'alarming' ? 'failure' : kind === 'warning' ? 'warning' : 'info';
}
