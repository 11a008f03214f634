import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

// Pages have no 3D, and a graphics card that is computed takes longer to draw them than none.
chromium.setGraphicsMode = false;

/** Starts a browser, which is one process and ends with its first page. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  return playwright.launch({ executablePath, args: [...chromium.args, '--disable-gpu'], headless: true });
}
