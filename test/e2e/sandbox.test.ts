import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { iso, systemClock } from '../../src/core/time.ts';
import { fakeCommandLine } from '../support/cli/fake-command-line.ts';
import { inBrowser, type Window } from '../support/demo/browser.ts';
import type { ScriptedRepository } from '../support/revisions/repository.ts';
import { errorRule, LONG, rulesRepository, START } from '../support/revisions/rules-repository.ts';

const SPAN = ['--from', iso(START), '--to', iso(START + LONG)];
/** An evil name, of a rule that is played like any other. */
const HOSTILE = `x"</script><script>document.title='forged'</script><img src=x onerror=alert(1)>`;

let one: ScriptedRepository;
let report = '';
beforeAll(async () => {
  one = await rulesRepository();
  await one.write({
    'rules/leveled.yaml': errorRule('leveled', 1)
      .replace(
        'condition: count >= 1\n',
        "levels:\n  - { severity: critical, condition: 'count >= 9' }\n  - { severity: warning, condition: 'count >= 4' }\n",
      )
      .replace('labels: { team: shop, severity: warning }', 'labels: { team: shop }\nrecover: count < 2\nfor: 2m'),
    'rules/evil.yaml': errorRule('NAME', 2).replace('NAME', JSON.stringify(HOSTILE)),
    'rules/events.yaml':
      'name: events\ntype: match\nindex: logs-*\nquery: "http.response.status_code >= 500"\nwindow: 1m\nlabels: { severity: warning }\n',
  });
  await tocsin('pr', '--against', 'main', '--documents', 'documents.ndjson', ...SPAN, '--html', 'report.html');
  report = join(one.folder, 'report.html');
});
afterAll(() => one.remove());

async function tocsin(...words: readonly string[]): Promise<string> {
  const { line, written } = fakeCommandLine({ env: { PATH: process.env['PATH'], HOME: one.folder }, now: START + LONG });
  const inFolder = words.map((word) => (word.endsWith('.ndjson') ? join(one.folder, word) : word));
  // A dry run takes files as they are named from where the process is.
  // The time that a budget allows passes as it does for users.
  const clock = { ...line.clock, sleep: systemClock.sleep };
  const code = await runCommandLine(inFolder, { ...line, clock, ...(words[0] === 'pr' && { folder: one.folder }) });
  const { stdout, stderr } = written();
  if (code > 1) throw new Error(stderr);
  return stdout;
}

/** Episodes as the page lists them. */
type Listed = readonly (readonly [fires: string, resolved: string, severity: string, group: string])[];

interface Story {
  readonly transitions: readonly {
    readonly at: string;
    readonly from: string;
    readonly to: string;
    readonly severity: string;
    readonly group: Readonly<Record<string, string>>;
  }[];
  readonly notifications: readonly unknown[];
}

/** What `dry-run --format json` says of a rule in a file. */
async function dryRun(text: string): Promise<Story> {
  await writeFile(join(one.folder, 'edited.yaml'), text);
  const out = await tocsin(
    'dry-run',
    join(one.folder, 'edited.yaml'),
    '--documents',
    'documents.ndjson',
    ...SPAN,
    '--format',
    'json',
  );
  return JSON.parse(out).rules[0];
}

const second = (at: string) => at.slice(0, 19).replace('T', ' ').concat('Z');

function episodesIn({ transitions }: Story): Listed {
  const begins = transitions.filter(({ from, to }) => to === 'firing' && from !== 'recovering');
  return begins.map(({ at, severity, group }) => {
    const name = Object.values(group).join(', ');
    const end = transitions.find(
      (other) => other.at > at && other.to === 'inactive' && Object.values(other.group).join(', ') === name,
    );
    return [second(at), end === undefined ? 'still firing' : second(end.at), severity, name];
  });
}

interface Seen {
  readonly requests: readonly string[];
  readonly errors: readonly string[];
}

async function onPage<R>(window: Window, look: (page: Page) => Promise<R>, file = report): Promise<R & Seen> {
  const requests: string[] = [];
  const errors: string[] = [];
  const found = await inBrowser('', window, async (page) => {
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => errors.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    return look(page);
  });
  return { ...found, requests, errors };
}

/** Opens a sandbox by the keyboard and replaces the text of one key. */
async function typeInto(page: Page, rule: string, key: string, text: string): Promise<void> {
  const section = page.getByRole('region', { name: rule, exact: true });
  const summary = section.getByText('Sandbox: try other values');
  if (
    !(await section
      .locator('.sandbox > details')
      .getAttribute('open')
      .then((open) => open !== null))
  ) {
    await summary.focus();
    await page.keyboard.press('Enter');
  }
  const field = section.getByLabel(key, { exact: true });
  await field.focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

async function listed(page: Page, rule: string): Promise<Listed> {
  const rows = page.getByRole('region', { name: rule, exact: true }).locator('table.episodes tbody tr');
  return rows.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
  ) as unknown as Promise<Listed>;
}

/** Waits until the page shows what it gave with these keys. */
async function played(page: Page, yaml: string): Promise<void> {
  await page.locator('pre[aria-label="Edited keys as YAML"]').filter({ hasText: yaml }).waitFor();
}

const statusOf = (page: Page, rule: string) =>
  page.getByRole('region', { name: rule, exact: true }).locator('.sandbox [role=status]').first();

test('a condition that is edited by the keyboard gives the episodes of a dry run of the edited rule', async () => {
  const expected = await dryRun(errorRule('errors', 7).replace('every: 1m', 'every: 1m\nfor: 4m'));
  const { seen, status, yaml, requests, errors } = await onPage({ width: 1280, height: 900 }, async (page) => {
    await typeInto(page, 'errors', 'condition', 'count >= 7');
    await typeInto(page, 'errors', 'for', '4m');
    await played(page, 'condition: "count >= 7"\nfor: "4m"');
    return {
      seen: await listed(page, 'errors'),
      status: await statusOf(page, 'errors').textContent(),
      yaml: await page
        .getByRole('region', { name: 'errors', exact: true })
        .locator('pre[aria-label="Edited keys as YAML"]')
        .textContent(),
    };
  });
  expect(seen).toEqual(episodesIn(expected));
  expect(seen.length).toBeGreaterThan(4);
  expect(status).toBe(
    `Edited: ${episodesIn(expected).length} episodes, ${expected.notifications.length} messages. Current: 6 episodes, 12 messages.`,
  );
  expect(yaml).toBe('condition: "count >= 7"\nfor: "4m"\n');
  expect(errors).toEqual([]);
  expect(requests).toEqual([pathToFileURL(report).href]);
});

test('levels, and an invalid text that keeps what the last valid one gave', async () => {
  const { before, after, problem, invalid, stale, again } = await onPage({ width: 1280, height: 900 }, async (page) => {
    await typeInto(page, 'leveled', 'condition of critical', 'count >= 10');
    await played(page, 'condition: "count >= 10"');
    const valid = await listed(page, 'leveled');
    await typeInto(page, 'leveled', 'condition of warning', 'count >= 4 and true');
    await statusOf(page, 'leveled').filter({ hasText: 'Not played.' }).waitFor();
    const field = page.getByRole('region', { name: 'leveled', exact: true }).getByLabel('condition of warning', { exact: true });
    const said = {
      before: valid,
      after: await listed(page, 'leveled'),
      problem: await page.locator(`#${((await field.getAttribute('aria-describedby')) ?? '').split(' ')[1]}`).textContent(),
      invalid: await field.getAttribute('aria-invalid'),
      stale: await page.getByRole('region', { name: 'leveled', exact: true }).locator('.outcome').getAttribute('class'),
    };
    await page
      .getByRole('region', { name: 'leveled', exact: true })
      .getByRole('button', { name: 'Reset to the rule' })
      .press('Enter');
    await played(page, '# nothing is changed yet');
    return { ...said, again: await field.getAttribute('aria-invalid') };
  });
  expect(after).toEqual(before);
  expect(problem).toBe('column 12: `and` is not an operator of CEL (use `&&`)');
  expect([invalid, stale, again]).toEqual(['true', 'outcome stale', null]);
});

test('names of rules are texts, and what has no sandbox says why', async () => {
  const { title, images, words, errors } = await onPage({ width: 1280, height: 900 }, async (page) => {
    await typeInto(page, HOSTILE, 'condition', 'count >= 3');
    await played(page, 'condition: "count >= 3"');
    const events = page.getByRole('region', { name: 'events', exact: true });
    return { title: await page.title(), images: await page.locator('img').count(), words: await events.textContent() };
  });
  expect(title).toBe('Tocsin: 6 changed rules');
  expect(images).toBe(0);
  expect(words).toContain('No sandbox: this rule depends on documents, and the page contains none.');
  expect(errors).toEqual([]);
});

test.each(['light', 'dark'] as const)('fits into 375 pixels, %s', async (colorScheme) => {
  const { width, ground, ink } = await onPage({ width: 375, height: 800, colorScheme }, async (page) => {
    await typeInto(page, 'errors', 'condition', `count >= 5 && ${'count >= 5 && '.repeat(20)}true`);
    await played(page, 'count >= 5 && true"');
    for (const summary of await page.locator('.outcome summary').all()) await summary.press('Enter');
    const style = (name: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('.sandbox textarea')).getPropertyValue('${name}')`);
    return {
      width: (await page.evaluate('document.documentElement.scrollWidth')) as number,
      ground: await style('background-color'),
      ink: await style('color'),
    };
  });
  expect(width).toBeLessThanOrEqual(375);
  expect([ground, ink]).toEqual(
    colorScheme === 'light' ? ['rgb(255, 255, 255)', 'rgb(27, 31, 36)'] : ['rgb(20, 23, 28)', 'rgb(230, 233, 238)'],
  );
});

test('the page of a dry run has the same sandbox', async () => {
  const html = await tocsin(
    'dry-run',
    join(one.folder, 'rules', 'errors.yaml'),
    '--documents',
    'documents.ndjson',
    ...SPAN,
    '--format',
    'html',
  );
  const file = join(one.folder, 'dry-run.html');
  await writeFile(file, html);
  const expected = await dryRun(errorRule('errors', 9));
  const { seen, width, errors } = await onPage(
    { width: 375, height: 800 },
    async (page) => {
      await page.getByText('Sandbox: try other values').press('Enter');
      await page.getByLabel('condition', { exact: true }).fill('count >= 9');
      await played(page, 'condition: "count >= 9"');
      const rows = page.locator('table.episodes tbody tr');
      const texts = await rows.evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
      );
      return { seen: texts, width: (await page.evaluate('document.documentElement.scrollWidth')) as number };
    },
    file,
  );
  expect(seen).toEqual(episodesIn(expected));
  expect(width).toBeLessThanOrEqual(375);
  expect(errors).toEqual([]);
  expect(await readFile(file, 'utf8')).toContain("default-src 'none'; script-src 'sha256-");
});
