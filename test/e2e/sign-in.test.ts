import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleLivePages } from '../../scripts/page/bundle.ts';
import { secret } from '../../src/core/secret.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { axeFindings, type OpenPage, openPage } from '../support/server/pages-in-browser.ts';
import { type OpenIdProvider, openIdProvider } from '../support/sign-in/openid-provider.ts';
import { oidcConfig, type Replicas, twoReplicas } from '../support/sign-in/replicas.ts';

const TOKEN = 'a-token-for-emergencies-0123456789';
const ASKED = '/alerts?q=team%3D%22shop%22&status=firing';

let provider: OpenIdProvider;
let tocsin: Replicas;
let open: OpenPage;
beforeAll(async () => {
  tocsin = await twoReplicas(
    async (url) => {
      provider = await openIdProvider(() => url);
      return oidcConfig(provider.issuer, secret(provider.clientSecret));
    },
    [{ name: 'emergency', token: secret(TOKEN) }],
    await bundleLivePages(),
  );
  open = await openPage(tocsin.url);
});
beforeEach(() => open.page.context().clearCookies());
afterAll(async () => {
  await open.close();
  await tocsin.close();
  await provider.close();
});

/** Goes to the login page by a page that needs a login, and gives the provider a name. */
async function askAs(name: string, path = ASKED): Promise<void> {
  const { page } = open;
  await page.goto(tocsin.url + path);
  await page.getByRole('link', { name: 'Sign in with Example Inc.' }).click();
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: /sign-in/i }).click();
  await page.getByRole('button', { name: /continue/i }).click();
}

async function signInAs(name: string, path = ASKED): Promise<void> {
  await askAs(name, path);
  await open.page.waitForURL(tocsin.url + path);
}

const account = () => open.page.locator('.account').innerText();
const changes = () => tocsin.replicas.flatMap(({ audited }) => audited);

describe('people sign in with the provider', () => {
  it('come back to the page that they asked for, and their name is the author of what they change', async () => {
    const { page } = open;
    await signInAs('kim');
    expect(page.url()).toBe(tocsin.url + ASKED);
    expect(await account()).toMatch(/^kim\s+may silence\s+Sign out$/);
    await page.goto(`${tocsin.url}/silences/new`);
    expect(await page.locator('[name=author]').count()).toBe(0);
    await page.locator('[name=matchers]').fill('team="shop"');
    await page.locator('[name=comment]').fill('a deployment');
    await page.getByRole('button', { name: /silence/i }).click();
    await page.waitForURL('**/silences');
    expect(changes()).toContain('saved by kim');
    expect(await page.locator('main').innerText()).toContain('kim');
  });

  it('are still signed in when a page of another site links to one here', async () => {
    const { page } = open;
    await signInAs('kim');
    await page.goto(`${provider.issuer}/.well-known/openid-configuration`);
    await page.evaluate(`location.href = ${JSON.stringify(tocsin.url + ASKED)}`);
    await page.waitForURL(tocsin.url + ASKED);
    await page.locator('.account button').waitFor();
    expect(await account()).toMatch(/^kim/);
  });

  it('may what their groups may: one who reads gets no button, and a form of theirs is refused', async () => {
    const { page } = open;
    await signInAs('sam', '/');
    expect(await account()).toMatch(/^sam\s+read only/);
    await page.goto(`${tocsin.url}/silences/new`);
    expect(await page.getByRole('button', { name: /add|create/i }).count()).toBe(0);
    const status = await page.evaluate<number>(`fetch('/silences', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ form: document.querySelector('[name=form]').value, matchers: 'team="shop"', length: '1h', comment: 'c', author: 'kim' }),
    }).then(({ status }) => status)`);
    expect(status).toBe(403);
    expect(changes().filter((change) => change.endsWith('by sam'))).toEqual([]);
  });

  it('of other groups are refused, with what to do, and are not signed in', async () => {
    const { page } = open;
    await askAs('stranger');
    await page.getByRole('heading', { name: 'Not signed in' }).waitFor();
    expect(await page.locator('main').innerText()).toContain(
      'You are signed in at the provider as stranger, but none of your groups may use Tocsin.',
    );
    expect(await axeFindings(page)).toEqual([]);
    await page.goto(tocsin.url + ASKED);
    expect(new URL(page.url()).pathname).toBe('/login');
  });

  it('can use the pages of the login and of their session, whatever they see with', async () => {
    const { page } = open;
    await page.goto(`${tocsin.url}/login`);
    expect(await axeFindings(page)).toEqual([]);
    await signInAs('robin', '/');
    await page.goto(`${tocsin.url}/account`);
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 375, height: 700 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    await page.setViewportSize({ width: 1280, height: 900 });
  });
});

describe('a session ends', () => {
  /** The session of the browser as a request that anyone could send who has it. */
  async function session(): Promise<string> {
    const cookies = await open.page.context().cookies(tocsin.url);
    return cookies.find(({ name }) => name === 'tocsin_session')?.value ?? '';
  }
  const statusWith = async (cookie: string, replica = 0) => {
    const headers = { cookie: `tocsin_session=${cookie}`, host: 'tocsin.example.com' };
    return (await tocsin.replicas[replica]?.server.inject({ url: '/api/v1/alerts', headers }))?.statusCode;
  };

  it('on all replicas when one signs out, and at the provider', async () => {
    const { page } = open;
    await signInAs('kim', '/');
    const kept = await session();
    expect([await statusWith(kept, 0), await statusWith(kept, 1)]).toEqual([200, 200]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.href.startsWith(provider.issuer));
    await page.getByRole('button', { name: /yes/i }).click();
    await page.waitForURL((url) => url.href.startsWith(`${tocsin.url}/login`));
    tocsin.pass(5 * SECOND);
    expect([await statusWith(kept, 0), await statusWith(kept, 1)]).toEqual([401, 401]);
  });

  it('in all browsers when one signs out everywhere', async () => {
    const { page } = open;
    await signInAs('kim', '/');
    const elsewhere = await session();
    await page.context().clearCookies();
    await signInAs('kim', '/account');
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.waitForURL((url) => url.href.startsWith(provider.issuer));
    tocsin.pass(5 * SECOND);
    expect([await statusWith(elsewhere, 0), await statusWith(elsewhere, 1)]).toEqual([401, 401]);
    await page.context().clearCookies();
    // A new one is not over.
    await signInAs('kim', '/');
    expect(await account()).toMatch(/^kim/);
  });

  it('when an admin ends it', async () => {
    const { page } = open;
    await signInAs('sam', '/');
    const theirs = await session();
    await page.context().clearCookies();
    await signInAs('robin', '/account');
    await page.getByRole('button', { name: 'End sessions of sam' }).click();
    await page.getByRole('status').filter({ hasText: 'The sessions of sam have ended' }).waitFor();
    tocsin.pass(5 * SECOND);
    expect([await statusWith(theirs, 0), await statusWith(theirs, 1)]).toEqual([401, 401]);
    expect(await account()).toMatch(/^robin\s+admin/);
  });
});

describe('the provider', () => {
  it('may change its keys at any time', async () => {
    await signInAs('kim', '/');
    await provider.rotateKey();
    for (const _ of tocsin.replicas) {
      await open.page.context().clearCookies();
      await signInAs('kim', '/');
    }
    expect(await account()).toMatch(/^kim/);
  });

  it('may be down: the login page says so and what to do, tokens work, and those who are signed in stay so', async () => {
    const { page } = open;
    await signInAs('kim', '/');
    provider.down();
    tocsin.pass(2 * MINUTE);
    await page.goto(`${tocsin.url}/rules`);
    expect(await account()).toMatch(/^kim/);
    await page.context().clearCookies();
    await page.goto(tocsin.url + ASKED);
    await page.getByRole('link', { name: 'Sign in with Example Inc.' }).click();
    expect(await page.locator('main').innerText()).toMatch(
      /Example Inc\. \(localhost:\d+\) is unavailable: .*Try again in a minute, or sign in with a token/s,
    );
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${tocsin.url}/`);
    expect(await account()).toMatch(/^emergency\s+may silence/);
    provider.up();
    tocsin.pass(MINUTE);
    await page.context().clearCookies();
    await signInAs('kim', '/');
  });

  it('is logged when it fails, without secrets, codes and tokens', () => {
    const log = tocsin.log.join('\n');
    expect(log).toContain('a sign-in was refused');
    expect(log).toContain('the OpenID provider is unavailable');
    for (const hidden of [provider.clientSecret, TOKEN, 'code=', 'eyJ']) expect(log).not.toContain(hidden);
  });
});
