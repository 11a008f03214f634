import type { InjectOptions } from 'fastify';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import { secret } from '../../../src/core/secret.ts';
import { HOUR, manualClock } from '../../../src/core/time.ts';
import { sealed } from '../../../src/server/web/sealed.ts';
import { sessionOf, sessionOfPerson } from '../../../src/server/web/session.ts';
import { oidcProvider } from '../../../src/service/sign-in/provider.ts';
import { sessionDesk } from '../../../src/service/sign-in/session-desk.ts';
import { SHOWN_AT, type ShownService, shownService } from '../server/shown-service.ts';
import { FORGED_SECRET, forgedProvider } from './forged-provider.ts';
import { oidcConfig } from './replicas.ts';

const FORM = 'form-text-of-this-browser-0123';
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const TOKEN = { name: 'on-call', token: secret('a-token-of-on-call-0123456789') };
const KEY = { sessionKey: oidcConfig('', secret('')).sessionKey, sessionLength: 8 * HOUR };
const person = (name: string) => ({ user: `https://id.example.com ${name}`, name, scopes: ['read', 'silence'] as const });
const start = (id: string, at = SHOWN_AT) => ({ at, id });
const kim = sessionOfPerson(person('kim'), start('kim'), KEY);

/** A server with an OpenID provider, where `gone` has signed out, `out` has signed out everywhere, and an admin has ended the sessions of `ended`. */
export async function serverWithProvider(): Promise<ShownService> {
  const forged = await forgedProvider();
  const { signIns } = createMemory().stores('default');
  const clock = manualClock(SHOWN_AT);
  const log = { warn: () => undefined, info: () => undefined };
  const config = oidcConfig(forged.issuer, secret(FORGED_SECRET));
  const provider = oidcProvider({ config, externalUrl: () => 'https://tocsin.example.com', fetch: forged.fetch, clock, log });
  const desk = sessionDesk({ store: signIns, clock, longest: 12 * HOUR, shown: (text) => text });
  await desk.end({ user: person('gone').user, ...start('gone'), until: SHOWN_AT + HOUR }, 'gone');
  await desk.endAllOf(person('out'));
  await desk.end({ user: 'token on-call', ...start('token'), until: SHOWN_AT + HOUR }, 'on-call');
  const externalUrl = 'https://tocsin.example.com';
  const access = { host: '0.0.0.0', tokens: [TOKEN], requireLogin: true, oidc: KEY, externalUrl };
  return shownService({ access, provider, signIns });
}

const get = (url: string, cookie = ''): InjectOptions => ({ method: 'GET', url, headers: { cookie } });
const alerts = (session: string): InjectOptions => get('/api/v1/alerts', `tocsin_session=${session}`);
const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}): InjectOptions => ({
  ...{ method: 'POST', url, payload: new URLSearchParams(fields).toString() },
  headers: { ...FORM_TYPE, cookie: `tocsin_session=${kim}; tocsin_form=${FORM}`, ...headers },
});
const attempt = (key: string, purpose: string, until = SHOWN_AT + HOUR) =>
  sealed(JSON.stringify({ state: 'guessed-state', nonce: 'n', verifier: 'v', next: '//evil.example.com', until }), key, purpose);
const callback = (kept: string) =>
  get('/login/oidc/callback?code=stolen&state=guessed-state', `tocsin_login_guessed-stat=${kept}`);
const changed = (session: string) => {
  const [claims = '', signature = ''] = session.split('.');
  const text = Buffer.from(claims, 'base64url').toString().replace('"silence"', '"admin"');
  return `${Buffer.from(text).toString('base64url')}.${signature}`;
};
const elsewhere = { origin: 'https://evil.example.com' };

/** What is sent to that server, and the status it gets. */
export const HOSTILE_SIGN_INS: readonly (readonly [string, InjectOptions, number])[] = [
  ['a provider’s response without a sign-in attempt', get('/login/oidc/callback?code=stolen&state=forged'), 400],
  ['a provider’s response with a forged state', callback(attempt('guessed', 'oidc attempt')), 400],
  ['a provider’s response to an expired attempt', callback(attempt(KEY.sessionKey.reveal(), 'oidc attempt', SHOWN_AT)), 400],
  ['a provider’s response with an unknown code', callback(attempt(KEY.sessionKey.reveal(), 'oidc attempt')), 400],
  ['a provider’s response with the cookie for signing out', callback(attempt(KEY.sessionKey.reveal(), 'oidc id token')), 400],
  ['a provider’s response with duplicate parameters', get('/login/oidc/callback?state=a&state=b&code=1&code=2'), 400],
  ['a provider’s response with markup as the error', get('/login/oidc/callback?error=%3Cscript%3E&state=x'), 400],
  ['the cookie of a sign-in attempt as a session', alerts(attempt(KEY.sessionKey.reveal(), 'oidc attempt')), 401],
  [
    'a session signed with the secret of the client',
    alerts(sessionOfPerson(person('kim'), start('x'), { ...KEY, sessionKey: secret(FORGED_SECRET) })),
    401,
  ],
  ['a session of the provider, signed with a token', alerts(sessionOf({ ...TOKEN, name: 'kim' }, start('x'))), 401],
  ['a session of the provider with forged scopes', alerts(changed(kim)), 401],
  [
    'a session of the provider with a forged end',
    alerts(sessionOfPerson(person('kim'), start('x'), { ...KEY, sessionLength: 9 * HOUR })),
    401,
  ],
  ['a session of the provider that has ended', alerts(sessionOfPerson(person('kim'), start('x', SHOWN_AT - 9 * HOUR), KEY)), 401],
  [
    'a session of the provider that starts tomorrow',
    alerts(sessionOfPerson(person('kim'), start('x', SHOWN_AT + 24 * HOUR), KEY)),
    401,
  ],
  ['a session after signing out', alerts(sessionOfPerson(person('gone'), start('gone'), KEY)), 401],
  ['a session with a token after signing out', alerts(sessionOf(TOKEN, start('token'))), 401],
  ['a session after signing out everywhere', alerts(sessionOfPerson(person('out'), start('any'), KEY)), 401],
  [
    'a session of the provider at the API, for a change',
    { ...alerts(kim), method: 'POST', url: '/api/v1/silences', payload: {} },
    401,
  ],
  ['signing out by a form from another site', post('/logout', { form: FORM }, elsewhere), 403],
  ['signing out everywhere by a form without its token', post('/logout/everywhere', {}), 403],
  ['ending others’ sessions without being an admin', post('/account/end', { form: FORM, everyone: 'true' }), 403],
  ['ending others’ sessions by a form from another site', post('/account/end', { form: FORM, everyone: 'true' }, elsewhere), 403],
  [
    'the header of a proxy where none is configured',
    { ...get('/api/v1/alerts'), headers: { 'x-forwarded-user': 'kim' }, remoteAddress: '10.0.0.7' },
    401,
  ],
  [
    'a page that another site links to, without a session',
    { ...get('/alerts'), headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
    200,
  ],
];
