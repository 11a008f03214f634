import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { iso, systemClock } from '../../src/core/time.ts';
import { fakeCommandLine } from '../support/cli/fake-command-line.ts';
import { inBrowser } from '../support/demo/browser.ts';
import type { ScriptedRepository } from '../support/revisions/repository.ts';
import { LONG, rulesRepository, START } from '../support/revisions/rules-repository.ts';

let one: ScriptedRepository;
let tools = '';
const pages = new Map<string, string>();
beforeAll(async () => {
  [one, tools] = await Promise.all([rulesRepository(), mkdtemp(join(tmpdir(), 'tocsin-pages-'))]);
  const over = ['--documents', join(one.folder, 'documents.ndjson'), '--from', iso(START), '--to', iso(START + LONG)];
  const rules = join(one.folder, 'rules');
  // Rules outside of the folder keep their whole paths: a test cannot change the folder of its process.
  const beside = join(one.folder, 'team');
  await mkdir(beside);
  const report = join(tools, 'report.html');
  await tocsin(['pr', '--against', 'main', ...over, '--html', report]);
  pages.set('pr', await readFile(report, 'utf8'));
  pages.set('against', await tocsin(['dry-run', rules, ...over, '--against', 'main', '--format', 'html'], beside));
  const sweep = ['--rule', 'errors', '--sweep', 'count >= N', 'N=1..12', '--format', 'html'];
  pages.set('sweep', await tocsin(['dry-run', rules, ...over, ...sweep], beside));
});
afterAll(async () => {
  await one.remove();
  await rm(tools, { recursive: true, force: true });
});

async function tocsin(words: readonly string[], folder = one.folder): Promise<string> {
  const { line, written } = fakeCommandLine({ env: { PATH: process.env['PATH'], HOME: tools }, now: START + LONG });
  // The time that a budget allows passes as it does for users.
  const clock = { ...line.clock, sleep: systemClock.sleep };
  const code = await runCommandLine(words, { ...line, clock, folder });
  const { stdout, stderr } = written();
  if (code === 2) throw new Error(stderr);
  return stdout;
}

/** What the browser shows of a page. */
interface Seen {
  /** Width of all that there is, pixels. */
  readonly wide: number;
  readonly ink: string;
  readonly back: string;
  readonly charts: number;
  /** Charts without a name, and charts that do not fit. */
  readonly unnamed: number;
  readonly clipped: number;
  readonly headings: number;
  /** Colours of the dashed lines. */
  readonly dashes: readonly string[];
}

/** Gives {@link Seen}; as text, because it runs in the browser. */
const LOOK = `(() => {
  const body = getComputedStyle(document.body);
  const svgs = [...document.querySelectorAll('svg')];
  return {
    wide: document.documentElement.scrollWidth,
    ink: body.color,
    back: body.backgroundColor,
    charts: svgs.length,
    unnamed: svgs.filter((svg) => (svg.getAttribute('aria-label') ?? '') === '').length,
    clipped: svgs.filter((svg) => svg.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length,
    headings: document.querySelectorAll('h1').length,
    dashes: [...document.querySelectorAll('line.limit')].map((line) => getComputedStyle(line).stroke),
  };
})()`;

const look = (page: Page) => page.evaluate<Seen>(LOOK);

/** What is reached by keyboard: its name, and whether one sees that it is. */
interface Reached {
  readonly name: string;
  readonly seen: boolean;
}

/** Gives {@link Reached}. */
const ACTIVE = `(() => {
  const active = document.activeElement;
  const style = getComputedStyle(active);
  return {
    name: active.getAttribute('aria-label') ?? active.textContent.trim().slice(0, 40),
    seen: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1,
  };
})()`;

async function byKeyboard(page: Page, steps: number): Promise<readonly Reached[]> {
  const reached: Reached[] = [];
  for (let step = 0; step < steps; step++) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate<Reached>(ACTIVE));
  }
  return reached;
}

describe.each(['pr', 'against', 'sweep'])('the page of %s', (name) => {
  const html = () => pages.get(name) ?? '';

  test('fits a phone, has its charts with names, and one first heading', async () => {
    const seen = await inBrowser(html(), { width: 375, height: 800 }, look);
    expect(seen).toMatchObject({ wide: 375, unnamed: 0, clipped: 0, headings: 1 });
    expect(seen.charts).toBeGreaterThan(0);
  });

  test('follows the setting for dark, thresholds too', async () => {
    const light = await inBrowser(html(), { width: 900, height: 800 }, look);
    const dark = await inBrowser(html(), { width: 900, height: 800, colorScheme: 'dark' }, look);
    expect(dark.ink).not.toBe(light.ink);
    expect(dark.back).not.toBe(light.back);
    expect(dark.dashes.length).toBe(light.dashes.length);
    for (const [place, stroke] of light.dashes.entries()) expect(dark.dashes[place]).not.toBe(stroke);
  });

  test('is reached by keyboard: what scrolls has a name, and what is reached is seen', async () => {
    const reached = await inBrowser(html(), { width: 375, height: 800 }, (page) => byKeyboard(page, 3));
    expect(reached.every(({ name: label }) => label !== '')).toBe(true);
    expect(reached[0]?.seen).toBe(true);
  });
});

test('thresholds of both versions are in the charts of a pull request and of a comparison', () => {
  for (const name of ['pr', 'against']) {
    const html = pages.get(name) ?? '';
    expect([name, /class="limit (?:old|before)"/.test(html), /class="limit (?:young|after)"/.test(html)]).toEqual([
      name,
      true,
      true,
    ]);
  }
});
