import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleLivePages } from '../../scripts/page/bundle.ts';
import { HELD_BACK } from '../support/server/held-back.ts';
import { axeFindings, type OpenPage, openPage } from '../support/server/pages-in-browser.ts';
import { type ShownService, shownService } from '../support/server/shown-service.ts';

let shop: ShownService;
let url = '';
let open: OpenPage;
let alert = '';
let inhibited = '';
let worked = '';
let chat = '';
let mail = '';
beforeAll(async () => {
  shop = await shownService({ ...HELD_BACK, program: await bundleLivePages() });
  url = await shop.server.listen('127.0.0.1', 0);
  open = await openPage(url);
  [alert, inhibited, worked] = [await idOf('http-errors'), await idOf('slow-requests'), await idOf('disk-nearly-full')];
  [chat, mail] = [await messageTo('shop'), await messageTo('platform')];
  const acknowledged = await shop.server.inject({
    ...{ method: 'POST', url: `/api/v1/alerts/${worked}/acknowledgement`, headers: { host: 'localhost' } },
    payload: { by: 'sam', comment: 'cleaning up' },
  });
  expect(acknowledged.statusCode).toBe(200);
});
afterAll(async () => {
  await open.close();
  await shop.server.close();
});

async function idOf(rule: string): Promise<string> {
  const answer = await shop.server.inject({ url: `/api/v1/alerts?matcher=alertname%3D${rule}` });
  return answer.json<{ items: { id: string }[] }>().items[0]?.id ?? '';
}

async function messageTo(receiver: string): Promise<string> {
  const answer = await shop.server.inject({ url: `/api/v1/notifications?receiver=${receiver}&limit=1` });
  return answer.json<{ items: { id: string }[] }>().items[0]?.id ?? '';
}

const PATHS: readonly (readonly [string, () => string])[] = [
  ['the overview', () => '/'],
  ['the alerts', () => '/alerts'],
  ['a search', () => '/alerts?q=team%3D%22shop%22&status=firing'],
  ['a search that cannot be read', () => '/alerts?q=team%3D~'],
  ['the story of an alert', () => `/alerts/${alert}`],
  ['the rules', () => '/rules'],
  ['a rule', () => '/rules/http-errors'],
  ['a paused rule', () => '/rules/nightly-report'],
  ['the silences', () => '/silences?expired=true'],
  ['a silence', () => '/silences/7c1e9a52-0000-4000-8000-000000000001'],
  ['a silence of a file', () => '/silences/file%3Anightly-backup'],
  ['an alert that is inhibited', () => `/alerts/${inhibited}`],
  ['an alert that is acknowledged', () => `/alerts/${worked}`],
  ['a new silence', () => `/silences/new?alert=${alert}`],
  ['the notifications', () => '/notifications'],
  ['a message of Slack', () => `/notifications/${chat}`],
  ['a mail', () => `/notifications/${mail}`],
  ['the noise', () => '/noise'],
  ['the receivers', () => '/receivers'],
  ['the API', () => '/api'],
  ['the login', () => '/login'],
  ['an unknown alert', () => '/alerts/none'],
];

const WINDOWS = [
  ['a desk', { width: 1280, height: 900 }, 'light'],
  ['a desk in the dark', { width: 1280, height: 900 }, 'dark'],
  ['a phone', { width: 375, height: 700 }, 'light'],
] as const;

describe('each page', () => {
  it.each(PATHS)('%s is usable by all, on a desk, in the dark and on a phone', async (_name, path) => {
    const { page, troubles } = open;
    for (const [name, size, colorScheme] of WINDOWS) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      troubles.length = 0;
      await page.goto(url + path());
      if ((await page.locator('[data-chart]').count()) > 0) await page.locator('[data-chart] canvas').waitFor();
      expect([name, await axeFindings(page)]).toEqual([name, []]);
      expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, size.width]);
      expect(troubles.filter((text) => !text.includes('404'))).toEqual([]);
    }
  });
});

describe('in a browser', () => {
  it('times are in the zone of the reader, and in UTC as their title', async () => {
    const { page } = open;
    await page.goto(`${url}/alerts/${alert}`);
    const time = page.locator('time').first();
    expect(await time.textContent()).toContain('15:31:00');
    expect(await time.getAttribute('title')).toBe('2026-01-01 14:31:00 UTC');
    expect(await page.locator('#zone').textContent()).toBe('Europe/Berlin');
  });

  it('a chart says in words what it shows', async () => {
    const { page } = open;
    await page.goto(`${url}/rules/http-errors`);
    await page.locator('[data-chart] canvas').waitFor();
    expect(await page.locator('[data-chart]').getAttribute('aria-label')).toMatch(
      /^Chart of count: from 0 to 30, last \d+; condition >= 20, >= 5; \d+ episodes$/,
    );
  });

  it('everything is reached with the keyboard: the first stop leads to the content, / to the search', async () => {
    const { page } = open;
    await page.goto(`${url}/alerts`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('/');
    await page.keyboard.type('node-1');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=node-1/);
    expect(await page.locator('table.alerts tbody tr').count()).toBe(1);
  });

  it('an alert is silenced with two clicks, when one has said once who one is', async () => {
    const { page } = open;
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${url}/alerts/${alert}`);
    await page.getByRole('link', { name: 'Silence', exact: true }).click();
    expect(await page.locator('table.alerts tbody tr').count()).toBe(1);
    await page.getByLabel('Author').fill('kim');
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.waitForURL(`${url}/silences`);
    expect(await page.locator('main').textContent()).toContain('Looking into: checkout fails');
    expect(shop.audited.at(-1)).toBe('saved by localhost');
    await page
      .getByRole('button', { name: /Expire/ })
      .first()
      .click();
    await page.waitForURL(`${url}/silences`);
    expect(shop.audited.at(-1)).toBe('expired by localhost');
  });

  it('an alert is acknowledged in the list, and an open form is not taken away by news', async () => {
    const { page } = open;
    await page.goto(`${url}/alerts?q=checkout`);
    await page.getByText('live', { exact: true }).waitFor();
    const form = page.locator('details.act').first();
    await form.locator('summary').click();
    await form.getByLabel('What are you doing about it?').fill('rolling back');
    await page.evaluate('document.activeElement.blur()');
    shop.events.silence({ silence: 'x', done: 'saved', by: 'sam' });
    await page.waitForTimeout(4_000);
    expect(await form.getByLabel('What are you doing about it?').inputValue()).toBe('rolling back');
    await form.getByLabel('Your name').fill('kim');
    await form.getByRole('button', { name: 'Acknowledge' }).click();
    await page.waitForURL(`${url}/alerts?q=checkout`);
    expect(await page.locator('main').textContent()).toContain('acknowledged by kim: rolling back');
  });

  it('what changes is shown without a reload', async () => {
    const { page } = open;
    await page.goto(`${url}/alerts`);
    await page.getByText('live', { exact: true }).waitFor();
    expect(await page.locator('main').textContent()).not.toContain('billing');
    shop.world.add('logs-shop-app', ...errorsOf('billing'));
    await shop.playOn(3);
    await page.getByRole('link', { name: 'billing fails: 30 server errors in 5m' }).waitFor();
  });

  it('a message is opened from the list, and shown in a frame that runs no program', async () => {
    const { page, troubles } = open;
    troubles.length = 0;
    await page.goto(`${url}/notifications?receiver=platform`);
    await page
      .getByRole('link', { name: /node-1: disk nearly full/ })
      .first()
      .click();
    const frame = page.frameLocator('iframe.look');
    await frame.getByText('node-1: disk nearly full').first().waitFor();
    expect(await page.locator('pre').first().textContent()).toMatch(/^Subject: .*node-1: disk nearly full/);
    const [, inner] = page.frames();
    expect(await inner?.evaluate('self.origin')).toBe('null');
    expect(troubles).toEqual([]);
  });

  it('without its program a page says the same, and its forms work', async () => {
    const { page, close } = await openPage(url, { javaScriptEnabled: false });
    try {
      await page.goto(`${url}/silences/new?matchers=alertname%3D%22disk-nearly-full%22`);
      await page.getByLabel('Author').fill('sam');
      await page.getByLabel('Reason').fill('cleaning up');
      await page.getByRole('button', { name: 'Silence', exact: true }).click();
      expect(await page.locator('main').textContent()).toContain('cleaning up');
      await page.goto(`${url}/alerts/${alert}`);
      expect(await page.locator('main').textContent()).toMatch(/count >= \d+ is true ← decided/);
      // The charts are pictures, and what was sent is in its frame.
      for (const path of [`/alerts/${alert}`, '/rules/http-errors']) {
        await page.goto(url + path);
        expect(await page.evaluate("document.querySelector('.chart img').naturalWidth")).toBeGreaterThan(0);
      }
      await page.goto(`${url}/notifications/${mail}`);
      await page.frameLocator('iframe.look').getByText('node-1: disk nearly full').first().waitFor();
    } finally {
      await close();
    }
  });
});

/** Thirty server errors of a service, a minute after the shop was looked at. */
function errorsOf(service: string) {
  const time = new Date(Date.parse('2026-01-01T15:01:00Z')).toISOString();
  return Array.from({ length: 30 }, () => ({
    '@timestamp': time,
    service: { name: service },
    http: { response: { status_code: 503 } },
  }));
}
