import { Type } from 'typebox';
import { isObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Channel, ChannelIo, Outcome, Payload } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { apiUrlKey, HTTP_KEYS, optionalTexts, requiredText } from '../http-client/options.ts';
import { httpSender } from '../http-client/send.ts';
import { requiredSecretAt, textAt, textsAt, urlAt } from '../keys.ts';
import { MARKDOWN } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { memberOf, stepOf, type Tracker, ticketOf, workOn } from '../tickets.ts';

const SERVER = 'https://gitlab.com';

/** In which project issues are opened. */
interface GitlabOptions {
  readonly token: Secret;
  readonly url: string;
  readonly project: string;
  readonly labels: readonly string[];
  readonly http: HttpConfig;
}

/** https://docs.gitlab.com/api/issues/#create-an-issue: 255 characters, and 1,048,576; an issue is read back within 64 KiB. */
const FORM = { markup: MARKDOWN, title: 255, body: 12_000 } as const;

/** Issues of a GitLab project: one for each incident. */
export const gitlabChannel: Channel<GitlabOptions> = {
  name: 'gitlab',
  description: 'Issues in GitLab projects: one per incident, with comments, closed on recovery.',
  schema: {
    ...Type.Object(
      {
        token: requiredText('Access token with the scope api.'),
        api_url: apiUrlKey(SERVER, 'Address of the server.'),
        project: requiredText('Path or number of the project.', { examples: ['shop/todo'], maxLength: 300 }),
        labels: optionalTexts('Labels of new issues.', 20, { maxLength: 255, pattern: '^[^,]+$' }),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['token'],
  read: (keys) => ({
    token: requiredSecretAt(keys, 'token'),
    url: urlAt(keys, 'api_url', SERVER),
    project: textAt(keys, 'project') ?? '',
    labels: textsAt(keys, 'labels'),
    http: httpAt(keys),
  }),
  render: (message, thread) => ticketOf(message, thread, FORM),
  ...AT_PLAIN_URL,
  send,
};

function send(payload: Payload, options: GitlabOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [options.token], io, signal);
  const headers = { 'private-token': options.token.reveal() };
  const issues = `${options.url}/api/v4/projects/${encodeURIComponent(options.project)}/issues`;
  const step = <T>(method: string, url: string, json: object | undefined, read: (said: unknown) => T | undefined) =>
    stepOf(sender, { method, url, headers, ...(json !== undefined && { json: { ...json } }) }, read);
  const isObjectIn = (said: unknown) => (isObject(said) ? true : undefined);
  const tracker: Tracker = {
    find: async (mark) => {
      const query = `state=opened&in=description&per_page=1&search=${encodeURIComponent(mark)}`;
      const found = await step('GET', `${issues}?${query}`, undefined, (said) => (Array.isArray(said) ? said : undefined));
      return found.ok ? { ok: true, value: memberOf(found.value[0], 'iid') } : found;
    },
    create: () => {
      const description = `${payload['body']}\n\n<!-- ${payload['mark']} -->`;
      const json = { title: payload['title'] ?? '', description, labels: options.labels.join(',') };
      return step('POST', issues, json, (said) => memberOf(said, 'iid'));
    },
    comment: (id) => step('POST', `${issues}/${id}/notes`, { body: payload['comment'] ?? '' }, isObjectIn),
    close: (id) => step('PUT', `${issues}/${id}`, { state_event: 'close' }, isObjectIn),
  };
  return workOn(payload, tracker);
}
