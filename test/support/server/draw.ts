import path from 'node:path';
import { bundleLivePages } from '../../../scripts/page/bundle.ts';
import { HELD_BACK } from './held-back.ts';
import { openPage } from './pages-in-browser.ts';
import { shownService } from './shown-service.ts';

/** The pictures of the pages in the documentation. Draw them again with `npx tsx test/support/server/draw.ts`. */
const IMAGES = path.resolve(import.meta.dirname, '../../../docs/images');
const DESK = { width: 1200, height: 900 };
const PHONE = { width: 375, height: 800 };

const shop = await shownService({ ...HELD_BACK, program: await bundleLivePages() });
const url = await shop.server.listen('127.0.0.1', 0);
const alert = await idOf('http-errors');
const mail = await messageTo('platform');
const [worked, inhibited] = [await idOf('disk-nearly-full'), await idOf('slow-requests')];
await shop.server.inject({
  ...{ method: 'POST', url: `/api/v1/alerts/${worked}/acknowledgement`, headers: { host: 'localhost' } },
  payload: { by: 'kim', comment: 'Moving old indices to the cold tier' },
});
const { page, close } = await openPage(url);
const PICTURES = [
  ['page-overview', '/', DESK, 'light'],
  ['page-alerts', '/alerts?q=team%3D%22shop%22&status=firing', DESK, 'light'],
  ['page-alert', `/alerts/${alert}`, { width: 1200, height: 1500 }, 'light'],
  ['page-acknowledged', `/alerts/${worked}`, { width: 1200, height: 620 }, 'light'],
  ['page-inhibited', `/alerts/${inhibited}`, { width: 1200, height: 620 }, 'light'],
  ['page-rule-dark', '/rules/http-errors', { width: 1200, height: 1250 }, 'dark'],
  ['page-silence', `/silences/new?alert=${alert}`, { width: 1200, height: 1100 }, 'light'],
  ['page-silences', '/silences', { width: 1200, height: 400 }, 'light'],
  ['page-noise', '/noise', { width: 1200, height: 620 }, 'light'],
  ['page-message', `/notifications/${mail}`, { width: 1200, height: 1000 }, 'light'],
  ['page-phone', '/', PHONE, 'light'],
  ['page-phone-dark', `/alerts/${alert}`, PHONE, 'dark'],
] as const;
for (const [name, to, size, colorScheme] of PICTURES) {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme });
  await page.goto(url + to);
  if ((await page.locator('[data-chart]').count()) > 0) await page.locator('[data-chart] canvas').waitFor();
  await page.screenshot({ path: path.join(IMAGES, `${name}.png`) });
}
await close();
await shop.server.close();

async function messageTo(receiver: string): Promise<string> {
  const answer = await shop.server.inject({ url: `/api/v1/notifications?receiver=${receiver}&limit=1` });
  return answer.json<{ items: { id: string }[] }>().items[0]?.id ?? '';
}

async function idOf(rule: string): Promise<string> {
  const answer = await shop.server.inject({ url: `/api/v1/alerts?matcher=alertname%3D${rule}` });
  return answer.json<{ items: { id: string }[] }>().items[0]?.id ?? '';
}
