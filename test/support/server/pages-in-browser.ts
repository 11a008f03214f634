import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A page of a browser, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of its programs, of its policy and of its requests, and requests to other servers. */
  readonly troubles: string[];
  close(): Promise<void>;
}

/** Opens a browser, which has one page and is one process. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const browser = await launchBrowser();
  const context = await browser.newContext({ timezoneId: 'Europe/Berlin', locale: 'en-GB', ...options });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('pageerror', ({ message }) => troubles.push(message));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) troubles.push(`a request to ${request.url()}`);
  });
  return { page, troubles, close: () => browser.close() };
}

/** What axe-core finds wrong with a page and not in its frames, which run no programs: the rule, and where. It is handed in by the debugger, as the policy of the page permits no other program. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate<string[]>(`axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' at ' + target.join(' ') + ': ' + failureSummary)))`);
}
