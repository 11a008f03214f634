import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleLivePages } from '../../../scripts/page/bundle.ts';
import { openPage } from '../server/pages-in-browser.ts';
import { incidentPage, pictureName } from './page.ts';
import { playIncident } from './play.ts';

/** docs/incident.md and its pictures. Make them again with `npx tsx test/support/incident/draw.ts`. */
const DOCS = path.resolve(import.meta.dirname, '../../../docs');

const { page, close } = await openPage('http://127.0.0.1', {
  viewport: { width: 1_200, height: 780 },
  timezoneId: 'UTC',
});
const scenes = await playIncident(await bundleLivePages(), async (name, address) => {
  await page.goto(address);
  await page.locator('[data-chart] canvas').waitFor();
  await page.screenshot({ path: path.join(DOCS, 'images', pictureName(name)) });
});
await close();
await writeFile(path.join(DOCS, 'incident.md'), incidentPage(scenes));
