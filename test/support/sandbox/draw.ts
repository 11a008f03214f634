import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommandLine } from '../../../src/cli/program.ts';
import { iso, systemClock } from '../../../src/core/time.ts';
import { fakeCommandLine } from '../cli/fake-command-line.ts';
import { inBrowser } from '../demo/browser.ts';
import { LONG, rulesRepository, START } from '../revisions/rules-repository.ts';

/** The picture of the sandbox in the documentation. Draw it again with `npx tsx test/support/sandbox/draw.ts`. */
const PICTURE = resolve(import.meta.dirname, '../../../docs/images/sandbox.png');
const LARGEST = 150_000;

const one = await rulesRepository();
const { line, written } = fakeCommandLine({ env: { PATH: process.env['PATH'], HOME: one.folder }, now: START + LONG });
const documents = ['--documents', join(one.folder, 'documents.ndjson'), '--from', iso(START), '--to', iso(START + LONG)];
const code = await runCommandLine(['pr', '--against', 'main', ...documents, '--html', 'report.html'], {
  ...line,
  clock: { ...line.clock, sleep: systemClock.sleep },
  folder: one.folder,
});
if (code !== 0) throw new Error(written().stderr);
await inBrowser('', { width: 900, height: 1000 }, async (page) => {
  await page.goto(pathToFileURL(join(one.folder, 'report.html')).href);
  const section = page.getByRole('region', { name: 'errors', exact: true });
  await section.getByText('Sandbox: try other values').press('Enter');
  await section.getByLabel('condition', { exact: true }).fill('count >= 9');
  await section.getByLabel('for', { exact: true }).fill('5m');
  await section.locator('pre').filter({ hasText: 'for: "5m"' }).waitFor();
  await section.locator('.sandbox').screenshot({ path: PICTURE });
});
await one.remove();
const { size } = await stat(PICTURE);
if (size > LARGEST) throw new Error(`${PICTURE} has ${size} bytes, expected at most ${LARGEST}`);
