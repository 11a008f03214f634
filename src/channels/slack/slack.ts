import type { IncomingWebhookSendArguments } from '@slack/webhook';
import { forPeople } from '../../messages/summary.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import {
  answerOutcome,
  failureOutcome,
  type HttpAnswer,
  hiding,
  NOT_STARTED,
  pageOutcome,
  readAnswer,
} from '../http-client/answer.ts';
import { withConfigured } from '../http-client/send.ts';
import { addressOf, probeUrl } from '../probe-url.ts';
import { sendAsApp } from './app.ts';
import { slackAppPayload } from './app-payload.ts';
import { readSlackOptions, type SlackOptions, slackSchema } from './options.ts';
import { slackPayload } from './payload.ts';

/** Posts messages to Slack through an incoming webhook, or as an app. */
export const slackChannel: Channel<SlackOptions> = {
  name: 'slack',
  description: 'Slack channels, each through an incoming webhook or by an app.',
  schema: slackSchema,
  secrets: ['api_url', 'bot_token'],
  secretsOf: ({ app }) => (app === undefined ? ['api_url'] : ['bot_token']),
  read: readSlackOptions,
  render: (message, thread, { app }) => {
    const bounded = forPeople(boundedMessage(message));
    return app === undefined ? slackPayload(bounded) : slackAppPayload(bounded, thread, app);
  },
  charts: ({ app }) => app?.chart === true,
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send,
};

async function send(payload: Payload, options: SlackOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  if (options.app !== undefined) return sendAsApp(payload, options, options.app, io, signal);
  const hide = hiding(options.url, ...options.http.secrets);
  if (signal.aborted) return NOT_STARTED;
  let answer: HttpAnswer | undefined;
  // The library shows no headers and takes no signal, so its fetch is ours: it keeps the answer, bounds it and honours the signal.
  const fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = withConfigured(Object.fromEntries(new Headers(init.headers)), false, options.http);
    const response = await io.fetch(url, { ...init, headers, redirect: 'error', signal, connection: options.http });
    answer = await readAnswer(response);
    return new Response(answer.text, { status: response.status, statusText: response.statusText });
  };
  // Only where messages are sent: most commands send none.
  const { IncomingWebhook } = await import('@slack/webhook');
  try {
    await new IncomingWebhook(options.url.reveal(), { fetch }).send(payload as IncomingWebhookSendArguments);
  } catch (error) {
    if (answer === undefined) return failureOutcome(error, signal, hide);
  }
  return answer === undefined ? NOT_STARTED : outcomeOf(answer, io.now, hide);
}

function outcomeOf(answer: HttpAnswer, now: number, hide: (text: string) => string): Outcome {
  if (answer.status < 200 || answer.status > 299) return answerOutcome(answer, now, hide);
  if (answer.text.trim() === 'ok') return { kind: 'delivered' };
  const page = pageOutcome(answer, hide);
  if (page !== undefined) return page;
  const text = `answered ${answer.status}, but not with Slack's "ok": ${hide(answer.text)}`;
  return { kind: 'delivered', warning: { kind: 'client_error', text } };
}
