import { Type } from 'typebox';
import { TocsinError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import type { HttpAnswer } from '../http-client/answer.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, requiredText } from '../http-client/options.ts';
import { httpSender, isSuccess } from '../http-client/send.ts';
import { type OptionKeys, secretUrlAt, textAt } from '../keys.ts';
import { addressOf, probeUrl } from '../probe-url.ts';
import { webhookBody } from '../webhook/body.ts';
import { type BodyTemplate, readJsonTemplate, readTextTemplate, renderBody } from './body.ts';

/** A request of one's own: what is sent, and which answers are a success. */
interface HttpOptions {
  readonly url: Secret;
  readonly method: string;
  readonly body: BodyTemplate;
  readonly contentType: string;
  readonly success: SuccessCondition;
  readonly http: HttpConfig;
}

interface SuccessCondition {
  /** Undefined: any 2xx. */
  readonly status: readonly number[] | undefined;
  readonly contains: string | undefined;
}

const status = Type.Integer({ minimum: 100, maximum: 599 });

/** Requests of any form, for services without a channel of their own. */
export const httpChannel: Channel<HttpOptions> = {
  name: 'http',
  description: 'Services without a dedicated channel: any method, headers and body, and a condition for success.',
  schema: {
    ...Type.Object(
      {
        url: requiredText('URL that requests are sent to.'),
        method: Type.Optional(
          Type.Enum(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'], { default: 'POST', description: 'Method; GET has no body.' }),
        ),
        json: Type.Optional(
          Type.Unsafe({
            type: 'object',
            description:
              'Body as JSON, in which each string is a template over the keys of the JSON of webhooks: `{ text: "{{ headline }}" }`.',
          }),
        ),
        body: optionalText('Body as text: one template over the same keys. Use `| json` within JSON.', { maxLength: 20_000 }),
        content_type: optionalText('Content-Type of `body`.', {
          default: 'text/plain; charset=utf-8',
          pattern: '^[\\x20-\\x7e]+$',
        }),
        success_status: Type.Optional(
          Type.Array(status, {
            minItems: 1,
            maxItems: 50,
            description: 'Statuses that mean success. Default: any 2xx without a web page as body.',
          }),
        ),
        success_contains: optionalText('Text that a successful response contains within its first 64 KiB.', { maxLength: 1_000 }),
        ...HTTP_KEYS,
      },
      { additionalProperties: false, not: { required: ['json', 'body'] } },
    ),
  },
  secrets: ['url'],
  read: readHttpOptions,
  render: (message, _thread, { body }) => {
    const made = renderBody(body, webhookBody(boundedMessage(message)));
    return made.ok ? { id: message.id, body: made.text } : { id: message.id, problem: made.problem };
  },
  place: ({ url }) => addressOf(url),
  probe: probeUrl,
  send,
};

function readHttpOptions(keys: OptionKeys): HttpOptions {
  const method = textAt(keys, 'method') ?? 'POST';
  const body = readBody(keys, method);
  const list = keys['success_status'];
  return {
    url: secretUrlAt(keys, 'url'),
    method,
    body,
    contentType: body.kind === 'text' ? (textAt(keys, 'content_type') ?? 'text/plain; charset=utf-8') : 'application/json',
    success: { status: Array.isArray(list) ? list.map(Number) : undefined, contains: textAt(keys, 'success_contains') },
    http: httpAt(keys),
  };
}

function readBody(keys: OptionKeys, method: string): BodyTemplate {
  const [json, text] = [keys['json'], textAt(keys, 'body')];
  if (method === 'GET') {
    if (json !== undefined || text !== undefined)
      throw new TocsinError('http/body', 'a GET request has no body', { hint: 'use method: POST' });
    return { kind: 'none' };
  }
  if (json !== undefined) return { kind: 'json', value: readJsonTemplate(json) };
  return text === undefined ? { kind: 'message' } : { kind: 'text', template: readTextTemplate(text, 'body') };
}

async function send(payload: Payload, options: HttpOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const { url, method, body, contentType, success, http } = options;
  const problem = payload['problem'];
  if (typeof problem === 'string') return { kind: 'rejected', reason: { kind: 'invalid_payload', text: problem } };
  const sender = httpSender(http, [url], io, signal);
  const content = body.kind === 'none' ? {} : { body: String(payload['body']) };
  const headers = { 'idempotency-key': String(payload['id']), ...(body.kind === 'none' ? {} : { 'content-type': contentType }) };
  // What counts as a success is for the configuration to say: then a page can be one.
  const mayBePage = success.status !== undefined || success.contains !== undefined;
  const answered = await sender.call({ method, url: url.reveal(), headers, ...content, mayBePage });
  if (!answered.answered) return answered.outcome;
  const { answer } = answered;
  const failed = unmet(answer, success);
  if (failed === undefined) return { kind: 'delivered' };
  const refused = sender.refused(answer);
  // The server took the message, but not as the condition wants: another attempt would end the same way.
  if (!isSuccess(answer) || refused.kind !== 'rejected') return refused;
  return {
    kind: 'rejected',
    reason: { kind: 'client_error', text: `${failed}: HTTP ${answer.status}: ${sender.hide(answer.text)}` },
  };
}

/** What an answer lacks for a success; undefined: nothing. */
function unmet(answer: HttpAnswer, { status: known, contains }: SuccessCondition): string | undefined {
  const accepted = known === undefined ? isSuccess(answer) : known.includes(answer.status);
  if (!accepted) return 'the status is not in success_status';
  return contains === undefined || answer.text.includes(contains) ? undefined : 'the response does not contain success_contains';
}
