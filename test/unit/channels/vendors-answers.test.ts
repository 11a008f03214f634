import { describe, expect, it, test } from 'vitest';
import { DESTINATION_KEYS } from '../../support/channel-options.ts';
import type { Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { answer, attempt, bodyOf } from '../../support/vendor.ts';
import { read } from '../docs/pages.ts';

/** What a vendor answers, and what it means for the message. */
type Answered = readonly [what: string, reply: Reply, outcome: object];

interface Recorded {
  /** The vendor's own documentation of what it answers and how often it may be asked. */
  readonly sources: readonly [string, ...string[]];
  readonly answers: readonly Answered[];
}

const retry = (after?: number) => ({ kind: 'retry', ...(after !== undefined && { after }) });
const limited = (after?: number) => ({ ...retry(after), reason: { kind: 'rate_limited' } });
const rejected = (kind: string) => ({ kind: 'rejected', reason: { kind } });
const SOON = { 'retry-after': '30' };
const first = INCIDENT['first'];
if (first === undefined) throw new Error('the incident has no first message');
/** A time in ten minutes from the message, in seconds. */
const RESET = Math.ceil(first.at / 1_000) + 600;
const UNTIL_RESET = RESET * 1_000 - first.at;
const awsSays = (status: number, code: string): Reply => ({
  ...{ status, headers: { 'content-type': 'text/xml' } },
  body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
});
const telegramSays = (code: number, description: string, parameters?: object) =>
  answer(code, { ok: false, error_code: code, description, ...(parameters && { parameters }) });

const RECORDED: Readonly<Record<string, Recorded>> = {
  pagerduty: {
    sources: [
      'https://developer.pagerduty.com/docs/events-api-v2-overview#response-codes--retry-logic',
      'https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/05-Rate-Limits.md',
    ],
    answers: [
      ['an invalid event', answer(400, { status: 'invalid event', errors: ['x'] }), rejected('invalid_payload')],
      ['too many calls', answer(429, {}), limited()],
      ['any error of the server', { status: 502 }, { kind: 'retry', reason: { kind: 'server_error' } }],
    ],
  },
  opsgenie: {
    sources: ['https://docs.opsgenie.com/docs/response', 'https://docs.opsgenie.com/docs/api-rate-limiting'],
    answers: [
      ['too many requests', answer(429, {}, { 'x-ratelimit-state': 'THROTTLED' }), limited()],
      ['a subscription that does not allow it', answer(402, { message: 'no' }), rejected('client_error')],
      ['a wrong key', answer(401, { message: 'no' }), rejected('unauthorized')],
      ['a wrong field', answer(422, { message: 'no' }), rejected('invalid_payload')],
      ['its service away', answer(503, { message: 'no' }), retry()],
    ],
  },
  msteamsv2: {
    sources: [
      'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook',
      'https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook',
    ],
    answers: [
      ['too many of a workflow', answer(429, { error: { code: 'TooManyRequests' } }, SOON), limited(30_000)],
      ['a workflow that was deleted', answer(404, { error: { code: 'WorkflowNotFound' } }), rejected('not_found')],
      ['a workflow that is off', answer(400, { error: { code: 'WorkflowTriggerIsNotEnabled' } }), rejected('invalid_payload')],
      [
        'a refusal with a status of 200',
        { status: 200, body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429' },
        limited(),
      ],
      ['the success of a connector', { status: 200, body: '1' }, { kind: 'delivered' }],
    ],
  },
  discord: {
    sources: [
      'https://docs.discord.com/developers/topics/rate-limits',
      'https://docs.discord.com/developers/resources/webhook#execute-webhook',
    ],
    answers: [
      [
        'too many for the webhook',
        answer(429, { message: 'You are being rate limited.', retry_after: 1.2, global: false }),
        limited(2_000),
      ],
      [
        'too many for Discord',
        answer(429, { message: 'You are being rate limited.', retry_after: 64.57, global: true }, { 'retry-after': '65' }),
        limited(65_000),
      ],
      ['Cloudflare, which has no JSON', { status: 429, headers: { 'retry-after': '900' }, body: '<html>' }, limited(900_000)],
      ['a webhook that was deleted', answer(404, { code: 10_015, message: 'Unknown Webhook' }), rejected('not_found')],
    ],
  },
  telegram: {
    sources: [
      'https://core.telegram.org/bots/api#responseparameters',
      'https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this',
    ],
    answers: [
      ['too many', telegramSays(429, 'Too Many Requests: retry after 17', { retry_after: 17 }), limited(17_000)],
      [
        'a bot that was removed',
        telegramSays(403, 'Forbidden: bot was kicked'),
        { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 403: Forbidden: bot was kicked' } },
      ],
      ['no such chat', telegramSays(400, 'Bad Request: chat not found'), rejected('invalid_payload')],
    ],
  },
  mattermost: {
    sources: [
      'https://developers.mattermost.com/integrate/webhooks/incoming/',
      'https://docs.mattermost.com/administration-guide/configure/rate-limiting-configuration-settings.html',
    ],
    answers: [
      [
        'too many, with seconds that are no time',
        answer(429, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }),
        limited(),
      ],
      ['a webhook that was deleted', answer(400, { id: 'web.incoming_webhook.invalid.app_error' }), rejected('invalid_payload')],
    ],
  },
  rocketchat: {
    sources: ['https://developer.rocket.chat/apidocs/post-message', 'https://docs.rocket.chat/rate-limiter'],
    answers: [
      [
        'too many, as a status',
        answer(
          429,
          { success: false, error: 'Error, too many requests. [error-too-many-requests]' },
          { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(RESET * 1_000) },
        ),
        limited(UNTIL_RESET),
      ],
      [
        'too many, in words',
        answer(400, { success: false, error: 'Error, too many requests. [error-too-many-requests]' }),
        limited(),
      ],
      ['no such channel', answer(200, { success: false, error: '[invalid-channel]' }), rejected('invalid_payload')],
    ],
  },
  google_chat: {
    sources: [
      'https://developers.google.com/workspace/chat/limits',
      'https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create',
    ],
    answers: [
      ['too many for the space', answer(429, { error: { status: 'RESOURCE_EXHAUSTED' } }), limited()],
      ['a webhook that was deleted', answer(404, { error: { status: 'NOT_FOUND' } }), rejected('not_found')],
    ],
  },
  matrix: {
    sources: [
      'https://spec.matrix.org/latest/client-server-api/#rate-limiting',
      'https://spec.matrix.org/latest/client-server-api/#transaction-identifiers',
    ],
    answers: [
      ['too many, in the body', answer(429, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2_500 }), limited(3_000)],
      [
        'too many, in the header, which counts',
        answer(429, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2_500 }, SOON),
        limited(30_000),
      ],
      ['a user who is not in the room', answer(403, { errcode: 'M_FORBIDDEN' }), rejected('unauthorized')],
      ['an event that is too large', answer(413, { errcode: 'M_TOO_LARGE' }), rejected('invalid_payload')],
    ],
  },
  ntfy: {
    sources: ['https://docs.ntfy.sh/publish/#limitations'],
    answers: [
      ['too many requests', answer(429, { code: 42_901, http: 429 }), limited()],
      ['the messages of a day', answer(429, { code: 42_908, http: 429 }), limited()],
      ['a protected topic', answer(403, { code: 40_301, http: 403 }), rejected('unauthorized')],
      ['a push service without a subscriber', answer(507, { code: 50_701, http: 507 }), retry()],
    ],
  },
  pushover: {
    sources: ['https://pushover.net/api#friendly', 'https://support.pushover.net/i12-message-size-and-frequency-limitations'],
    answers: [
      ['the messages of a month', answer(429, { status: 0, errors: ['over the quota of this month'] }), limited()],
      ['a wrong parameter, for good', answer(400, { status: 0, errors: ['user key is invalid'] }), rejected('invalid_payload')],
      ['its service away', answer(500, { status: 0 }), retry()],
    ],
  },
  sns: {
    sources: [
      'https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors',
      'https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html',
    ],
    answers: [
      ['too many', awsSays(429, 'Throttled'), limited()],
      ['too many for the key of a topic, with a status that refuses', awsSays(400, 'KMSThrottling'), retry()],
      ['a request that is too old', awsSays(400, 'RequestExpired'), retry()],
      ['an endpoint that is off', awsSays(400, 'EndpointDisabled'), rejected('invalid_payload')],
      ['a key that may not be used', awsSays(400, 'KMSAccessDenied'), rejected('invalid_payload')],
    ],
  },
  twilio: {
    sources: ['https://www.twilio.com/docs/api/errors', 'https://www.twilio.com/docs/messaging/api/message-resource'],
    answers: [
      ['too many requests', answer(429, { code: 20_429, message: 'Too Many Requests' }), limited()],
      ['a full queue', answer(429, { code: 21_611, message: 'SMS queue is full.' }), limited()],
      ['the messages of a day', answer(429, { code: 63_038, message: 'exceeded the daily messages limit' }), limited()],
      [
        'a recipient who wants none',
        answer(400, { code: 21_610, message: 'Attempt to send to unsubscribed recipient' }),
        { kind: 'rejected', reason: { text: 'HTTP 400: Attempt to send to unsubscribed recipient' } },
      ],
      ['a number that is none', answer(400, { code: 21_211, message: "Invalid 'To' Phone Number" }), rejected('invalid_payload')],
      ['a country that is not allowed', answer(400, { code: 21_408, message: 'no permission' }), rejected('invalid_payload')],
      ['a wrong token', answer(401, { code: 20_003, message: 'Authenticate' }), rejected('unauthorized')],
    ],
  },
  apprise: {
    sources: ['https://github.com/caronc/apprise-api#api-details'],
    answers: [
      ['no such configuration', { status: 204 }, rejected('not_found')],
      [
        'one service of several that failed',
        answer(424, { error: 'one of them' }),
        { kind: 'delivered', warning: { text: expect.stringContaining('some services') } },
      ],
    ],
  },
  github: {
    sources: ['https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api'],
    answers: [
      [
        'the requests of an hour',
        answer(403, { message: 'API rate limit exceeded' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(RESET) }),
        limited(UNTIL_RESET),
      ],
      [
        'too many at once, with what is left of the hour',
        answer(
          429,
          { message: 'You have exceeded a secondary rate limit' },
          { 'x-ratelimit-remaining': '4980', 'x-ratelimit-reset': String(RESET) },
        ),
        limited(60_000),
      ],
      [
        'too many at once, with a time',
        answer(403, { message: 'You have exceeded a secondary rate limit' }, SOON),
        limited(30_000),
      ],
      [
        'a token that may not',
        answer(403, { message: 'Resource not accessible by personal access token' }),
        rejected('unauthorized'),
      ],
      ['a repository without issues', answer(410, { message: 'Issues are disabled for this repo' }), rejected('not_found')],
    ],
  },
  gitlab: {
    sources: ['https://docs.gitlab.com/security/rate_limits/'],
    answers: [['too many', { status: 429, headers: SOON, body: 'Retry later' }, limited(30_000)]],
  },
  jira: {
    sources: ['https://developer.atlassian.com/cloud/jira/platform/rate-limiting/'],
    answers: [
      ['too many', answer(429, {}, { ...SOON, 'ratelimit-reason': 'jira-per-issue-on-write' }), limited(30_000)],
      [
        'too many, with a date',
        answer(429, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': new Date(RESET * 1_000).toISOString() }),
        limited(UNTIL_RESET),
      ],
      ['a resource that is used up', answer(503, {}, SOON), retry(30_000)],
      ['a field that the project does not have', answer(400, { errors: { summary: 'no' } }), rejected('invalid_payload')],
    ],
  },
  servicenow: {
    sources: [
      'https://www.servicenow.com/docs/bundle/yokohama-api-reference/page/integrate/inbound-rest/concept/inbound-REST-API-rate-limiting.html',
    ],
    answers: [
      [
        'too many in an hour',
        answer(429, { error: { message: 'Rate limit exceeded' } }, { 'x-ratelimit-reset': String(RESET), ...SOON }),
        limited(30_000),
      ],
      ['a user who may not', answer(403, { error: { message: 'no' } }), rejected('unauthorized')],
    ],
  },
  thehive: {
    sources: ['https://docs.strangebee.com/thehive/api-docs/'],
    answers: [
      ['a wrong key', answer(401, { type: 'AuthenticationError' }), rejected('unauthorized')],
      ['its service away', answer(503, {}), retry()],
    ],
  },
  alertmanager: {
    sources: ['https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml'],
    answers: [
      ['an invalid alert', answer(400, 'start time must be before end time'), rejected('invalid_payload')],
      ['an error', answer(500, 'no'), retry()],
    ],
  },
};

const recorded = Object.entries(RECORDED);

describe.each(recorded)('what %s answers', (name, { answers }) => {
  test.each(answers)('%s', async (_what, reply, expected) => {
    expect((await attempt(name, reply, first)).outcome).toMatchObject(expected);
  });
});

const OWN = ['http', 'exec'];

it('every kind of destination with a form of its own has its record', () => {
  expect(Object.keys(RECORDED).sort()).toEqual(
    Object.keys(DESTINATION_KEYS)
      .filter((name) => !OWN.includes(name))
      .sort(),
  );
});

test.each(recorded)('docs/destinations.md names the sources of %s', (_name, { sources }) => {
  const page = read('docs/destinations.md');
  expect(sources.filter((source) => !page.includes(source))).toEqual([]);
});

test.each(recorded)('the login page of a proxy in place of %s has taken no message', async (name) => {
  const { outcome } = await attempt(name, { status: 200, body: '<html>Login</html>' }, first);
  expect(outcome).toMatchObject({ kind: 'retry', reason: { text: expect.stringContaining('answered 200 with a web page') } });
});

/** Answers of 2xx that are no JSON mean a success to these: they have none of their own, or another request follows. */
const SAYS_NOTHING = ['msteamsv2', 'alertmanager', 'apprise', 'sns', 'rocketchat'];
const JUDGED = Object.keys(RECORDED).filter((name) => !SAYS_NOTHING.includes(name));

test.each(JUDGED)('some words in place of the answer of %s are not taken for it', async (name) => {
  const { outcome } = await attempt(name, { status: 200, body: 'Login' }, first);
  const isKnown =
    outcome.kind === 'retry' || outcome.kind === 'unknown' || (outcome.kind === 'delivered' && outcome.warning !== undefined);
  expect(isKnown, JSON.stringify(outcome)).toBe(true);
});

describe('a group of Telegram that has become a supergroup', () => {
  const moved = (next: Reply) => (request: { readonly body: string }) =>
    request.body.includes('-1009')
      ? next
      : telegramSays(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -1009 });

  it('gets the message under its new number, with a warning that says which', async () => {
    const reply = moved(answer(200, { ok: true, result: { message_id: 7 } }));
    const { outcome, requests } = await attempt('telegram', reply, first);
    expect(outcome).toEqual({
      kind: 'delivered',
      receipt: { telegram: '7' },
      warning: { kind: 'config', text: expect.stringContaining('chat_id: -1009') },
    });
    expect(requests.map((request) => bodyOf(request)['chat_id'])).toEqual(['-1001234567890', '-1009']);
  });

  it('whose answer leads to yet another one is not followed further', async () => {
    const { outcome, requests } = await attempt('telegram', moved(telegramSays(400, 'no', { migrate_to_chat_id: -1010 })), first);
    expect([outcome.kind, requests.length]).toEqual(['rejected', 2]);
  });

  it('gets its chart too', async () => {
    const chart = { png: Buffer.from('png').toString('base64'), text: 'a chart', width: 1, height: 1 };
    const short = { ...first, chart, alerts: first.alerts.map(({ evidence: _evidence, ...alert }) => alert) };
    const { outcome, requests } = await attempt('telegram', moved(answer(200, { ok: true, result: { message_id: 7 } })), short);
    expect(outcome).toMatchObject({ kind: 'delivered', warning: { kind: 'config' } });
    expect(requests.map(({ path }) => path.split('/').at(-1))).toEqual(['sendPhoto', 'sendPhoto']);
  });
});
