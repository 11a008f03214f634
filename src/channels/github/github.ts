import { Type } from 'typebox';
import { isObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import type { HttpAnswer } from '../http-client/answer.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { apiUrlKey, HTTP_KEYS, optionalTexts, requiredText } from '../http-client/options.ts';
import { httpSender } from '../http-client/send.ts';
import { requiredSecretAt, textAt, textsAt, urlAt } from '../keys.ts';
import { MARKDOWN } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { memberOf, stepOf, type Tracker, ticketOf, workOn } from '../tickets.ts';

const API = 'https://api.github.com';

/** In which repository issues are opened. */
interface GithubOptions {
  readonly token: Secret;
  readonly url: string;
  readonly repository: string;
  readonly labels: readonly string[];
  readonly http: HttpConfig;
}

/** https://docs.github.com/rest/issues/issues#create-an-issue: 256 and 65,536 characters; a body is read back within 64 KiB. */
const FORM = { markup: MARKDOWN, title: 256, body: 12_000 } as const;

/** Issues of a GitHub repository: one for each incident. */
export const githubChannel: Channel<GithubOptions> = {
  name: 'github',
  description: 'Issues in GitHub repositories: one per incident, with comments, closed on recovery.',
  schema: {
    ...Type.Object(
      {
        token: requiredText('Token that may read and write issues of the repository.'),
        api_url: apiUrlKey(API, 'Address of the API; for GitHub Enterprise Server https://HOST/api/v3.'),
        repository: requiredText('The repository.', { examples: ['shop/todo'], pattern: '^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$' }),
        labels: optionalTexts('Labels of new issues.', 20, { maxLength: 50 }),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['token'],
  read: (keys) => ({
    token: requiredSecretAt(keys, 'token'),
    url: urlAt(keys, 'api_url', API),
    repository: textAt(keys, 'repository') ?? '',
    labels: textsAt(keys, 'labels'),
    http: httpAt(keys),
  }),
  render: (message, thread) => ticketOf(message, thread, FORM),
  ...AT_PLAIN_URL,
  send,
};

function send(payload: Payload, options: GithubOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.token], io, signal);
  const headers = {
    authorization: `Bearer ${options.token.reveal()}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  };
  const issues = `${options.url}/repos/${options.repository}/issues`;
  const step = <T>(method: string, url: string, json: object | undefined, read: (said: unknown) => T | undefined) =>
    stepOf(sender, { method, url, headers, ...(json !== undefined && { json: { ...json } }) }, read, asLimited);
  const tracker: Tracker = {
    find: async (mark) => {
      const query = encodeURIComponent(`"${mark}" in:body is:issue is:open repo:${options.repository}`);
      const found = await step('GET', `${options.url}/search/issues?per_page=1&q=${query}`, undefined, itemsOf);
      return found.ok ? { ok: true, value: memberOf(found.value[0], 'number') } : found;
    },
    create: () =>
      step('POST', issues, { title: payload['title'] ?? '', body: marked(payload), labels: options.labels }, (said) =>
        memberOf(said, 'number'),
      ),
    comment: (id) => step('POST', `${issues}/${id}/comments`, { body: payload['comment'] ?? '' }, isObjectIn),
    close: (id) => step('PATCH', `${issues}/${id}`, { state: 'closed', state_reason: 'completed' }, isObjectIn),
  };
  return workOn(payload, tracker);
}

function itemsOf(said: unknown): readonly unknown[] | undefined {
  return isObject(said) && Array.isArray(said['items']) ? said['items'] : undefined;
}

function isObjectIn(said: unknown): true | undefined {
  return isObject(said) ? true : undefined;
}

/** A comment of HTML is not shown, and is found. */
function marked(payload: Payload): string {
  return `${payload['body']}\n\n<!-- ${payload['mark']} -->`;
}

/**
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 or 429, and when to come again in one of two headers; without
 * them in a minute at the earliest.
 */
function asLimited(answer: HttpAnswer): HttpAnswer {
  const { status, text, retryAfter, resetsAt } = answer;
  const saysWhen = retryAfter !== undefined || resetsAt !== undefined;
  if (status !== 429 && !(status === 403 && (saysWhen || /rate limit/i.test(text)))) return answer;
  return { ...answer, status: 429, ...(!saysWhen && { retryAfter: '60' }) };
}
