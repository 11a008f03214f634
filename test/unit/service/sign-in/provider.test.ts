import { beforeEach, describe, expect, it } from 'vitest';
import type { OidcConfig } from '../../../../src/config/oidc.ts';
import { secret } from '../../../../src/core/secret.ts';
import { HOUR, MINUTE, manualClock, SECOND } from '../../../../src/core/time.ts';
import { oidcProvider, type WatchedProvider } from '../../../../src/service/sign-in/provider.ts';
import { FORGED_SECRET, type ForgedProvider, type Forgery, forgedProvider } from '../../../support/sign-in/forged-provider.ts';
import { oidcConfig } from '../../../support/sign-in/replicas.ts';

let forged: ForgedProvider;
let log: string[];
let clock: ReturnType<typeof manualClock>;
beforeEach(async () => {
  forged = await forgedProvider();
  log = [];
  clock = manualClock(1_772_366_220_000);
});

function providerWith(more: Partial<OidcConfig> = {}): WatchedProvider {
  const note = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`);
  return oidcProvider({
    config: oidcConfig(forged.issuer, secret(FORGED_SECRET), more),
    externalUrl: () => 'https://tocsin.example.com',
    ...{ fetch: forged.fetch, clock, log: { warn: note, info: note } },
  });
}

/** Signs in, and gives what became of it: who it is, or the kind and the text of the refusal. */
async function signIn(provider: WatchedProvider, tamper: (query: string) => string = (query) => query): Promise<unknown> {
  const started = await provider.start('/alerts?q=1');
  if (!started.ok) return `${started.kind}: ${started.message}`;
  const done = await provider.finish(tamper(forged.consent(started.value.url)), started.value.kept);
  return done.ok ? { person: done.person, next: done.next } : `${done.kind}: ${done.message}`;
}

const KIM = { user: 'https://id.example.com kim-1', name: 'kim', scopes: ['read', 'silence'] };

describe('a sign-in', () => {
  it('sends the browser with state, nonce and PKCE, and gives who it is and where they came from', async () => {
    const provider = providerWith();
    const started = await provider.start('/rules');
    if (!started.ok) throw new Error(started.message);
    const { searchParams, origin } = new URL(started.value.url);
    expect([origin, Object.fromEntries(searchParams)]).toEqual([
      'https://id.example.com',
      {
        ...{ client_id: 'tocsin', response_type: 'code', scope: 'openid profile email groups', code_challenge_method: 'S256' },
        redirect_uri: 'https://tocsin.example.com/login/oidc/callback',
        state: expect.stringMatching(/^[\w-]{40,}$/),
        nonce: expect.stringMatching(/^[\w-]{40,}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      },
    ]);
    // What the browser keeps cannot be read there.
    expect(Buffer.from(started.value.kept, 'base64url').toString('latin1')).not.toContain(searchParams.get('nonce'));
    expect(await signIn(provider)).toEqual({ person: KIM, next: '/alerts?q=1' });
  });

  it('that another replica has begun is finished by any', async () => {
    const started = await providerWith().start('/');
    if (!started.ok) throw new Error(started.message);
    const done = await providerWith().finish(forged.consent(started.value.url), started.value.kept);
    expect(done).toMatchObject({ ok: true, person: KIM });
  });
});

const NOT_ACCEPTED = 'invalid: The provider’s response was not accepted:';
const OF_ANOTHER = `${NOT_ACCEPTED} it was issued for another client or another sign-in, or by another provider.`;
const ELSEWHERE = 'https://evil.example.com';

describe('an ID token is refused', () => {
  it.each<[string, Partial<Forgery>, string]>([
    ['for another client', { claims: { aud: 'another' } }, OF_ANOTHER],
    ['for several clients, and issued to another of them', { claims: { aud: ['tocsin', 'other'], azp: 'other' } }, OF_ANOTHER],
    ['of another issuer', { claims: { iss: ELSEWHERE } }, OF_ANOTHER],
    ['for another sign-in', { claims: { nonce: 'of another' } }, OF_ANOTHER],
    ['without a nonce', { claims: { nonce: undefined } }, `${NOT_ACCEPTED} the response is not valid.`],
    ['without a signature (alg none)', { signedBy: 'nothing' }, `${NOT_ACCEPTED} it is signed with an unsupported algorithm.`],
    [
      'signed with the secret of the client',
      { signedBy: 'the secret of the client' },
      `${NOT_ACCEPTED} it is signed with an unsupported algorithm.`,
    ],
    ['signed by a key that is not the provider’s', { signedBy: 'another key' }, `${NOT_ACCEPTED} the response is not valid.`],
    [
      'that has expired',
      { claims: { exp: Math.floor(Date.now() / 1_000) - 60 } },
      `${NOT_ACCEPTED} it is not valid now: the clocks of the provider and this machine differ by more than 30 s.`,
    ],
    [
      'of a provider whose clock is behind by ten minutes',
      { ahead: -600 },
      `${NOT_ACCEPTED} it is not valid now: the clocks of the provider and this machine differ by more than 30 s.`,
    ],
    [
      'that is not there',
      { instead: { '/token': async () => Response.json({ access_token: 'a', token_type: 'bearer' }) } },
      `${NOT_ACCEPTED} the response is not valid.`,
    ],
  ])('%s', async (_name, how, expected) => {
    forged.answers(how);
    expect(await signIn(providerWith())).toBe(expected);
    expect(log.join()).not.toMatch(/code-|an-access-token|eyJ|a-client-secret/);
  });

  it('but not of a provider whose clock is off by twenty seconds', async () => {
    for (const ahead of [-315, 20]) {
      forged.answers({ ahead });
      expect(await signIn(providerWith())).toMatchObject({ person: KIM });
    }
  });
});

describe('what the browser comes back with is refused', () => {
  it('with another state', async () => {
    const refused = await signIn(providerWith(), (query) => query.replace(/state=[^&]+/, 'state=guessed'));
    expect(refused).toBe(`${NOT_ACCEPTED} the response is not valid.`);
    expect(forged.asked).not.toContain('/token');
  });

  it('with the code of another attempt', async () => {
    const provider = providerWith();
    const [mine, theirs] = [await provider.start('/'), await provider.start('/')];
    if (!mine.ok || !theirs.ok) throw new Error('it should begin');
    const code = new URLSearchParams(forged.consent(theirs.value.url)).get('code') ?? '';
    const query = new URLSearchParams({ code, state: mine.value.state }).toString();
    expect(await provider.finish(query, mine.value.kept)).toMatchObject({
      ok: false,
      message: 'The provider’s response was not accepted: the provider says invalid_grant.',
    });
  });

  it('a second time', async () => {
    const provider = providerWith();
    const started = await provider.start('/');
    if (!started.ok) throw new Error(started.message);
    const query = forged.consent(started.value.url);
    expect((await provider.finish(query, started.value.kept)).ok).toBe(true);
    expect(await provider.finish(query, started.value.kept)).toMatchObject({
      message: 'The provider’s response was not accepted: the provider says invalid_grant.',
    });
  });

  it.each<[string, (kept: string) => string]>([
    ['without what the browser had kept', () => ''],
    ['with what the browser had kept changed', (kept) => `${kept.slice(0, -2)}AA`],
    ['with nonsense kept', () => 'A'.repeat(5_000)],
  ])('%s', async (_name, change) => {
    const provider = providerWith();
    const started = await provider.start('/');
    if (!started.ok) throw new Error(started.message);
    const done = await provider.finish(forged.consent(started.value.url), change(started.value.kept));
    expect(done).toMatchObject({
      ok: false,
      kind: 'invalid',
      message: expect.stringContaining('has expired, or was started in another'),
    });
    expect(forged.asked).not.toContain('/token');
  });

  it('after ten minutes', async () => {
    const provider = providerWith();
    const started = await provider.start('/');
    if (!started.ok) throw new Error(started.message);
    clock.set(clock.now() + 10 * MINUTE);
    expect(await provider.finish(forged.consent(started.value.url), started.value.kept)).toMatchObject({
      ok: false,
      kind: 'invalid',
    });
  });

  it('as a refusal of the person or of the provider, by its code and not by its words', async () => {
    const query = (state: string) => `error=access_denied&error_description=%3Cscript%3E+call+me&state=${state}`;
    const refused = await signIn(providerWith(), (good) => query(new URLSearchParams(good).get('state') ?? ''));
    expect(refused).toBe('refused: The provider did not sign you in: access_denied.');
  });
});

describe('a provider that fails', () => {
  it.each<[string, Partial<Forgery>, string]>([
    ['names another issuer', { metadata: { issuer: ELSEWHERE } }, 'the provider’s issuer differs from the configured one'],
    [
      'redirects',
      { instead: { '/.well-known/openid-configuration': () => Response.redirect(ELSEWHERE, 302) } },
      'the provider returned an error',
    ],
    [
      'answers without end',
      { instead: { '/.well-known/openid-configuration': () => new Response('x'.repeat(2_000_000)) } },
      'the provider’s response is larger than 1 MiB',
    ],
    [
      'answers with a page',
      {
        instead: {
          '/.well-known/openid-configuration': () => new Response('<p>', { headers: { 'content-type': 'text/html' } }),
        },
      },
      'the response is not JSON',
    ],
    [
      'is not there',
      {
        instead: {
          '/.well-known/openid-configuration': () =>
            Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })),
        },
      },
      'the connection is refused',
    ],
  ])('because it %s is said so, asked again seconds later, and works again', async (_name, how, why) => {
    const provider = providerWith();
    forged.answers(how);
    const message = `Example Inc. (id.example.com) is unavailable: ${why}.`;
    expect(await signIn(provider)).toBe(`unavailable: ${message}`);
    expect(provider.problem()).toMatchObject({ message, hint: expect.stringContaining('sign in with a token') });
    const before = forged.asked.length;
    expect(await signIn(provider)).toBe(`unavailable: ${message}`);
    expect(forged.asked.length).toBe(before);
    forged.answers({ metadata: {}, instead: {} });
    clock.set(clock.now() + 5 * SECOND);
    expect(await signIn(provider)).toMatchObject({ person: KIM });
    expect([provider.problem(), log.length]).toEqual([undefined, 2]);
    expect(log[1]).toContain('available again');
  });

  it('and has just failed for this replica is asked again for one who comes from there', async () => {
    const [here, there] = [providerWith(), providerWith()];
    const started = await there.start('/');
    if (!started.ok) throw new Error(started.message);
    forged.answers({ metadata: { issuer: ELSEWHERE } });
    expect((await here.start('/')).ok).toBe(false);
    forged.answers({ metadata: {} });
    expect(await here.finish(forged.consent(started.value.url), started.value.kept)).toMatchObject({ ok: true });
  });

  it('is noticed while no one signs in, with one request in five minutes', async () => {
    const provider = providerWith();
    for (let second = 0; second < 3_600; second += 1) {
      clock.set(clock.now() + SECOND);
      provider.poll();
      if (second % 60 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(forged.asked.length).toBeGreaterThanOrEqual(11);
    expect(forged.asked.length).toBeLessThanOrEqual(13);
    forged.answers({ metadata: { issuer: ELSEWHERE } });
    clock.set(clock.now() + HOUR);
    provider.poll();
    await expect.poll(() => provider.problem()).toBeDefined();
  });
});

describe('what one may do', () => {
  it.each<[string, Partial<OidcConfig>, Record<string, unknown>, readonly string[] | string]>([
    ['is what the best of one’s groups may', {}, { groups: ['staff', 'platform'] }, ['read', 'silence', 'admin']],
    ['is by groups as they are written', {}, { groups: ['On-Call'] }, 'none of your groups may use Tocsin'],
    ['is nothing without groups', {}, { groups: [] }, 'none of your groups may use Tocsin'],
    ['is nothing by a group of the name *', {}, { groups: ['*'] }, 'none of your groups may use Tocsin'],
    ['may be for everyone', { access: { read: ['*'] } }, { groups: [] }, ['read']],
    ['may need another group as well', { allowedGroups: ['staff'] }, {}, 'none of your groups may use Tocsin'],
    ['is there with that group', { allowedGroups: ['on-call'] }, {}, ['read', 'silence']],
    [
      'is by a claim within another',
      { groupsClaims: ['realm_access.roles'] },
      { realm_access: { roles: ['platform'] } },
      ['read', 'silence', 'admin'],
    ],
    [
      'is by a claim whose name has dots',
      { groupsClaims: ['https://x.example/g'] },
      { 'https://x.example/g': 'staff' },
      ['read'],
    ],
    [
      'is by an address that is verified',
      { groupsClaims: ['email'], access: { read: ['k@example.com'] } },
      { email: 'k@example.com', email_verified: true },
      ['read'],
    ],
    [
      'is not by an address that is not',
      { groupsClaims: ['email'], access: { read: ['k@example.com'] } },
      { email: 'k@example.com' },
      'none of your groups may use Tocsin',
    ],
    ['is not by a member of every object', { groupsClaims: ['constructor.name'] }, {}, 'none of your groups may use Tocsin'],
  ])('%s', async (_name, more, claims, expected) => {
    forged.answers({ claims });
    const done = await signIn(providerWith(more));
    if (typeof expected === 'string') expect(done).toContain(expected);
    else expect(done).toMatchObject({ person: { scopes: expected } });
  });

  it('is asked for where the token does not say it, and only of the same user', async () => {
    forged.answers({ claims: { groups: undefined }, user: { groups: ['platform'] } });
    expect(await signIn(providerWith())).toMatchObject({ person: { name: 'kim', scopes: ['read', 'silence', 'admin'] } });
    forged.answers({ user: { sub: 'robin-1', groups: ['platform'] } });
    expect(await signIn(providerWith())).toContain(NOT_ACCEPTED);
  });
});

describe('the name', () => {
  it.each<[string, Partial<OidcConfig>, Record<string, unknown>, string]>([
    ['is the user name', {}, {}, 'kim'],
    [
      'is the verified address',
      {},
      { preferred_username: undefined, email: 'k@example.com', email_verified: true },
      'k@example.com',
    ],
    ['is never an address that is not verified', {}, { preferred_username: undefined, email: 'boss@example.com' }, 'kim-1'],
    ['is the claim that is configured', { nameClaim: 'name' }, { name: 'Kim K.' }, 'Kim K.'],
    ['shows what cannot be seen', {}, { preferred_username: 'kim\u202e\r\nx' }, 'kim\ufffd\ufffd x'],
  ])('%s', async (_name, more, claims, name) => {
    forged.answers({ claims, user: {} });
    expect(await signIn(providerWith(more))).toMatchObject({ person: { name } });
  });

  it('has to be there where it is configured', async () => {
    expect(await signIn(providerWith({ nameClaim: 'nickname' }))).toBe(
      'refused: The provider did not send your name: the claim nickname is missing.',
    );
  });
});

describe('signing out at the provider', () => {
  it('names the session by its token, and leads back to the login', async () => {
    const url = new URL((await providerWith().endUrl('an.id.token')) ?? '');
    expect([url.origin + url.pathname, Object.fromEntries(url.searchParams)]).toEqual([
      'https://id.example.com/end',
      { client_id: 'tocsin', id_token_hint: 'an.id.token', post_logout_redirect_uri: 'https://tocsin.example.com/login' },
    ]);
  });

  it('is left out where the provider cannot, or is not to', async () => {
    expect(await providerWith({ providerLogout: false }).endUrl('t')).toBeUndefined();
    forged.answers({ metadata: { end_session_endpoint: undefined } });
    expect(await providerWith().endUrl('t')).toBeUndefined();
  });
});
