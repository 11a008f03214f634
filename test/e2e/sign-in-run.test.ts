import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl } from '../support/elasticsearch/urls.ts';
import { type OpenPage, openPage } from '../support/server/pages-in-browser.ts';
import { startTocsin, type TocsinProcess } from '../support/service/tocsin-process.ts';
import { type OpenIdProvider, openIdProvider } from '../support/sign-in/openid-provider.ts';
import { alternatingFront, type Front } from '../support/sign-in/replicas.ts';

const namespace = `sign-in-${randomUUID().slice(0, 8)}`;
const replicas: TocsinProcess[] = [];
const addresses: string[] = [];
let front: Front;
let provider: OpenIdProvider;
let open: OpenPage;

function config(): string {
  return `
namespace: ${namespace}
${elasticsearchLine()}
rules: rules.yaml
external_url: ${front.url}
server:
  port: 0
  require_login: true
  auth:
    oidc:
      issuer: ${provider.issuer}
      client_id: tocsin
      client_secret_file: secret
      scopes: [openid, profile, email, groups]
      access: { admin: [platform], silence: [on-call], read: [staff] }
receivers: [{ name: here, console_configs: [{}] }]
`;
}

beforeAll(async () => {
  front = await alternatingFront();
  provider = await openIdProvider(() => front.url);
  // It is down when Tocsin starts.
  provider.down();
  const rules = `name: any\ntype: frequency\nindex: ${namespace}-none\nignore_missing_index: true\nevery: 1s\ncondition: count >= 1\n`;
  const files = { 'tocsin.yaml': config(), 'rules.yaml': rules, secret: provider.clientSecret };
  for (const _ of ['a', 'b']) replicas.push(await startTocsin(files));
  for (const replica of replicas) {
    const { address } = await replica.line(({ msg }) => msg === 'tocsin is starting');
    addresses.push(String(address));
    front.add(String(address));
  }
  open = await openPage(front.url);
});
afterAll(async () => {
  await open?.close();
  for (const replica of replicas) await replica[Symbol.asyncDispose]();
  await front?.close();
  await provider?.close();
  const client = es(elasticsearchUrl());
  const query = {
    size: 1_000,
    query: { bool: { should: [{ term: { namespace } }, { term: { 'tocsin.namespace': namespace } }] } },
  };
  for (const kind of ['sign-ins', 'silences', 'rules', 'leases', 'alerts']) {
    const found = await client.json<{ hits: { hits: { _id: string }[] } }>('POST', `/tocsin-${kind}/_search`, query);
    for (const { _id } of found.hits.hits) await client.json('DELETE', `/tocsin-${kind}/_doc/${encodeURIComponent(_id)}`);
  }
});

const statuses = (cookie: string) =>
  Promise.all(addresses.map(async (at) => (await fetch(`${at}/api/v1/alerts`, { headers: { cookie } })).status));

it('two replicas of `tocsin run` without their provider evaluate, and say in which way signing in fails', async () => {
  for (const replica of replicas)
    await replica.line(({ msg }) => msg === 'the OpenID provider is unavailable: sign in with tokens');
  const ready = () => Promise.all(addresses.map(async (at) => (await fetch(`${at}/-/ready`)).status));
  // They are ready once they have opened the store.
  await expect.poll(ready, { timeout: 30_000 }).toEqual([200, 200]);
  expect(await Promise.all(addresses.map(async (at) => (await fetch(`${at}/-/healthy`)).status))).toEqual([200, 200]);
  const { page } = open;
  await page.goto(`${front.url}/login`);
  expect(await page.locator('main').innerText()).toMatch(/is unavailable: .*Alerts do not depend on it/s);
});

it('people sign in once it is up, silence under their name, and are signed out everywhere', async () => {
  const { page } = open;
  provider.up();
  await expect
    .poll(
      async () => {
        await page.goto(`${front.url}/silences/new`);
        await page.getByRole('link', { name: 'Sign in with single sign-on' }).click();
        return page.url().startsWith(provider.issuer);
      },
      { timeout: 60_000, interval: 1_000 },
    )
    .toBe(true);
  await page.locator('input[name=login]').fill('kim');
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: /sign-in/i }).click();
  await page.getByRole('button', { name: /continue/i }).click();
  await page.waitForURL(`${front.url}/silences/new`);
  await page.locator('[name=matchers]').fill('team="shop"');
  await page.locator('[name=comment]').fill('a deployment');
  await page.getByRole('button', { name: /silence/i }).click();
  await page.waitForURL('**/silences');

  const cookies = await page.context().cookies(front.url);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  expect(await statuses(cookie)).toEqual([200, 200]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await expect.poll(() => statuses(cookie), { timeout: 10_000 }).toEqual([401, 401]);

  const client = es(elasticsearchUrl());
  await client.refresh('tocsin-alerts');
  const query = { size: 20, query: { term: { 'tocsin.namespace': namespace } }, sort: ['@timestamp'] };
  type Found = { hits: { hits: { _source: { message: string; tocsin: { by: string } } }[] } };
  const found = await client.json<Found>('POST', '/tocsin-alerts/_search', query);
  const said = found.hits.hits.map(({ _source: { message, tocsin } }) => [
    message.replace(/silence \S+/, 'silence …'),
    tocsin.by,
  ]);
  expect(said).toEqual([
    ['kim signed in', 'kim'],
    ['silence … saved by kim', 'kim'],
    ['kim signed out', 'kim'],
  ]);
  // When the browser last changed something is no secret.
  const secret = cookies.filter(({ name }) => name !== 'tocsin_changed');
  const secrets = [provider.clientSecret, ...secret.map(({ value }) => value)];
  const shown = await Promise.all(addresses.map(async (at) => (await fetch(`${at}/metrics`)).text()));
  const texts = [...shown, ...replicas.flatMap(({ lines, other }) => [JSON.stringify(lines), ...other]), JSON.stringify(found)];
  for (const text of texts) for (const hidden of secrets) expect(text).not.toContain(hidden);
});
