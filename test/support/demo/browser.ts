import type { Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';

/** A window of a browser. */
export interface Window {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** Opens a page of HTML in a browser of its own (it is one process, and ends with its first page) and gives what `look` finds there. */
export async function inBrowser<R>(
  html: string,
  { width, height, colorScheme = 'light' }: Window,
  look: (page: Page) => Promise<R>,
): Promise<R> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.setContent(html);
    return await look(page);
  } finally {
    await browser.close();
  }
}

/** The browser of the tests has no font with pictures; the coloured circles of messages are drawn as what they are. */
const CIRCLES: Readonly<Record<string, string>> = {
  '🔴': '#c62828',
  '🟠': '#e07b00',
  '🟡': '#f9a825',
  '🟢': '#2e7d32',
  '🔵': '#1565c0',
};

/** HTML whose coloured circles are drawn without a font for them. */
export function withCircles(html: string): string {
  return html.replaceAll(
    /[\u{1f7e0}-\u{1f7e2}\u{1f534}\u{1f535}]/gu,
    (circle) => `<span style="color:${CIRCLES[circle]}">⬤</span>`,
  );
}
