import { Type } from 'typebox';
import type { Secret } from '../../core/secret.ts';
import type { Channel, Outcome } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, requiredText } from '../http-client/options.ts';
import { type HttpSender, httpSender, isSuccess } from '../http-client/send.ts';
import { secretUrlAt } from '../keys.ts';
import { addressOf, probeUrl } from '../probe-url.ts';
import { teamsCard } from './card.ts';

/** Which workflow takes the cards. */
interface TeamsOptions {
  readonly url: Secret;
  readonly http: HttpConfig;
}

/** Adaptive Cards in Microsoft Teams, through a workflow. */
export const teamsChannel: Channel<TeamsOptions> = {
  name: 'msteamsv2',
  description: 'Channels and chats of Microsoft Teams, each through a workflow that starts when a webhook request is received.',
  schema: {
    ...Type.Object(
      {
        webhook_url: requiredText('URL of the workflow, which determines the channel or chat.'),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['webhook_url'],
  read: (keys) => ({ url: secretUrlAt(keys, 'webhook_url'), http: httpAt(keys) }),
  render: (message) => teamsCard(message),
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send: async (payload, { url, http }, io, signal) => {
    const sender = httpSender(http, [url], io, signal);
    const answered = await sender.call({ url: url.reveal(), json: payload });
    return answered.answered ? outcomeOf(answered.answer, sender) : answered.outcome;
  },
};

/** A workflow answers 202 before it posts; a connector answered 200 with `1`, and with the status of Teams in words where Teams refused. */
function outcomeOf(answer: Parameters<HttpSender['refused']>[0], sender: HttpSender): Outcome {
  if (!isSuccess(answer)) return sender.refused(answer);
  const [, status] = /HTTP error (\d{3})/i.exec(answer.text) ?? [];
  return status === undefined ? { kind: 'delivered' } : sender.refused({ ...answer, status: Number(status) });
}
