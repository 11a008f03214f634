import { describe, expect, it, test } from 'vitest';
import { jiraChannel } from '../../../src/channels/jira/jira.ts';
import { escapeMarkdown } from '../../../src/channels/marked-up.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message } from '../../../src/messages/message.ts';
import type { RecordedRequest, Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { answer, attempt, bodyOf, renderedBy } from '../../support/vendor.ts';
import { firingTitle, sampleAlert, sampleMessage } from './samples.ts';

function kind(name: string): Message {
  const message = INCIDENT[name];
  if (message === undefined) throw new Error(`the incident has no ${name}`);
  return message;
}

/** A tracker with the issues that it holds: open ones by their body. */
interface Desk {
  readonly issues: Map<string, { body: string; open: boolean; comments: number }>;
  readonly reply: (request: RecordedRequest) => Reply;
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

/** Issues of GitHub, after https://docs.github.com/rest/issues/issues, /comments and https://docs.github.com/rest/search/search. */
function github(): Desk {
  const issues: Desk['issues'] = new Map();
  const reply = (request: RecordedRequest): Reply => {
    if (request.headers.authorization !== 'Bearer g1thub-token') return answer(401, { message: 'Bad credentials' });
    const url = new URL(request.path, 'https://api.github.com');
    const [, number = '', what = ''] = /^\/repos\/shop\/todo\/issues(?:\/(\d+))?(\/comments)?$/.exec(url.pathname) ?? [];
    const issue = issues.get(number);
    if (url.pathname === '/search/issues') {
      const [, mark = '?'] = /"([^"]+)"/.exec(url.searchParams.get('q') ?? '') ?? [];
      const found = [...issues]
        .filter(([, { body, open }]) => open && body.includes(mark))
        .map(([id]) => ({ number: Number(id) }));
      return answer(200, { total_count: found.length, items: found.slice(0, 1) });
    }
    if (request.method === 'POST' && number === '') {
      const { title, body } = bodyOf(request);
      if (text(title).length === 0 || text(title).length > 256 || text(body).length > 65_536)
        return answer(422, { message: 'Validation Failed' });
      const id = String(issues.size + 1);
      issues.set(id, { body: text(body), open: true, comments: 0 });
      return answer(201, { number: Number(id) });
    }
    if (issue === undefined) return answer(404, { message: 'Not Found' });
    if (what !== '') issue.comments++;
    else issue.open = bodyOf(request)['state'] !== 'closed';
    return answer(what === '' ? 200 : 201, { id: 1 });
  };
  return { issues, reply };
}

/** Issues of GitLab, after https://docs.gitlab.com/api/issues/ and https://docs.gitlab.com/api/notes/. */
function gitlab(): Desk {
  const issues: Desk['issues'] = new Map();
  const reply = (request: RecordedRequest): Reply => {
    if (request.headers['private-token'] !== 'g1tlab-token') return answer(401, { message: '401 Unauthorized' });
    const url = new URL(request.path, 'https://gitlab.com');
    const [, id = '', notes = ''] = /^\/api\/v4\/projects\/shop%2Ftodo\/issues(?:\/(\d+))?(\/notes)?$/.exec(url.pathname) ?? [];
    const issue = issues.get(id);
    if (request.method === 'GET') {
      const mark = url.searchParams.get('search') ?? '?';
      return answer(
        200,
        [...issues].filter(([, { body, open }]) => open && body.includes(mark)).map(([iid]) => ({ iid: Number(iid) })),
      );
    }
    if (request.method === 'POST' && id === '') {
      const { title, description } = bodyOf(request);
      if (text(title).length === 0 || text(title).length > 255 || text(description).length > 1_048_576)
        return answer(400, { message: {} });
      const iid = String(issues.size + 1);
      issues.set(iid, { body: text(description), open: true, comments: 0 });
      return answer(201, { iid: Number(iid) });
    }
    if (issue === undefined) return answer(404, { message: '404 Not found' });
    if (notes !== '') issue.comments++;
    else issue.open = bodyOf(request)['state_event'] !== 'close';
    return answer(notes === '' ? 200 : 201, { id: 1 });
  };
  return { issues, reply };
}

/** What differs between the two kinds of Jira. */
interface JiraKind {
  readonly api: string;
  readonly search: string;
  readonly authorization: string;
  isText(value: unknown): boolean;
}

/** Issues of Jira Cloud, after https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/. */
const CLOUD: JiraKind = {
  api: '/rest/api/3',
  search: '/search/jql',
  authorization: `Basic ${Buffer.from('ops@example.com:j1ra-token').toString('base64')}`,
  isText: isDocument,
};

/** Jira Data Center, after https://docs.atlassian.com/software/jira/docs/api/REST/latest: texts in wiki markup, tokens as bearer. */
const DATA_CENTER: JiraKind = {
  api: '/rest/api/2',
  search: '/search',
  authorization: 'Bearer j1ra-token',
  isText: (value) => typeof value === 'string' && value !== '' && value.length <= 32_767,
};

function jira({ api, search, authorization, isText }: JiraKind = CLOUD): Desk {
  const issues: Desk['issues'] = new Map();
  const reply = (request: RecordedRequest): Reply => {
    if (request.headers.authorization !== authorization) return answer(401, {});
    if (!request.path.startsWith(api)) return answer(404, {});
    const path = request.path.replace(api, '');
    const body = bodyOf(request.body === '' ? undefined : request);
    if (path === search) {
      const [, mark = '?'] = /labels = "([^"]+)"/.exec(text(body['jql'])) ?? [];
      const found = [...issues].filter(([, issue]) => issue.open && issue.body.includes(mark)).map(([key]) => ({ key }));
      return answer(200, { issues: found.slice(0, 1) });
    }
    if (path === '/issue') {
      const fields = (body['fields'] ?? {}) as Readonly<Record<string, unknown>>;
      const { summary, description, project, issuetype } = fields;
      const isValid =
        text(summary).length > 0 && text(summary).length <= 255 && !text(summary).includes('\n') && isText(description);
      if (!isValid || project === undefined || issuetype === undefined) return answer(400, { errors: { summary: 'invalid' } });
      const key = `OPS-${issues.size + 1}`;
      issues.set(key, { body: JSON.stringify(fields), open: true, comments: 0 });
      return answer(201, { id: '1', key });
    }
    const [, key = '', what = ''] = /^\/issue\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    const issue = issues.get(key);
    if (issue === undefined) return answer(404, { errorMessages: ['Issue does not exist'] });
    if (what === 'comment') {
      if (!isText(body['body'])) return answer(400, { errors: { comment: 'invalid' } });
      issue.comments++;
      return answer(201, { id: '1' });
    }
    if (request.method === 'GET')
      return answer(200, {
        transitions: [
          { id: '11', name: 'In Progress' },
          { id: '31', name: 'Done' },
        ],
      });
    issue.open = text(body['transition']) !== '{"id":"31"}';
    return { status: 204 };
  };
  return { issues, reply };
}

/** The Table API of ServiceNow, after https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html. */
function serviceNow(): Desk {
  const issues: Desk['issues'] = new Map();
  const reply = (request: RecordedRequest): Reply => {
    if (request.headers.authorization !== `Basic ${Buffer.from('tocsin:serv1cenow-password').toString('base64')}`)
      return answer(401, {});
    const url = new URL(request.path, 'https://shop.service-now.com');
    const [, id = ''] = /^\/api\/now\/table\/incident(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (request.method === 'GET') {
      const [, mark = '?'] = /correlation_id=([^^]+)/.exec(url.searchParams.get('sysparm_query') ?? '') ?? [];
      return answer(200, {
        result: [...issues].filter(([, { body, open }]) => open && body === mark).map(([sys_id]) => ({ sys_id })),
      });
    }
    const body = bodyOf(request);
    const isShort = [body['description'], body['work_notes']].every((one) => text(one).length <= 4_000);
    if (text(body['short_description']).length > 160 || !isShort) return answer(400, { error: { message: 'too long' } });
    if (request.method === 'POST') {
      const sysId = `sys${issues.size + 1}`;
      issues.set(sysId, { body: text(body['correlation_id']), open: true, comments: 0 });
      return answer(201, { result: { sys_id: sysId } });
    }
    const issue = issues.get(id);
    if (issue === undefined) return answer(404, { error: { message: 'No Record found' } });
    if (body['work_notes'] === undefined) issue.open = body['state'] !== '6';
    else issue.comments++;
    return answer(200, { result: { sys_id: id } });
  };
  return { issues, reply };
}

/** Alerts of TheHive 5, after https://docs.strangebee.com/thehive/api-docs/. */
function theHive(): Desk {
  const issues: Desk['issues'] = new Map();
  const reply = (request: RecordedRequest): Reply => {
    if (request.headers.authorization !== 'Bearer theh1ve-key') return answer(401, { type: 'AuthenticationError' });
    const body = bodyOf(request);
    const path = request.path.replace('/api/v1/', '');
    if (path === 'query') {
      const [, mark = '?'] = /"sourceRef","_value":"([^"]+)"/.exec(request.body) ?? [];
      return answer(
        200,
        [...issues].filter(([, issue]) => issue.body === mark).map(([_id]) => ({ _id })),
      );
    }
    if (path === 'alert') {
      if (text(body['title']).length > 512 || ![1, 2, 3, 4].includes(Number(body['severity'])))
        return answer(400, { type: 'BadRequest' });
      const reference = text(body['sourceRef']);
      if ([...issues.values()].some((issue) => issue.body === reference)) return answer(400, { type: 'CreateError' });
      issues.set(`~${issues.size + 1}`, { body: reference, open: true, comments: 0 });
      return answer(201, { _id: `~${issues.size}` });
    }
    const [, id = '', what = ''] = /^alert\/([^/]+)(\/comment)?$/.exec(path) ?? [];
    const issue = issues.get(decodeURIComponent(id));
    if (issue === undefined) return answer(404, { type: 'NotFoundError' });
    if (what === '') issue.open = body['status'] !== 'Ignored';
    else issue.comments++;
    return what === '' ? { status: 204 } : answer(201, { _id: '~9' });
  };
  return { issues, reply };
}

/** A document of Atlassian has paragraphs, and no text in it is empty. */
function isDocument(value: unknown): boolean {
  const { type, version, content } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return type === 'doc' && version === 1 && Array.isArray(content) && !JSON.stringify(value).includes('"text":""');
}

const DESKS: Readonly<Record<string, () => Desk>> = {
  github,
  gitlab,
  jira: () => jira(),
  'jira data center': () => jira(DATA_CENTER),
  servicenow: serviceNow,
  thehive: theHive,
};
/** Another way to a kind of destination. */
const WAYS: Readonly<Record<string, { readonly channel: string; readonly keys: Readonly<Record<string, unknown>> }>> = {
  'jira data center': { channel: 'jira', keys: { api_type: 'datacenter', username: undefined } },
};

describe.each(Object.entries(DESKS))('%s', (way, open) => {
  const { channel: name, keys } = WAYS[way] ?? { channel: way, keys: {} };

  test.each(Object.entries(INCIDENT))('takes %s', async (_kind, message) => {
    expect((await attempt(name, open().reply, message, { keys })).outcome.kind).toBe('delivered');
  });

  it('has one issue for an incident: created, commented, closed', async () => {
    const desk = open();
    const first = await attempt(name, desk.reply, kind('first'), { keys });
    const receipt = first.outcome.kind === 'delivered' ? first.outcome.receipt : undefined;
    expect(receipt).toEqual({ issue: [...desk.issues.keys()][0] });
    if (receipt === undefined) throw new Error('no receipt');
    await attempt(name, desk.reply, kind('worse'), { thread: receipt, keys });
    expect([...desk.issues.values()].map(({ open: isOpen, comments }) => [isOpen, comments])).toEqual([[true, 1]]);
    const last = await attempt(name, desk.reply, kind('resolved'), { thread: receipt, keys });
    expect(last.outcome.kind).toBe('delivered');
    expect([...desk.issues.values()].map(({ open: isOpen, comments }) => [isOpen, comments])).toEqual([[false, 2]]);
  });

  it('finds the issue of an attempt whose answer was lost, and opens no second one', async () => {
    const desk = open();
    await attempt(name, desk.reply, kind('first'), { keys });
    await attempt(name, desk.reply, kind('first'), { keys });
    expect(desk.issues.size).toBe(1);
    await attempt(name, desk.reply, kind('resolved'), { keys });
    expect([...desk.issues.values()].map(({ open: isOpen }) => isOpen)).toEqual([false]);
  });

  it('opens none for what is over before the first message', async () => {
    const desk = open();
    expect((await attempt(name, desk.reply, kind('fired-and-resolved'), { keys })).outcome).toEqual({ kind: 'delivered' });
    expect(desk.issues.size).toBe(0);
  });

  it('takes the longest texts', async () => {
    const long = '\u{1f600}@all <b>*x*</b>\n/close\n'.repeat(3_000);
    const alert = sampleAlert({ title: long, text: long, description: `d${long}` });
    const { outcome } = await attempt(
      name,
      open().reply,
      sampleMessage({ title: firingTitle(long), text: long, alerts: [alert] }),
      { keys },
    );
    expect(outcome.kind).toBe('delivered');
  });

  it('that answers something else than an issue may have created one', async () => {
    const { outcome } = await attempt(name, { status: 200, body: 'Login' }, kind('first'), { keys });
    expect(outcome).toMatchObject({ kind: 'unknown', reason: { text: expect.stringContaining('unexpected body') } });
  });

  it('with too many requests is tried again', async () => {
    expect((await attempt(name, answer(429, {}, { 'retry-after': '30' }), kind('first'), { keys })).outcome).toMatchObject({
      kind: 'retry',
      after: 30_000,
    });
  });
});

describe('GitHub', () => {
  it.each([
    [answer(403, { message: 'API rate limit exceeded' }), 'retry'],
    [answer(403, { message: 'You have exceeded a secondary rate limit' }, { 'retry-after': '60' }), 'retry'],
    [answer(403, { message: 'Resource not accessible by personal access token' }), 'rejected'],
    [answer(410, { message: 'Issues are disabled for this repo' }), 'rejected'],
  ])('%j', async (reply, expected) => {
    expect((await attempt('github', reply, kind('first'))).outcome.kind).toBe(expected);
  });
});

it('no line of a text is an order to GitLab', () => {
  const evil = '/close\n  /assign @root\n/label ~x';
  const alert = sampleAlert({ title: evil, text: evil, description: `${evil}!` });
  const { body, comment } = renderedBy(
    'gitlab',
    sampleMessage({ title: firingTitle(evil), text: evil, alerts: [alert], notes: [evil] }),
  );
  expect(`${body}\n${comment}`).not.toMatch(/^\s*\//m);
  expect(escapeMarkdown(evil)).toMatch(/^\\\/close$/m);
});

it('nothing of a text means anything to Jira Data Center', () => {
  const evil =
    '[~root] !https://evil.example/x.png! {color:red}x{color} *b* h1. head | [x|https://evil.example] \\\\ (!) {noformat}';
  const alert = sampleAlert({ title: evil, text: `${evil}\nh1. head\nbq. said\n* item`, description: `${evil}!` });
  const keys = { api_url: 'https://jira.example.com', api_token: secret('j1ra-token'), project: 'OPS', issue_type: 'Incident' };
  const message = sampleMessage({ title: firingTitle(evil), text: evil, alerts: [alert], notes: [evil] });
  const { body } = jiraChannel.render(message, undefined, jiraChannel.read(keys));
  // What is between two of these is shown as it is.
  const formatted = String(body).replace(/\{noformat\}\n[^{}]*\n\{noformat\}/g, '');
  expect(formatted).not.toMatch(/(?<!\\)[{}~!]|(?<!\\)\[(?!(?:\\.|[^|\]\\])+\|https:\/\/(?!evil))/);
  expect(formatted).not.toMatch(/^\s*(?:h[1-6]\.|bq\.|[*#-])(?! ?\S[^*]*\*$)\s/m);
  expect(formatted).not.toContain('\\\\');
});

it.each<[string, Readonly<Record<string, unknown>>, string | RegExp]>([
  ['the cloud, by its address', { api_url: 'https://shop.atlassian.net', username: 'a@b.c' }, 'object'],
  ['the cloud, by its type', { api_url: 'https://jira.example.com', api_type: 'cloud', username: 'a@b.c' }, 'object'],
  ['a data center', { api_url: 'https://jira.example.com' }, 'string'],
  ['a token without a name in the cloud', { api_url: 'https://shop.atlassian.net' }, /require each other/],
])('Jira is %s', (_name, given, expected) => {
  const keys = { ...given, api_token: secret('j1ra-token'), project: 'OPS', issue_type: 'Incident' };
  if (typeof expected !== 'string') return expect(() => jiraChannel.read(keys)).toThrow(expected);
  expect(typeof jiraChannel.render(kind('first'), undefined, jiraChannel.read(keys))['body']).toBe(expected);
});
