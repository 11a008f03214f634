import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import { slackCard } from '../../../examples/demo/page/cards.ts';
import { htmlPage } from '../../../examples/demo/page/page.ts';
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
  await mkdir(IMAGES, { recursive: true });
  const drawn: string[] = [];
  for (const { file, message, name } of SHOWN) {
    const told = (JSON.parse(await readFile(path.join(RECORDED, file), 'utf8')) as readonly Told[])[message];
    if (told === undefined) throw new Error(`${file} holds no message ${message}`);
    drawn.push(await draw('article', slackPage(told), path.join(IMAGES, `${name}-slack.png`)));
    drawn.push(await draw('body', told.html, path.join(IMAGES, `${name}-mail.png`)));
  }
  return drawn;
}

/** The browser has no font with pictures; Slack's coloured circles are drawn as what they are. */
const CIRCLES: Readonly<Record<string, string>> = {
  '🔴': '#c62828',
  '🟠': '#e07b00',
  '🟡': '#f9a825',
  '🟢': '#2e7d32',
  '🔵': '#1565c0',
};

function slackPage({ slack }: Told): string {
  const page = htmlPage('A message', `<article>${slackCard(JSON.parse(slack), '')}</article>`);
  return page.replaceAll(
    /[\u{1f7e0}-\u{1f7e2}\u{1f534}\u{1f535}]/gu,
    (circle) => `<span style="color:${CIRCLES[circle]}">⬤</span>`,
  );
}

async function draw(selector: string, html: string, file: string): Promise<string> {
  // The browser is one process: it ends with its first page, so each picture has one of its own.
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
  });
  try {
    const page = await browser.newPage({ viewport: { width: 760, height: 600 } });
    await page.setContent(html);
    await page.locator(selector).first().screenshot({ path: file });
  } finally {
    await browser.close();
  }
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`${file} has ${size} bytes, expected at most ${LARGEST}: show less, or draw it smaller`);
  return file;
}
