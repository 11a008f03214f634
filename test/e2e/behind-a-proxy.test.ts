import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { type RoundRobin, startRoundRobin } from '../support/e2e/round-robin.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder.ts';
import { openPage } from '../support/server/pages-in-browser.ts';
import { startTocsin, type TocsinProcess } from '../support/service/tocsin-process.ts';

const SECOND = 1_000;
const TOKEN = 'a-token-of-on-call-0123456789';
const BEARER = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
/** As docs/pages.md says: what another replica does is seen by the open pages within so long, ms. */
const SHOWN_WITHIN = 25 * SECOND;

const RULE = (index: string) => `name: pods-failing
type: frequency
index: ${index}
every: 1s
delay: 0s
window: 1h
group_by: [pod]
condition: count >= 1
evidence: { samples: 0 }
labels: { team: shop }
message: { title: "{{ group['pod'] }} fails" }
`;

function config(namespace: string, hook: string, proxy: string): string {
  return `
namespace: ${namespace}
${elasticsearchLine()}
rules: rules.yaml
external_url: ${proxy}
server: { port: 0, require_login: true, tokens: [{ name: on-call, token: ${TOKEN} }] }
receivers: [{ name: hook, webhook_configs: [{ url: '${hook}' }] }]
route: { receiver: hook, group_by: [alertname, pod], group_wait: 0s }
`;
}

/** Three replicas behind a proxy, and a browser that is signed in through it. */
interface Scene {
  readonly proxy: RoundRobin;
  readonly hook: HttpRecorder;
  readonly replicas: readonly { readonly process: TocsinProcess; readonly address: string }[];
  readonly page: Page;
  /** Another page of the same browser. */
  another(path: string): Promise<Page>;
  fail(pod: string): Promise<void>;
}

async function onStage(play: (scene: Scene) => Promise<void>): Promise<void> {
  const namespace = uniquePrefix();
  const index = `${namespace}logs`;
  const client = es(elasticsearchUrl());
  await client.json('PUT', `/${index}`, {
    mappings: { properties: { '@timestamp': { type: 'date' }, pod: { type: 'keyword' } } },
  });
  const fail = async (pod: string) => {
    await client.bulk(index, [{ '@timestamp': new Date().toISOString(), pod }]);
    await client.refresh(index);
  };
  await fail('cart-1');
  await using hook = await startHttpRecorder();
  await using proxy = await startRoundRobin();
  const files = { 'tocsin.yaml': config(namespace, hook.url, proxy.url), 'rules.yaml': RULE(index) };
  const start = async () => {
    const process = await startTocsin(files);
    const { address } = await process.line(({ msg }) => msg === 'tocsin is starting');
    return { process, address: String(address) };
  };
  const [first, second, third] = [await start(), await start(), await start()];
  const { page, close } = await openPage(proxy.url, { viewport: { width: 1_200, height: 900 } });
  try {
    await hook.received(1);
    const replicas = [first, second, third];
    // Each has a part of the rules, so that all of them know of the others.
    await Promise.all(replicas.map(({ process }) => process.line(({ shards }) => shards === 10 || shards === 11)));
    proxy.use(...replicas.map(({ address }) => address));
    await page.goto(`${proxy.url}/login`);
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const another = async (path: string) => {
      const one = await page.context().newPage();
      await one.goto(proxy.url + path);
      return one;
    };
    await play({ proxy, hook, replicas, page, another, fail });
  } finally {
    await close();
    for (const { process } of [first, second, third]) await process[Symbol.asyncDispose]();
    await client.removeIndices(namespace);
    const query = { size: 1_000, query: { term: { namespace } } };
    for (const kind of ['rules', 'alert-groups', 'leases', 'silences', 'acknowledgements']) {
      const found = await client.json<{ hits?: { hits: { _id: string }[] } }>('POST', `/tocsin-${kind}/_search`, query);
      for (const { _id } of found.hits?.hits ?? [])
        await client.json('DELETE', `/tocsin-${kind}/_doc/${encodeURIComponent(_id)}`);
    }
  }
}

async function idOf(pod: string, { replicas, proxy }: Pick<Scene, 'replicas' | 'proxy'>): Promise<string> {
  const answer = await fetch(`${proxy.url}/api/v1/alerts?matcher=pod=${pod}`, { headers: BEARER });
  const { items } = (await answer.json()) as { items: { id: string }[] };
  expect([replicas.length, items.length]).toEqual([3, 1]);
  return items[0]?.id ?? '';
}

/** The same of each of the replicas, one after the other. */
async function threeTimes(page: Page, path: string, holds: (text: string) => boolean): Promise<void> {
  for (let time = 0; time < 3; time++) {
    await page.goto(path);
    const text = await page.locator('main').innerText();
    expect([time, holds(text), text]).toEqual([time, true, text]);
  }
}

describe('three replicas behind one page', () => {
  it('sign in, search, acknowledge, silence, extend and expire work whichever replica answers', () =>
    onStage(async (scene) => {
      const { proxy, page } = scene;
      const id = await idOf('cart-1', scene);
      await threeTimes(page, `${proxy.url}/alerts?q=pod%3D%22cart-1%22`, (text) => text.includes('1 of 1 alert'));
      await threeTimes(page, `${proxy.url}/alerts?q=pod%3D%22none%22`, (text) => text.includes('0 of 1 alert'));

      await page.goto(`${proxy.url}/alerts/${id}`);
      await page.locator('summary', { hasText: 'Acknowledge' }).click();
      await page.getByLabel('What are you doing about it?').fill('restarting it');
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('Acknowledged by on-call').waitFor({ timeout: 3 * SECOND });
      await threeTimes(page, `${proxy.url}/alerts/${id}`, (text) => text.includes('Acknowledged by on-call'));

      await page.goto(`${proxy.url}/silences/new?alert=${id}`);
      await page.locator('main form [name=comment]').fill('being replaced');
      await page.locator('main form button.main').click();
      await threeTimes(page, `${proxy.url}/silences`, (text) => text.includes('being replaced'));
      await threeTimes(page, `${proxy.url}/alerts/${id}`, (text) => text.includes('silenced by on-call'));

      await page.goto(`${proxy.url}/silences`);
      const ends = () => page.locator('table time').last().getAttribute('datetime');
      const before = await ends();
      await page.locator('main select[name=length]').selectOption('8h');
      await page.getByRole('button', { name: 'Extend' }).click();
      await page.waitForURL(`${proxy.url}/silences`);
      for (let time = 0; time < 3; time++) {
        await page.goto(`${proxy.url}/silences`);
        expect(await ends()).not.toBe(before);
      }
      await page.getByRole('button', { name: 'Expire' }).click();
      await threeTimes(page, `${proxy.url}/silences`, (text) => text.includes('No silence is active or pending'));
      await threeTimes(page, `${proxy.url}/alerts/${id}`, (text) => !text.includes('silenced'));

      await page.goto(`${proxy.url}/alerts/${id}`);
      await page.getByRole('button', { name: 'Remove acknowledgement' }).click();
      await threeTimes(page, `${proxy.url}/alerts/${id}`, (text) => !text.includes('Acknowledged by'));
    }));

  it('an open page shows what any of them does; one that is killed loses neither events nor alerts', () =>
    onStage(async (scene) => {
      const { proxy, replicas, hook, fail } = scene;
      const took: Record<string, number> = {};
      const shown = async (what: string, made: () => Promise<unknown>, text: string) => {
        const began = Date.now();
        await made();
        await open.locator('[data-live]').getByText(text, { exact: true }).first().waitFor({ timeout: SHOWN_WITHIN });
        took[what] = Date.now() - began;
      };
      const id = await idOf('cart-1', scene);
      const open = await scene.another('/alerts');
      await open.locator('#live', { hasText: /^live$/ }).waitFor();
      const follows = proxy.lastOf('/api/v1/events') ?? '';
      const others = replicas.filter(({ address }) => address !== follows);
      const [one, other] = others;
      if (one === undefined || other === undefined) throw new Error('the page follows no replica');
      const acknowledge = (address: string) =>
        fetch(`${address}/api/v1/alerts/${id}/acknowledgement`, {
          ...{ method: 'POST', headers: BEARER, body: JSON.stringify({ comment: 'on it', by: 'on-call' }) },
        });

      await shown('a new alert', () => fail('cart-2'), 'cart-2 fails');
      await shown('an acknowledgement through another replica', () => acknowledge(one.address), 'acknowledged');

      // Killed while the page follows it: what happens before the page has found another one is shown as well.
      replicas.find(({ address }) => address === follows)?.process.kill('SIGKILL');
      await open.locator('#live', { hasText: 'trying to connect again' }).waitFor();
      const { authorization } = BEARER;
      const expired = await fetch(`${other.address}/api/v1/alerts/${id}/acknowledgement`, {
        ...{ method: 'DELETE', headers: { authorization } },
      });
      expect(expired.status).toBe(200);
      const began = Date.now();
      await open
        .locator('[data-live]')
        .getByText('acknowledged', { exact: true })
        .waitFor({ state: 'detached', timeout: SHOWN_WITHIN });
      took['what was missed while no replica was followed'] = Date.now() - began;
      expect(proxy.lastOf('/api/v1/events')).not.toBe(follows);

      await shown('a new alert, its replica killed', () => fail('cart-3'), 'cart-3 fails').catch(async () => {
        // The rule was the killed one's: its shard is taken over first.
        await open
          .getByText('cart-3 fails', { exact: true })
          .first()
          .waitFor({ timeout: 40 * SECOND });
      });
      await hook.received(3);
      const titles = hook.requests.map(
        ({ body }) => (JSON.parse(body) as { alerts: { group: { pod: string } }[] }).alerts[0]?.group.pod,
      );
      expect(titles.sort()).toEqual(['cart-1', 'cart-2', 'cart-3']);
      process.stdout.write(`${JSON.stringify(took)}\n`);
    }));
});
