import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { slackCard } from '../../../examples/demo/page/cards.ts';
import { htmlPage } from '../../../examples/demo/page/page.ts';
import { inBrowser, withCircles } from '../demo/browser.ts';
import type { Notified } from './on-call.ts';
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
    const notified = (JSON.parse(await readFile(path.join(RECORDED, file), 'utf8')) as readonly Notified[])[message];
    if (notified === undefined) throw new Error(`${file} holds no message ${message}`);
    drawn.push(await draw('article', slackPage(notified), path.join(IMAGES, `${name}-slack.png`)));
    drawn.push(await draw('body', notified.html, path.join(IMAGES, `${name}-mail.png`)));
  }
  return drawn;
}

function slackPage({ slack }: Notified): string {
  const page = htmlPage('A message', `<article>${slackCard(JSON.parse(slack), '')}</article>`);
  return withCircles(page);
}

async function draw(selector: string, html: string, file: string): Promise<string> {
  await inBrowser(html, { width: 760, height: 600 }, (page) => page.locator(selector).first().screenshot({ path: file }));
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`${file} has ${size} bytes, expected at most ${LARGEST}: show less, or draw it smaller`);
  return file;
}
