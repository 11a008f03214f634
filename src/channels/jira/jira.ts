import { Type } from 'typebox';
import { TocsinError } from '../../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import type { Secret } from '../../core/secret.ts';
import type { Message } from '../../messages/message.ts';
import type { Channel, ChannelIo, Outcome, Payload, Receipt } from '../channel.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS, optionalText, optionalTexts, requiredText } from '../http-client/options.ts';
import { basic } from '../http-client/proxy.ts';
import { type HttpSender, httpSender } from '../http-client/send.ts';
import { secretAt, textAt, textsAt, urlAt } from '../keys.ts';
import { PLAIN_TEXT } from '../marked-up.ts';
import { AT_PLAIN_URL } from '../probe-url.ts';
import { memberOf, stepOf, type Tracker, type TrackerStep, ticketOf, workOn } from '../tickets.ts';
import { JIRA_WIKI } from './wiki.ts';

/** In which project of Jira issues are opened, and how they are closed. */
interface JiraOptions {
  readonly url: string;
  readonly isCloud: boolean;
  readonly login: { readonly username: string | undefined; readonly token: Secret } | undefined;
  readonly project: string;
  readonly issueType: string;
  readonly labels: readonly string[];
  readonly fields: JsonObject;
  readonly resolveTransition: string | undefined;
  readonly http: HttpConfig;
}

/** https://support.atlassian.com/jira/kb/jira-limits: a summary has 255 characters, a text 32,767. */
const LIMITS = { title: 250, body: 30_000 } as const;
/** What the cloud counts may be the document that holds the text, which is longer. */
const FORM = { markup: PLAIN_TEXT, ...LIMITS, sizeOf: (text: string) => JSON.stringify(documentOf(text)).length } as const;
const WIKI_FORM = { markup: JIRA_WIKI, ...LIMITS } as const;

/** Issues of Jira: one for each incident. */
export const jiraChannel: Channel<JiraOptions> = {
  name: 'jira',
  description:
    'Issues in Jira projects, in the cloud or a data center: one per incident, with comments, resolved by a transition.',
  schema: {
    ...Type.Object(
      {
        api_url: requiredText('Address of the site.', { examples: ['https://shop.atlassian.net'] }),
        api_type: Type.Optional(
          Type.Union([Type.Literal('auto'), Type.Literal('cloud'), Type.Literal('datacenter')], {
            default: 'auto',
            description: 'The API of the site. `auto`: the cloud API at atlassian.net, that of Jira Data Center elsewhere.',
          }),
        ),
        username: optionalText(
          'E-mail address of the account; with api_token. For Jira Data Center: its user name. Alternatively, authorization in http_config.',
        ),
        api_token: optionalText(
          'API token of the account. For Jira Data Center: its password, or a personal access token without username.',
        ),
        project: requiredText('Key of the project.', { examples: ['OPS'], maxLength: 100 }),
        issue_type: requiredText('Type of new issues.', { examples: ['Incident'] }),
        labels: optionalTexts('Labels of new issues.', 20, { maxLength: 255, pattern: '^\\S+$' }),
        fields: Type.Optional(
          Type.Unsafe({
            type: 'object',
            description: 'Additional fields of new issues, in the format of the Jira API: `{ priority: { name: High } }`.',
          }),
        ),
        resolve_transition: optionalText(
          'Name of the transition on recovery. Default: a comment is added and the issue stays open.',
        ),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: ['api_token'],
  read: (keys) => {
    const [username, token] = [textAt(keys, 'username'), secretAt(keys, 'api_token')];
    const url = urlAt(keys, 'api_url', 'https://shop.atlassian.net');
    const type = textAt(keys, 'api_type') ?? 'auto';
    const isCloud = type === 'auto' ? /(?:^|\.)atlassian\.net$/.test(new URL(url).hostname) : type === 'cloud';
    if (username === undefined ? token !== undefined && isCloud : token === undefined)
      throw new TocsinError('channel/secret', 'username and api_token require each other', {
        hint: 'set both, or authorization in http_config; only Jira Data Center has tokens without a name (api_type: datacenter)',
      });
    const fields = keys['fields'];
    return {
      url,
      isCloud,
      login: token === undefined ? undefined : { username, token },
      project: textAt(keys, 'project') ?? '',
      issueType: textAt(keys, 'issue_type') ?? '',
      labels: textsAt(keys, 'labels'),
      fields: isObject(fields) ? (fields as JsonObject) : {},
      resolveTransition: textAt(keys, 'resolve_transition'),
      http: httpAt(keys),
    };
  },
  render: (message, thread, { isCloud }) => (isCloud ? cloudTicket(message, thread) : ticketOf(message, thread, WIKI_FORM)),
  ...AT_PLAIN_URL,
  send,
};

function cloudTicket(message: Message, thread: Receipt | undefined): JsonObject {
  const { body, comment, ...ticket } = ticketOf(message, thread, FORM);
  return { ...ticket, body: documentOf(String(body)), comment: documentOf(String(comment)) };
}

/** Text as Atlassian's document format has it: nodes of text, in which nothing is formatted. */
function documentOf(text: string): JsonObject {
  const content = text.split('\n\n').map((paragraph) => ({ type: 'paragraph', content: linesOf(paragraph) }));
  return { type: 'doc', version: 1, content };
}

function linesOf(paragraph: string): readonly Json[] {
  const lines = paragraph.split('\n').filter((line) => line !== '');
  return lines.flatMap((line, index) => [...(index === 0 ? [] : [{ type: 'hardBreak' }]), { type: 'text', text: line }]);
}

/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and https://docs.atlassian.com/software/jira/docs/api/REST/latest */
function send(payload: Payload, options: JiraOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const { login, url, http } = options;
  const sender = httpSender(http, [login?.token], io, signal);
  const headers: Readonly<Record<string, string>> = login === undefined ? {} : { authorization: authorizationOf(login) };
  const api = `${url}/rest/api/${options.isCloud ? 3 : 2}`;
  return workOn(payload, trackerOf(payload, options, { sender, headers, api }));
}

function authorizationOf({ username, token }: NonNullable<JiraOptions['login']>): string {
  return username === undefined ? `Bearer ${token.reveal()}` : basic(username, token.reveal());
}

interface JiraApi {
  readonly sender: HttpSender;
  readonly headers: Readonly<Record<string, string>>;
  readonly api: string;
}

function trackerOf(payload: Payload, options: JiraOptions, { sender, headers, api }: JiraApi): Tracker {
  const { isCloud, project, issueType, labels, fields, resolveTransition } = options;
  const step = <T>(method: string, path: string, json: JsonObject | undefined, read: (said: unknown) => T | undefined) =>
    stepOf(sender, { method, url: `${api}${path}`, headers, ...(json !== undefined && { json }) }, read);
  return {
    find: async (mark) => {
      const jql = `project = "${project.replace(/["\\]/g, '')}" AND labels = "${mark}" AND statusCategory != Done ORDER BY created DESC`;
      const found = await step('POST', isCloud ? '/search/jql' : '/search', { jql, maxResults: 1, fields: ['status'] }, (said) =>
        listAt(said, 'issues'),
      );
      return found.ok ? { ok: true, value: memberOf(found.value[0], 'key') } : found;
    },
    create: () => {
      const given = { project: { key: project }, issuetype: { name: issueType }, summary: payload['title'] ?? '' };
      const labelled = [...labels, String(payload['mark'])];
      const issue = { ...fields, ...given, description: payload['body'] ?? null, labels: labelled };
      return step('POST', '/issue', { fields: issue }, (said) => memberOf(said, 'key'));
    },
    comment: (id) =>
      step('POST', `/issue/${encodeURIComponent(id)}/comment`, { body: payload['comment'] ?? null }, (said) => said ?? true),
    close: async (id): Promise<TrackerStep<unknown>> => {
      if (resolveTransition === undefined) return { ok: true, value: undefined };
      const path = `/issue/${encodeURIComponent(id)}/transitions`;
      const known = await step('GET', path, undefined, (said) => listAt(said, 'transitions'));
      if (!known.ok) return known;
      const wanted = known.value.find((one) => memberOf(one, 'name')?.toLowerCase() === resolveTransition.toLowerCase());
      const transition = memberOf(wanted, 'id');
      // Someone has closed it already, or it cannot be closed from where it is: people see that in Jira.
      if (transition === undefined) return { ok: true, value: undefined };
      return step('POST', path, { transition: { id: transition } }, () => true);
    },
  };
}

function listAt(said: unknown, key: string): readonly unknown[] | undefined {
  const list = isObject(said) ? own(said, key) : undefined;
  return Array.isArray(list) ? list : undefined;
}
