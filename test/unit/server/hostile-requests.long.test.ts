import type { InjectOptions } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { secret } from '../../../src/core/secret.ts';
import { sessionOf } from '../../../src/server/web/session.ts';
import { SHOWN_AT, type ShownService, shownService } from '../../support/server/shown-service.ts';
import { HOSTILE_SIGN_INS, serverWithProvider } from '../../support/sign-in/hostile-sign-ins.ts';

const TOKEN = 'a-token-of-kim-0123456789';
const READER = 'a-token-of-a-reader-0123456789';
const FORM = 'form-text-of-this-browser-0123';
const HOUR = 3_600_000;
const kim = { name: 'kim', token: secret(TOKEN) };
const session = sessionOf(kim, { at: SHOWN_AT, id: 'nonce' });
const signedIn = `tocsin_session=${session}; tocsin_form=${FORM}`;
const ALERT = '0'.repeat(32);
const SILENCE = { matchers: ['team=shop'], duration: '1h', comment: 'c' };
const HERE = { host: 'tocsin.example.com' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams({ form: FORM, ...fields }).toString();
const silenceForm = form({ matchers: 'team="shop"', length: '1h', author: 'x', comment: 'c' });

/** An open server with a token for kim, one that only reads, and a proxy at 10.0.0.7. */
let open: ShownService;
/** A server for the machine itself, without tokens. */
let local: ShownService;
/** A server that asks for a login. */
let closed: ShownService;
/** One with an OpenID provider. */
let signed: ShownService;
beforeAll(async () => {
  const tokens = [kim, { name: 'reader', token: secret(READER), scopes: ['read'] as const }];
  const proxyAuth = { trusted: ['10.0.0.0/29'], userHeader: 'x-forwarded-user', scopes: ['read', 'silence'] as const };
  [open, local, closed, signed] = await Promise.all([
    shownService({ access: { host: '0.0.0.0', tokens, proxyAuth } }),
    shownService(),
    shownService({ access: { host: '0.0.0.0', tokens, requireLogin: true } }),
    serverWithProvider(),
  ]);
});

type Which = 'open' | 'local' | 'closed' | 'signed';

async function send(which: Which, options: InjectOptions) {
  const { server, audited, signedIn } = { open, local, closed, signed }[which];
  const changes = () => audited.length + signedIn.length;
  const before = changes();
  const answer = await server.inject({ remoteAddress: '203.0.113.9', ...options, headers: { ...HERE, ...options.headers } });
  return { answer, changed: changes() - before };
}

const post = (url: string, payload: string | object, headers: Readonly<Record<string, string>> = {}): InjectOptions => ({
  ...{ method: 'POST', url, payload, headers: { ...(typeof payload === 'string' ? FORM_TYPE : {}), ...headers } },
});

/** What is sent, to which server, and the status it gets; nothing is changed by any. */
const HOSTILE: readonly (readonly [string, Which, InjectOptions, number])[] = [
  ['alerts of another system without a token', 'open', post('/api/v2/alerts', [{ labels: { a: 'b' } }]), 401],
  [
    'alerts of another system with a token that only reads',
    'open',
    post('/api/v2/alerts', [{ labels: { a: 'b' } }], { authorization: `Bearer ${READER}` }),
    403,
  ],
  ['a silence without a token', 'open', post('/api/v1/silences', SILENCE), 401],
  ['a silence with a wrong token', 'open', post('/api/v1/silences', SILENCE, { authorization: 'Bearer nonsense' }), 401],
  [
    'a silence with a token that only reads',
    'open',
    post('/api/v1/silences', SILENCE, { authorization: `Bearer ${READER}` }),
    403,
  ],
  [
    'a silence with the token as a password',
    'open',
    post('/api/v1/silences', SILENCE, { authorization: `Basic ${btoa(`kim:${TOKEN}`)}` }),
    401,
  ],
  ['a silence with the session of a browser at the API', 'open', post('/api/v1/silences', SILENCE, { cookie: signedIn }), 401],
  [
    "a silence with a token, from another site's page",
    'open',
    post('/api/v1/silences', SILENCE, { authorization: `Bearer ${TOKEN}`, origin: 'https://evil.example.com' }),
    403,
  ],
  [
    'a form from another site',
    'open',
    post('/silences', silenceForm, { cookie: signedIn, origin: 'https://evil.example.com' }),
    403,
  ],
  ['a form from a page without an origin', 'open', post('/silences', silenceForm, { cookie: signedIn, origin: 'null' }), 403],
  [
    'a form that a browser says is from another site',
    'open',
    post('/silences', silenceForm, { cookie: signedIn, 'sec-fetch-site': 'cross-site' }),
    403,
  ],
  ['a form without its token', 'open', post('/silences', 'matchers=team%3Dshop&length=1h&comment=c', { cookie: signedIn }), 403],
  [
    'a form with the token of another browser',
    'open',
    post('/silences', silenceForm.replace(FORM, 'another'), { cookie: signedIn }),
    403,
  ],
  ['a form without cookies', 'open', post('/silences', silenceForm), 403],
  ['a form from a user who is not signed in', 'open', post('/silences', silenceForm, { cookie: `tocsin_form=${FORM}` }), 403],
  [
    'a session that another token signed',
    'open',
    post('/silences', silenceForm, {
      cookie: `tocsin_session=${sessionOf({ name: 'kim', token: secret('guessed') }, { at: SHOWN_AT, id: 'n' })}; tocsin_form=${FORM}`,
    }),
    403,
  ],
  [
    'a session that has ended',
    'open',
    post('/silences', silenceForm, {
      cookie: `tocsin_session=${sessionOf(kim, { at: SHOWN_AT - 13 * HOUR, id: 'n' })}; tocsin_form=${FORM}`,
    }),
    403,
  ],
  [
    'a session that was changed',
    'open',
    post('/silences', silenceForm, { cookie: `tocsin_session=${session.replace(/^./, 'X')}; tocsin_form=${FORM}` }),
    403,
  ],
  [
    'a malformed session',
    'open',
    post('/silences', silenceForm, { cookie: `tocsin_session=${'.'.repeat(3_000)}; tocsin_form=${FORM}` }),
    403,
  ],
  ['the proxy’s header from another address', 'open', post('/api/v1/silences', SILENCE, { 'x-forwarded-user': 'kim' }), 401],
  [
    'the proxy’s header from outside its network',
    'open',
    { ...post('/api/v1/silences', SILENCE, { 'x-forwarded-user': 'kim' }), remoteAddress: '10.0.0.8' },
    401,
  ],
  [
    'an empty user name from the proxy',
    'open',
    { ...post('/api/v1/silences', SILENCE, { 'x-forwarded-user': ' ' }), remoteAddress: '10.0.0.7' },
    401,
  ],
  [
    'a forged forwarded address',
    'open',
    post('/api/v1/silences', SILENCE, { 'x-forwarded-for': '10.0.0.7', 'x-forwarded-user': 'kim' }),
    401,
  ],
  [
    'another site’s page whose host name resolves to this server',
    'local',
    post('/api/v1/silences', { ...SILENCE, created_by: 'x' }, { host: 'evil.example.com:9095' }),
    403,
  ],
  [
    'a silence as plain text, which pages may send without a preflight',
    'local',
    post('/api/v1/silences', JSON.stringify(SILENCE), { host: 'localhost:9095', 'content-type': 'text/plain' }),
    415,
  ],
  [
    'a form from another site to localhost',
    'local',
    post('/silences', silenceForm, { host: 'localhost:9095', cookie: `tocsin_form=${FORM}`, origin: 'https://evil.example.com' }),
    403,
  ],
  [
    'expiring a silence without a token',
    'open',
    { method: 'DELETE', url: '/api/v1/silences/7c1e9a52-0000-4000-8000-000000000001' },
    401,
  ],
  [
    'expiring a silence by a link',
    'local',
    { method: 'GET', url: '/silences/7c1e9a52-0000-4000-8000-000000000001/expire', headers: { host: 'localhost' } },
    404,
  ],
  ['an acknowledgement without a token', 'open', post(`/api/v1/alerts/${ALERT}/acknowledgement`, { comment: 'c' }), 401],
  [
    'an acknowledgement with a token that only reads',
    'open',
    post(`/api/v1/alerts/${ALERT}/acknowledgement`, { comment: 'c' }, { authorization: `Bearer ${READER}` }),
    403,
  ],
  [
    'an acknowledgement by a form from another site',
    'open',
    post(`/alerts/${ALERT}/acknowledge`, form({ comment: 'c' }), { cookie: signedIn, origin: 'https://evil.example.com' }),
    403,
  ],
  [
    'an acknowledgement by a form without its token',
    'open',
    post(`/alerts/${ALERT}/acknowledge`, 'comment=c', { cookie: signedIn }),
    403,
  ],
  [
    'an acknowledgement with a shortened ID',
    'open',
    post('/alerts/0/acknowledge', form({ comment: 'c' }), { cookie: signedIn }),
    404,
  ],
  ['a search of the cluster without a login', 'open', { method: 'GET', url: '/api/v1/rules/queue-grows/explain' }, 401],
  ['a series without a login', 'open', { method: 'GET', url: '/api/v1/rules/queue-grows/series' }, 401],
  ['the alerts where a login is required', 'closed', { method: 'GET', url: '/api/v1/alerts' }, 401],
  ["Alertmanager's alerts where a login is required", 'closed', { method: 'GET', url: '/api/v2/alerts' }, 401],
  ['the status where a login is required', 'closed', { method: 'GET', url: '/api/v1/status' }, 401],
  ['the events where a login is required', 'closed', { method: 'GET', url: '/api/v1/events' }, 401],
  ['a page where a login is required', 'closed', { method: 'GET', url: '/alerts' }, 302],
  [
    'a body that is too large',
    'open',
    post('/api/v1/silences', { ...SILENCE, comment: 'x'.repeat(100_000) }, { authorization: `Bearer ${TOKEN}` }),
    413,
  ],
  ['a form that is too large', 'open', post('/silences', `${silenceForm}&x=${'x'.repeat(100_000)}`, { cookie: signedIn }), 413],
  [
    'an expensive regular expression',
    'open',
    { method: 'GET', url: `/api/v1/alerts?matcher=${encodeURIComponent('team=~"(a+)+$"')}&limit=0` },
    400,
  ],
  ['a built-in object property as a rule ID', 'open', { method: 'GET', url: '/api/v1/rules/__proto__' }, 404],
  ['a path outside the server’s folder', 'open', { method: 'GET', url: '/assets/..%2f..%2fetc%2fpasswd' }, 404],
  ['markup as a search', 'open', { method: 'GET', url: '/alerts?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E' }, 200],
  ['a huge page number', 'open', { method: 'GET', url: '/alerts?page=999999999999' }, 200],
  ...HOSTILE_SIGN_INS.map(([name, options, status]) => [name, 'signed', options, status] as const),
];

describe('a hostile request', () => {
  it.each(HOSTILE)('%s (to the %s server) changes nothing', async (_name, which, options, status) => {
    const { answer, changed } = await send(which, options);
    expect([answer.statusCode, changed]).toEqual([status, 0]);
    expect(answer.body).not.toContain('<script>');
    expect(answer.body).not.toContain(TOKEN);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });
});

const SERVERS: Readonly<Record<Which, string>> = {
  open: 'reachable from other machines, with tokens and a proxy',
  local: 'on a loopback address, without tokens',
  closed: 'reachable from other machines, with `require_login`',
  signed: 'with an OpenID provider and `require_login`',
};
const ANSWERS: Readonly<Record<number, string>> = {
  200: 'a page or list, with the input as text, and nothing that requires a login',
  302: 'redirect to the login page',
  400: 'refused: invalid',
  401: 'refused: login required',
  403: 'refused: not allowed',
  404: 'not found',
  413: 'refused: too large',
  415: 'refused: unsupported content type',
};

it('the table in the documentation is this one', async () => {
  const rows = HOSTILE.map(([name, which, , status]) => `| ${name} | ${SERVERS[which]} | ${status} ${ANSWERS[status]} |`);
  const text = `# Hostile requests

The requests that \`test/unit/server/hostile-requests.long.test.ts\` sends to the server, and the responses. None of them changes anything, no response contains markup from the request or a
token, and each has the headers that prevent browsers from running foreign code. This page is generated by that test: \`npx vitest run --project unit
test/unit/server/hostile-requests.long.test.ts --update=true\`. Protections: [security.md](security.md#protections). Who may do what: [pages.md](pages.md#who-may-do-what).

| request | server | response |
|---|---|---|
${rows.join('\n')}
| the eleventh attempt to sign in with a token within a minute, from one address | reachable from other machines, with tokens and a proxy | 429 refused: too many requests |
| the 61st change within a minute, from one address, by \`/api/v1\`, \`/api/v2\` or a page | each | 429 refused: too many requests |
`;
  await expect(text).toMatchFileSnapshot('../../../docs/hostile-requests.md');
});

describe('one who may', () => {
  it.each<[string, Which, InjectOptions, number]>([
    ['with a token', 'open', post('/api/v1/silences', SILENCE, { authorization: `Bearer ${TOKEN}` }), 200],
    [
      'by the proxy',
      'open',
      { ...post('/api/v1/silences', SILENCE, { 'x-forwarded-user': 'sam' }), remoteAddress: '10.0.0.7' },
      200,
    ],
    [
      'by the proxy, whose address is written as IPv6',
      'open',
      { ...post('/api/v1/silences', SILENCE, { 'x-forwarded-user': 'sam' }), remoteAddress: '::ffff:10.0.0.7' },
      200,
    ],
    [
      'by the form, signed in',
      'open',
      post('/silences', silenceForm, { cookie: signedIn, origin: 'http://tocsin.example.com' }),
      303,
    ],
    [
      'on the machine itself',
      'local',
      post('/api/v1/silences', { ...SILENCE, created_by: 'x' }, { host: 'localhost:9095' }),
      200,
    ],
  ])('adds a silence %s', async (_name, which, options, status) => {
    const { answer, changed } = await send(which, options);
    expect([answer.statusCode, changed]).toEqual([status, 1]);
  });

  it('signs in with a token, is known afterwards, and signs out', async () => {
    const wrong = await send(
      'closed',
      post('/login', form({ token: 'nonsense', next: '/alerts' }), { cookie: `tocsin_form=${FORM}` }),
    );
    expect([wrong.answer.statusCode, wrong.answer.cookies]).toEqual([401, []]);
    const right = await send(
      'closed',
      post('/login', form({ token: TOKEN, next: '//evil.example.com' }), { cookie: `tocsin_form=${FORM}` }),
    );
    // An address elsewhere is not followed.
    expect([right.answer.statusCode, right.answer.headers.location]).toEqual([303, '/']);
    const [cookie] = right.answer.cookies as {
      name: string;
      value: string;
      httpOnly: boolean;
      sameSite: string;
      maxAge: number;
    }[];
    expect(cookie).toMatchObject({ name: 'tocsin_session', httpOnly: true, sameSite: 'Strict', maxAge: 43_200 });
    const headers = { cookie: `tocsin_session=${cookie?.value}; tocsin_form=${FORM}` };
    const page = await send('closed', { method: 'GET', url: '/alerts', headers });
    expect([page.answer.statusCode, page.answer.body.includes('Sign out')]).toEqual([200, true]);
    const out = await send('closed', post('/logout', form({}), headers));
    expect([out.answer.statusCode, String(out.answer.headers['set-cookie'])]).toEqual([
      303,
      expect.stringContaining('tocsin_session=;'),
    ]);
  });

  it.each<[string, InjectOptions]>([
    ["Tocsin's own API", { method: 'DELETE', url: '/api/v1/silences/none', headers: { authorization: `Bearer ${TOKEN}` } }],
    [
      "an acknowledgement over Tocsin's own API",
      post(`/api/v1/alerts/${ALERT}/acknowledgement`, { comment: 'c' }, { authorization: `Bearer ${TOKEN}` }),
    ],
    ["Alertmanager's API", { method: 'DELETE', url: '/api/v2/silence/none', headers: { authorization: `Bearer ${TOKEN}` } }],
    ["a new silence over Alertmanager's API", post('/api/v2/silences', {}, { authorization: `Bearer ${TOKEN}` })],
    ['a page', post('/silences/none/extend', form({ length: '2h' }), { cookie: signedIn })],
  ])('changes something sixty times a minute at most: %s', async (_name, options) => {
    const codes: number[] = [];
    let said = '';
    for (let i = 0; i < 62; i++) {
      const { answer } = await send('open', { ...options, remoteAddress: '198.51.100.2' });
      codes.push(answer.statusCode);
      said = answer.body;
    }
    expect(said).toMatch(/too many requests/i);
    expect(new Set(codes.slice(0, 60)).has(429)).toBe(false);
    expect(codes.slice(60)).toEqual([429, 429]);
  });

  it('guesses tokens ten times a minute at most', async () => {
    const guess = () =>
      send('open', {
        ...post('/login', form({ token: 'guess' }), { cookie: `tocsin_form=${FORM}` }),
        remoteAddress: '198.51.100.1',
      });
    const codes: number[] = [];
    for (let i = 0; i < 12; i++) codes.push((await guess()).answer.statusCode);
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });
});
