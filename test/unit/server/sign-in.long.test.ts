import { beforeEach, describe, expect, it } from 'vitest';
import { secret } from '../../../src/core/secret.ts';
import { manualClock } from '../../../src/core/time.ts';
import { oidcProvider } from '../../../src/service/sign-in/provider.ts';
import { SHOWN_AT, type ShownService, shownService } from '../../support/server/shown-service.ts';
import { FORGED_SECRET, type ForgedProvider, forgedProvider } from '../../support/sign-in/forged-provider.ts';
import { oidcConfig } from '../../support/sign-in/replicas.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly sameSite?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly maxAge?: number;
}

/** A browser without a window: it keeps its cookies. */
function browser(tocsin: ShownService) {
  const jar = new Map<string, string>();
  const send = async (url: string, form?: Readonly<Record<string, string>>) => {
    const headers = {
      ...{ host: 'tocsin.example.com', cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const payload = form && { payload: new URLSearchParams({ form: jar.get('tocsin_form') ?? '', ...form }).toString() };
    const answer = await tocsin.server.inject({ method: form ? 'POST' : 'GET', url, headers, ...payload });
    const cookies = answer.cookies as unknown as readonly Cookie[];
    for (const { name, value } of cookies) {
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return { status: answer.statusCode, headers: answer.headers, body: answer.body, cookies };
  };
  return { jar, send };
}

let forged: ForgedProvider;
let tocsin: ShownService;
let kim: ReturnType<typeof browser>;
beforeEach(async () => {
  forged = await forgedProvider();
  const config = oidcConfig(forged.issuer, secret(FORGED_SECRET));
  const log = { warn: () => undefined, info: () => undefined };
  const externalUrl = 'https://tocsin.example.com';
  const provider = oidcProvider({
    config,
    externalUrl: () => externalUrl,
    fetch: forged.fetch,
    clock: manualClock(SHOWN_AT),
    log,
  });
  const { sessionKey, sessionLength } = config;
  const access = { host: '0.0.0.0', requireLogin: true, externalUrl, oidc: { sessionKey, sessionLength } };
  tocsin = await shownService({ access, provider, played: false });
  kim = browser(tocsin);
});

async function signIn({ send }: ReturnType<typeof browser>, next = '/alerts') {
  const started = await send(`/login/oidc?next=${encodeURIComponent(next)}`);
  return { started, done: await send(`/login/oidc/callback?${forged.consent(String(started.headers.location))}`) };
}

describe('signing in with a provider', () => {
  it('keeps the attempt and the session out of reach of scripts and of other sites', async () => {
    const { started, done } = await signIn(kim);
    expect([started.status, done.status]).toEqual([303, 200]);
    const safe = { httpOnly: true, secure: true };
    const named = (cookies: readonly Cookie[], name: string) => cookies.find((one) => one.name.startsWith(name));
    expect(named(started.cookies, 'tocsin_login_')).toMatchObject({ ...safe, path: '/login/oidc', sameSite: 'Lax', maxAge: 600 });
    expect(named(done.cookies, 'tocsin_session')).toMatchObject({ ...safe, path: '/', sameSite: 'Strict', maxAge: 28_800 });
    expect(named(done.cookies, 'tocsin_id_token')).toMatchObject({ ...safe, path: '/logout', sameSite: 'Strict' });
    // Neither can be read there, and the attempt is over.
    expect(kim.jar.get('tocsin_id_token')).not.toContain('eyJ');
    expect([...kim.jar.keys()].filter((name) => name.startsWith('tocsin_login_'))).toEqual([]);
    expect(tocsin.signedIn).toEqual(['kim signed in by kim']);
  });

  it.each([
    ['/alerts?q=team%3D%22shop%22', '/alerts?q=team%3D%22shop%22'],
    ['/alerts?q=☃', '/alerts?q=%E2%98%83'],
    ['//evil.example.com', '/'],
    ['https://evil.example.com', '/'],
    ['/\\evil.example.com', '/'],
    ['/a\r\nset-cookie: x=1', '/'],
    ['javascript:alert(1)', '/'],
    ['', '/'],
  ])('leads from %j to %s of this server', async (next, path) => {
    const { done } = await signIn(kim, next);
    expect(done.headers['refresh']).toBe(`0; url=${path}`);
    expect(done.body).toContain('You are signed in as kim.');
  });

  it('does not fill the browser with attempts that others make it begin', async () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      await kim.send('/login/oidc');
      expect([...kim.jar.keys()].filter((name) => name.startsWith('tocsin_login_')).length).toBeLessThanOrEqual(5);
    }
  });

  it('takes several attempts of one browser at once', async () => {
    const [first, second] = [await kim.send('/login/oidc?next=/rules'), await kim.send('/login/oidc?next=/noise')];
    const back = (started: typeof first) => kim.send(`/login/oidc/callback?${forged.consent(String(started.headers.location))}`);
    expect((await back(first)).headers['refresh']).toBe('0; url=/rules');
    expect((await back(second)).headers['refresh']).toBe('0; url=/noise');
  });

  it('works no second time with the same answer', async () => {
    const started = await kim.send('/login/oidc');
    const url = `/login/oidc/callback?${forged.consent(String(started.headers.location))}`;
    expect((await kim.send(url)).status).toBe(200);
    const again = await kim.send(url);
    expect([again.status, again.body.includes('has expired, or was started in another browser')]).toEqual([400, true]);
  });

  it('shows the name as text, whatever it is', async () => {
    forged.answers({ claims: { preferred_username: '<img src=x onerror=alert(1)>' } });
    const { done } = await signIn(kim);
    expect(done.body).toContain('&#60;img src=x');
    expect(done.body).not.toContain('<img');
  });

  it('is limited for each address, so that the provider is not flooded', async () => {
    const codes: number[] = [];
    for (let attempt = 0; attempt < 122; attempt += 1) codes.push((await kim.send('/login/oidc')).status);
    expect(codes.slice(118)).toEqual([303, 303, 429, 429]);
  });
});

describe('someone who has signed in', () => {
  it('sees the own session, and no one else’s', async () => {
    await signIn(kim);
    const page = await kim.send('/account');
    expect([page.status, page.body.includes('the provider'), page.body.includes('Who has signed in')]).toEqual([
      200,
      true,
      false,
    ]);
  });

  it('may not choose another author for a silence', async () => {
    await signIn(kim);
    await kim.send('/silences', { matchers: 'team="shop"', length: '1h', comment: 'c', author: 'robin', created_by: 'robin' });
    const { body } = await kim.send('/api/v1/silences');
    const made = (JSON.parse(body) as { items: { comment: string; created_by: string }[] }).items.find(
      ({ comment }) => comment === 'c',
    );
    expect([made?.created_by, tocsin.audited]).toEqual(['kim', ['saved by kim']]);
  });

  it('is led to the provider to sign out there too, which forgets the session here', async () => {
    await signIn(kim);
    const session = kim.jar.get('tocsin_session') ?? '';
    const out = await kim.send('/logout', {});
    const [, url = ''] = /^0; url=(.*)$/.exec(String(out.headers['refresh'])) ?? [];
    const { origin, searchParams } = new URL(url);
    expect([out.status, origin, searchParams.get('id_token_hint')?.split('.').length]).toEqual([
      200,
      'https://id.example.com',
      3,
    ]);
    expect([...kim.jar.keys()]).toEqual(['tocsin_form']);
    kim.jar.set('tocsin_session', session);
    expect((await kim.send('/api/v1/alerts')).status).toBe(401);
  });

  it('no longer follows events when the session is ended', async () => {
    await signIn(kim);
    const address = await tocsin.server.listen('127.0.0.1', 0);
    try {
      const headers = { cookie: `tocsin_session=${kim.jar.get('tocsin_session')}` };
      const stream = await fetch(`${address}/api/v1/events`, { headers });
      const reader = stream.body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('tocsin');
      await kim.send('/logout/everywhere', {});
      tocsin.events.silence({ silence: 'any', done: 'saved', by: 'robin' });
      const rest = await reader?.read();
      expect([rest?.done, rest?.value]).toEqual([true, undefined]);
    } finally {
      await tocsin.server.close();
    }
  });

  it('and is an admin sees who has sessions, and ends them', async () => {
    const robin = browser(tocsin);
    await signIn(kim);
    forged.answers({ claims: { sub: 'robin-1', preferred_username: 'robin', groups: ['platform'] } });
    await signIn(robin);
    const page = await robin.send('/account');
    expect(page.body).toContain('End sessions<span class="unseen"> of kim</span>');
    const ended = await robin.send('/account/end', { user: 'https://id.example.com kim-1' });
    expect([ended.status, ended.body.includes('The sessions of kim have ended: within seconds on all replicas.')]).toEqual([
      200,
      true,
    ]);
    expect((await kim.send('/api/v1/alerts')).status).toBe(401);
    expect((await robin.send('/account/end', { user: 'https://id.example.com none' })).status).toBe(404);
    expect((await robin.send('/account/end', { everyone: 'true' })).headers['location']).toBe('/login');
    expect((await robin.send('/api/v1/alerts')).status).toBe(401);
    expect(tocsin.signedIn.slice(2)).toEqual(['kim sessions ended by robin', 'everyone sessions ended by robin']);
  });
});

describe('behind an authenticating proxy', () => {
  const asked = (url: string, payload?: object) => ({
    ...{ url, remoteAddress: '10.0.0.7', headers: { host: 'tocsin.example.com', 'x-forwarded-user': 'sam' } },
    ...(payload ? { method: 'POST' as const, payload } : { method: 'GET' as const }),
  });

  it('the author is whom the proxy names, also over Alertmanager’s API', async () => {
    const proxyAuth = { trusted: ['10.0.0.7'], userHeader: 'x-forwarded-user', scopes: ['read', 'silence'] as const };
    const shop = await shownService({ access: { host: '0.0.0.0', proxyAuth }, played: false });
    const [startsAt, endsAt] = [new Date(SHOWN_AT).toISOString(), new Date(SHOWN_AT + 3_600_000).toISOString()];
    const matchers = [{ name: 'team', value: 'shop', isRegex: false }];
    const silence = { matchers, startsAt, endsAt, createdBy: 'robin', comment: 'c' };
    expect((await shop.server.inject(asked('/api/v2/silences', silence))).statusCode).toBe(200);
    const listed = (await shop.server.inject(asked('/api/v2/silences'))).json<{ comment: string; createdBy: string }[]>();
    expect(listed.find(({ comment }) => comment === 'c')?.createdBy).toBe('sam');
    expect(shop.audited).toEqual(['saved by sam']);
  });

  it('an admin ends sessions, and others have no page for it', async () => {
    for (const [scopes, status] of [
      [['read', 'admin'], 200],
      [['read'], 302],
    ] as const) {
      const shop = await shownService({
        access: { host: '0.0.0.0', proxyAuth: { trusted: ['10.0.0.7'], userHeader: 'x-forwarded-user', scopes } },
        played: false,
      });
      const page = await shop.server.inject(asked('/account'));
      expect([page.statusCode, page.body.includes('Sign everyone out')]).toEqual([status, status === 200]);
    }
  });
});
