import { Type } from 'typebox';
import { isObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { apiUrlKey, HTTP_KEYS, requiredText } from '../http-client/options.ts';
import { basic } from '../http-client/proxy.ts';
import { httpSender, isSuccess, jsonOf, jsonWith, taken } from '../http-client/send.ts';
import { requiredSecretAt, textAt, urlAt } from '../keys.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { shortText } from '../short-text.ts';

const API = 'https://api.twilio.com';
const TAKEN = jsonWith('Twilio', 'sid');

/** Who sends short messages to which number. */
interface TwilioOptions {
  readonly account: string;
  readonly token: Secret;
  readonly url: string;
  readonly from: string;
  readonly to: string;
  readonly http: HttpConfig;
}

/** Twilio takes 1,600 characters and bills each 70 of them; what does not fit 320 is on the page. */
const MOST = 320;

/** Short messages (SMS) by Twilio. */
export const twilioChannel: Channel<TwilioOptions> = {
  name: 'twilio',
  description: 'Short messages (SMS) by Twilio, each entry to one number.',
  schema: {
    ...Type.Object(
      {
        account_sid: requiredText('SID of the account.', {
          examples: ['AC00000000000000000000000000000000'],
          pattern: '^AC[0-9a-zA-Z]{1,64}$',
        }),
        auth_token: requiredText('Auth token of the account.'),
        from: requiredText('Sender number, or SID of a messaging service (MG…).', { examples: ['+15550100'] }),
        to: requiredText('Recipient number.', { examples: ['+15550199'], pattern: '^\\+[0-9]{5,15}$' }),
        api_url: apiUrlKey(API),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['auth_token'],
  read: (keys) => ({
    account: textAt(keys, 'account_sid') ?? '',
    token: requiredSecretAt(keys, 'auth_token'),
    url: urlAt(keys, 'api_url', API),
    from: textAt(keys, 'from') ?? '',
    to: textAt(keys, 'to') ?? '',
    http: httpAt(keys),
  }),
  render: (message) => ({ body: shortText(message, MOST) }),
  ...AT_PLAIN_URL,
  send,
};

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource and https://www.twilio.com/docs/api/errors */
async function send(payload: Payload, options: TwilioOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const { account, token, url, from, to } = options;
  const sender = httpSender(options.http, [token], io, signal);
  const sending: readonly [string, string] = from.startsWith('MG') ? ['MessagingServiceSid', from] : ['From', from];
  const answered = await sender.call({
    url: `${url}/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`,
    headers: { authorization: basic(account, token.reveal()), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams([['To', to], sending as [string, string], ['Body', String(payload['body'])]]).toString(),
  });
  if (!answered.answered) return answered.outcome;
  const { answer } = answered;
  if (isSuccess(answer)) return taken(sender, answer, TAKEN);
  const said = jsonOf(answer);
  return sender.refused(isObject(said) && typeof said['message'] === 'string' ? { ...answer, text: said['message'] } : answer);
}
