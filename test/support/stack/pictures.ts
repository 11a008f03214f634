import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { demoPage } from '../../../src/cli/demo/page.ts';
import type { Told } from './on-call.ts';
import { RECORDED } from './recorded.ts';

const IMAGES = path.resolve(import.meta.dirname, '../../../docs/images');
const LARGEST = 150_000;

/** Messages of the last run that the documentation shows, by the names of their pictures. */
const SHOWN = [
  { file: 'apm-server-errors.json', message: 0, name: 'stub-5xx' },
  { file: 'apm-server-memory.json', message: 0, name: 'container-memory' },
] as const;

/** Draws the messages of the last run, as Slack and a mail reader would show them, into docs/images; returns the files. */
export async function drawPictures(): Promise<readonly string[]> {
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
  });
  try {
    await mkdir(IMAGES, { recursive: true });
    const drawn: string[] = [];
    for (const { file, message, name } of SHOWN) {
      const told = (JSON.parse(await readFile(path.join(RECORDED, file), 'utf8')) as readonly Told[])[message];
      if (told === undefined) throw new Error(`${file} holds no message ${message}`);
      drawn.push(await draw(browser, 'article.slack', slackPage(told), path.join(IMAGES, `${name}-slack.png`)));
      drawn.push(await draw(browser, 'body', told.html, path.join(IMAGES, `${name}-mail.png`)));
    }
    return drawn;
  } finally {
    await browser.close();
  }
}

function slackPage({ slack }: Told): string {
  // The page has two columns where there is room; here it has one message.
  return demoPage([{ kind: 'slack', at: '', file: '', message: JSON.parse(slack) }], '').replace(' <a href="">JSON</a>', '');
}

async function draw(browser: Browser, selector: string, html: string, file: string): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 760, height: 600 }, deviceScaleFactor: 1.25 });
  await page.setContent(html);
  await page.locator(selector).first().screenshot({ path: file });
  await page.close();
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`${file} has ${size} bytes, expected at most ${LARGEST}: show less, or draw it smaller`);
  return file;
}
