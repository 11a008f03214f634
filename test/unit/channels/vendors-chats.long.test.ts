import { describe, expect, it, test } from 'vitest';
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

type Fields = Readonly<Record<string, unknown>>;
const listOf = (value: unknown) => (Array.isArray(value) ? value : []) as readonly Fields[];
const lengthOf = (value: unknown) => (typeof value === 'string' ? value.length : 0);

/**
 * Workflows of Teams, after https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook and the size of a message,
 * https://learn.microsoft.com/microsoftteams/limits-specifications-teams (28 KB).
 */
function teams(request: RecordedRequest): Reply {
  if (Buffer.byteLength(request.body) > 28 * 1024) return answer(413, { error: { code: 'RequestEntityTooLarge' } });
  const [card] = listOf(bodyOf(request)['attachments']);
  const content = (card?.['content'] ?? {}) as Fields;
  const isCard = bodyOf(request)['type'] === 'message' && card?.['contentType'] === 'application/vnd.microsoft.card.adaptive';
  return isCard && content['type'] === 'AdaptiveCard' ? { status: 202 } : answer(400, { error: { code: 'InvalidCard' } });
}

/** Webhooks of Discord, after https://discord.com/developers/docs/resources/webhook#execute-webhook and the limits of embeds. */
function discord(request: RecordedRequest): Reply {
  const { embeds, content, username } = bodyOf(request);
  const invalid = answer(400, { code: 50035, message: 'Invalid Form Body' });
  if (lengthOf(content) > 2_000 || lengthOf(username) > 80 || listOf(embeds).length > 10) return invalid;
  const sizes = listOf(embeds).map(({ title, description }) => [lengthOf(title), lengthOf(description)] as const);
  if (sizes.some(([title, description]) => title > 256 || description > 4_096 || title + description > 6_000)) return invalid;
  // Without it a message that is not saved is no error.
  if (new URL(request.path, 'https://discord.com').searchParams.get('wait') !== 'true') return { status: 204 };
  return sizes.length === 0 ? invalid : answer(200, { id: '1', type: 0 });
}

/** The Bot API, after https://core.telegram.org/bots/api#sendmessage and #making-requests. */
function telegram(request: RecordedRequest): Reply {
  if (request.path !== '/bot123:b0t-token/sendMessage')
    return answer(404, { ok: false, error_code: 404, description: 'Not Found' });
  const { chat_id: chat, text, parse_mode: mode } = bodyOf(request);
  const refused = (description: string) =>
    answer(400, { ok: false, error_code: 400, description: `Bad Request: ${description}` });
  if (chat !== '-1001234567890') return refused('chat not found');
  const tags = [...String(text).matchAll(/<\/?([a-z]+)[^>]*>/g)].map(([, tag]) => tag);
  if (mode !== 'HTML' || tags.some((tag) => !['b', 'code', 'pre', 'a'].includes(String(tag))))
    return refused("can't parse entities");
  if (/&(?!(?:amp|lt|gt|quot);)/.test(String(text))) return refused("can't parse entities");
  if (String(text).replace(/<[^>]+>/g, '').length > 4_096) return refused('message is too long');
  return answer(200, { ok: true, result: { message_id: 42 } });
}

/** Incoming webhooks of Mattermost, after https://developers.mattermost.com/integrate/webhooks/incoming/. */
function mattermost(request: RecordedRequest): Reply {
  const { text, attachments } = bodyOf(request);
  const texts = listOf(attachments).map((one) => lengthOf(one['text']));
  if (lengthOf(text) === 0 && texts.length === 0)
    return answer(400, { id: 'web.incoming_webhook.text.app_error', message: 'No text specified' });
  return texts.some((length) => length > 16_383) ? answer(400, { message: 'too long' }) : { status: 200, body: 'ok' };
}

/** chat.postMessage of Rocket.Chat, after https://developer.rocket.chat/apidocs/post-message. */
function rocketChat(request: RecordedRequest): Reply {
  const { headers } = request;
  if (headers['x-auth-token'] !== 'r0cket-token' || headers['x-user-id'] !== 'r0cket-user')
    return answer(401, { status: 'error', message: 'You must be logged in to do this.' });
  const { channel, text, attachments } = bodyOf(request);
  if (channel !== '#alerts') return answer(400, { success: false, error: '[invalid-channel]', errorType: 'invalid-channel' });
  const size = lengthOf(text) + listOf(attachments).reduce((sum, one) => sum + lengthOf(one['text']), 0);
  return size > 5_500
    ? answer(400, { success: false, error: 'error-message-size-exceeded' })
    : answer(200, { success: true, ts: 1 });
}

/** Webhooks of Google Chat, after https://developers.google.com/workspace/chat/quickstart/webhooks and #messages (32,000 bytes). */
function googleChat(request: RecordedRequest): Reply {
  const url = new URL(request.path, 'https://chat.googleapis.com');
  if (url.searchParams.get('key') !== 'k3y-of-space' || url.searchParams.get('token') !== 't0ken-of-space')
    return answer(401, { error: { code: 401, status: 'UNAUTHENTICATED' } });
  if (Buffer.byteLength(request.body) > 32_000) return answer(400, { error: { status: 'INVALID_ARGUMENT' } });
  const { cardsV2, thread } = bodyOf(request);
  // https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
  if ((url.searchParams.get('requestId') ?? '') === '') return answer(400, { error: { status: 'INVALID_ARGUMENT' } });
  if (listOf(cardsV2).length !== 1 || thread === undefined) return answer(400, { error: { status: 'INVALID_ARGUMENT' } });
  return answer(200, { name: 'spaces/AAA/messages/1', thread: { name: 'spaces/AAA/threads/1' } });
}

/** A homeserver, after https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid. */
function matrix(request: RecordedRequest): Reply {
  if (request.headers.authorization !== 'Bearer m4trix-token') return answer(401, { errcode: 'M_UNKNOWN_TOKEN' });
  if (!/^\/_matrix\/client\/v3\/rooms\/!room%3Aexample\.com\/send\/m\.room\.message\/[^/]+$/.test(request.path))
    return answer(404, { errcode: 'M_UNRECOGNIZED' });
  if (Buffer.byteLength(request.body) > 60_000) return answer(413, { errcode: 'M_TOO_LARGE' });
  const { msgtype, body, format } = bodyOf(request);
  const isText = msgtype === 'm.text' && lengthOf(body) > 0 && format === 'org.matrix.custom.html';
  return isText ? answer(200, { event_id: '$event' }) : answer(400, { errcode: 'M_BAD_JSON' });
}

/** Publishing as JSON to ntfy, after https://docs.ntfy.sh/publish/#publish-as-json and #limitations. */
function ntfy(request: RecordedRequest): Reply {
  const { topic, message, priority, actions } = bodyOf(request);
  if (topic !== 't0pic-of-the-shop' || request.path !== '/') return answer(403, { code: 40301, http: 403, error: 'forbidden' });
  const isFit =
    Buffer.byteLength(String(message)) <= 4_096 && Number(priority) >= 1 && Number(priority) <= 5 && listOf(actions).length <= 3;
  return isFit ? answer(200, { id: 'x', event: 'message' }) : answer(400, { code: 40001, http: 400 });
}

/** Messages of Pushover, after https://pushover.net/api. */
function pushover(request: RecordedRequest): Reply {
  const { token, user, message, title, priority, retry, expire, url } = bodyOf(request);
  const refused = (error: string) => answer(400, { status: 0, request: 'r', errors: [error] });
  if (token !== 'push0ver-token' || user !== 'push0ver-user') return refused('application token is invalid');
  if ([...String(message)].length > 1_024 || lengthOf(message) === 0) return refused('message is invalid');
  if ([...String(title)].length > 250 || lengthOf(url) > 512) return refused('title or url is too long');
  if (Number(priority) === 2 && (Number(retry) < 30 || Number(expire) > 10_800)) return refused('retry and expire');
  return answer(200, { status: 1, request: 'r' });
}

/** Messages of Twilio, after https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource. */
function twilio(request: RecordedRequest): Reply {
  if (request.headers.authorization !== `Basic ${Buffer.from('AC1:tw1lio-token').toString('base64')}`)
    return answer(401, { code: 20003, message: 'Authenticate' });
  const form = new URLSearchParams(request.body);
  if (request.path !== '/2010-04-01/Accounts/AC1/Messages.json') return answer(404, { code: 20404 });
  if (form.get('To') !== '+15550199' || form.get('From') !== '+15550100')
    return answer(400, { code: 21211, message: "Invalid 'To' Phone Number" });
  const body = form.get('Body') ?? '';
  return body === '' || body.length > 1_600
    ? answer(400, { code: 21617, message: 'The concatenated message body exceeds the 1600 character limit' })
    : answer(201, { sid: 'SM1', status: 'queued' });
}

/** The API server of Apprise, after https://github.com/caronc/apprise-api#api-details. */
function apprise(request: RecordedRequest): Reply {
  if (request.path !== '/notify/appr1se-key') return { status: 204 };
  const { body, type, format, tag } = bodyOf(request);
  const isValid =
    lengthOf(body) > 0 && lengthOf(body) <= 32_768 && ['info', 'success', 'warning', 'failure'].includes(String(type));
  return isValid && format === 'text' && tag === 'oncall' ? { status: 200 } : answer(400, { error: 'bad request' });
}

const VENDORS: Readonly<Record<string, (request: RecordedRequest) => Reply>> = {
  msteamsv2: teams,
  discord,
  telegram,
  mattermost,
  rocketchat: rocketChat,
  google_chat: googleChat,
  matrix,
  ntfy,
  pushover,
  twilio,
  apprise,
};

/** The longest of everything, in characters of one, two and four bytes, and in those that each markup escapes. */
const LONGEST = ['x', 'é', '😀', '*', '<&>', '://', '@all ', '`', '"\\'].map((part): readonly [string, Message] => {
  const text = part.repeat(5_000);
  const labels = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${n}${text}`, text]));
  const alert = sampleAlert({
    title: text,
    text,
    description: `d${text}`,
    group: labels,
    facts: Array.from({ length: 60 }, () => ({ label: text, value: text })),
  });
  return [
    part,
    sampleMessage({ title: firingTitle(text), text: `m${text}`, alerts: [alert], notes: [text, text, text], receiver: text }),
  ];
});

describe.each(Object.entries(VENDORS))('%s', (name, vendor) => {
  test.each(Object.entries(INCIDENT))('takes %s', async (_kind, message) => {
    expect((await attempt(name, vendor, message)).outcome).toMatchObject({ kind: 'delivered' });
  });

  test.each(LONGEST)('takes the longest message of %j', async (_part, message) => {
    const { outcome, requests } = await attempt(name, vendor, message);
    expect(outcome).toMatchObject({ kind: 'delivered' });
    expect(requests[0]?.body).not.toMatch(/\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f]/i);
  });

  test('takes many alerts, and says how many it does not name', async () => {
    const alerts = Array.from({ length: 20 }, (_, n) =>
      sampleAlert({ id: `a${n}`, title: `title ${n}`, text: 'y'.repeat(3_000) }),
    );
    const { outcome, requests } = await attempt(name, vendor, sampleMessage({ alerts, firing: 300, more: 280 }));
    expect(outcome).toMatchObject({ kind: 'delivered' });
    const body = requests[0]?.body ?? '';
    expect(body.startsWith('To=') ? new URLSearchParams(body).get('Body') : body).toMatch(/and \d+ more/);
  });
});

it('as many links are kept as fit, the first ones', () => {
  const links = Array.from({ length: 8 }, (_, n) => ({
    label: `link ${n}`,
    url: `https://example.com/${n}/${'a'.repeat(1_500)}`,
  }));
  const { embeds } = renderedBy('discord', sampleMessage({ alerts: [sampleAlert({ links })] }));
  const text = String(listOf(embeds)[0]?.['description']);
  expect(text).toMatch(/\[link 0\]\(https:\/\/example\.com\/0\/a+\)/);
  expect(text).not.toContain('link 7');
  expect(text).toMatch(/…$/);
});

describe('an emergency of Pushover', () => {
  const emergency = (name: string) => ({ ...kind(name), severity: 'emergency' });

  it('rings until someone confirms it, or until it is over', async () => {
    const first = await attempt('pushover', pushover, emergency('first'));
    const { priority, tags } = bodyOf(first.requests[0]);
    expect([priority, tags]).toEqual([2, `tocsin-${kind('first').dedupKey}`]);
    // https://pushover.net/api/receipts#cancel
    const quiet = (request: RecordedRequest) =>
      request.path === `/1/receipts/cancel_by_tag/${tags}.json` && bodyOf(request)['token'] === 'push0ver-token'
        ? answer(200, { status: 1, canceled: 1 })
        : pushover(request);
    const over = await attempt('pushover', quiet, emergency('resolved'));
    expect([over.outcome, over.requests.length]).toEqual([{ kind: 'delivered' }, 2]);
  });

  it('that cannot be ended is a warning, and the message is not sent again', async () => {
    const refuses = (request: RecordedRequest) =>
      request.path.includes('/receipts/') ? answer(500, { status: 0 }) : pushover(request);
    const { outcome } = await attempt('pushover', refuses, emergency('resolved'));
    expect(outcome).toMatchObject({ kind: 'delivered', warning: { text: expect.stringContaining('keeps ringing') } });
  });

  it('is none of what does not ring', async () => {
    const { requests } = await attempt('pushover', pushover, kind('resolved'));
    expect(requests).toHaveLength(1);
  });
});

describe('an incident is one thread', () => {
  it('of Telegram: later messages answer the first', async () => {
    const first = await attempt('telegram', telegram, kind('first'));
    expect(first.outcome).toEqual({ kind: 'delivered', receipt: { telegram: '42' } });
    const later = await attempt('telegram', telegram, kind('worse'), { thread: { telegram: '7' } });
    expect(bodyOf(later.requests[0])['reply_parameters']).toEqual({ message_id: 7, allow_sending_without_reply: true });
    expect(later.outcome).toMatchObject({ receipt: { telegram: '7' } });
  });

  it('of Matrix, whose transactions drop repeats', async () => {
    const first = await attempt('matrix', matrix, kind('first'));
    expect(first.outcome).toEqual({ kind: 'delivered', receipt: { matrix_event: '$event' } });
    expect(first.requests[0]?.path.endsWith(`/${kind('first').id}`)).toBe(true);
    const later = await attempt('matrix', matrix, kind('worse'), { thread: { matrix_event: '$root' } });
    expect(bodyOf(later.requests[0])['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: '$root' });
    expect(later.outcome).toMatchObject({ receipt: { matrix_event: '$root' } });
  });

  it('of Google Chat, where a repeat gives the message that is there', async () => {
    const made = new Map<string, number>();
    const space = (request: RecordedRequest) => {
      const id = new URL(request.path, 'https://chat.googleapis.com').searchParams.get('requestId') ?? '';
      made.set(id, (made.get(id) ?? 0) + 1);
      return googleChat(request);
    };
    for (const name of ['first', 'first', 'worse']) await attempt('google_chat', space, kind(name));
    expect([...made]).toEqual([
      [kind('first').id, 2],
      [kind('worse').id, 1],
    ]);
  });

  it('of Google Chat, by its key', () => {
    expect([renderedBy('google_chat', kind('first'))['thread'], renderedBy('google_chat', kind('resolved'))['thread']]).toEqual([
      { threadKey: 'incident-1' },
      { threadKey: 'incident-1' },
    ]);
  });
});
