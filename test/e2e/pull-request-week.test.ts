import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DAY, iso } from '../../src/core/time.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import type { ScriptedRepository } from '../support/revisions/repository.ts';
import { WEEK_FROM, WEEK_TO, weekRepository } from '../support/revisions/week.ts';
import { indexWeek } from '../support/revisions/week-cluster.ts';

// A week of three rules is played twice, on a machine that may be busy.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 480_000 });

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
const RANGE = ['--from', iso(WEEK_FROM), '--to', iso(WEEK_TO)];
/** A day has one of each of its troubles. */
const ONE_DAY = ['--from', iso(WEEK_TO - DAY), '--to', iso(WEEK_TO)];
const RULES = ['checkout-errors', 'node-load', 'slow-pages'] as const;

let one: ScriptedRepository;
let tools = '';
beforeAll(async () => {
  [one, tools] = await Promise.all([weekRepository(prefix), mkdtemp(join(tmpdir(), 'tocsin-week-'))]);
  await indexWeek(cluster, prefix);
});
afterAll(async () => {
  await one.remove();
  await rm(tools, { recursive: true, force: true });
  await cluster.removeIndices(prefix);
});

function tocsin(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const ran = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: one.folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: tools, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

interface Side {
  readonly episodes: number;
  readonly messages: number;
  readonly windows: number;
  readonly failed: number;
  readonly in_alert_ms: number;
  readonly searches?: number;
}
interface Rule {
  readonly name: string;
  readonly before: Side;
  readonly after: Side;
}

const withCluster = { ELASTICSEARCH_URL: elasticsearchUrl() };
const rulesOf = (stdout: string): readonly Rule[] => JSON.parse(stdout).rules;
const without = ({ name, before, after }: Rule) => {
  const side = ({ searches: _searches, took_ms: _took, ...own }: Side & { readonly took_ms?: number }) => own;
  return { name, before: side(before), after: side(after) };
};

describe('a pull request of three rules over a week', () => {
  test('is reported as a comment and a page, with what each version would have done', async () => {
    const page = join(tools, 'report.html');
    const { code, stdout, stderr } = tocsin(['pr', '--against', 'main', ...RANGE, '--html', page], withCluster);
    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect(stdout).toContain('### 3 rules: 3 changed');
    expect(stdout).toMatch(/\| <code>checkout-errors<\/code> \| changed \| 21 → \*\*189\*\* \|/);
    expect(stdout).toMatch(/\| <code>slow-pages<\/code> \| changed \| 7 → \*\*0\*\* \|.*❌ 1 of 1 failed/);
    expect(stdout).toContain('<code>rule&#47;short-for</code>');
    expect(stdout).toContain('node-load&#58; no test covers it');
    expect(stdout).toContain('<pre><code>');
    const html = await readFile(page, 'utf8');
    expect(html.match(/class="limit old"/g)?.length).toBeGreaterThan(0);
    expect(html.match(/class="limit young"/g)?.length).toBeGreaterThan(0);
  });

  test('over recorded documents it says the same without a cluster, customers hashed and others left out', async () => {
    const asked = tocsin(['pr', '--against', 'main', ...ONE_DAY, '--format', 'json'], withCluster);
    const files = RULES.map((name) => join(tools, `${name}.ndjson`));
    for (const [place, name] of RULES.entries()) {
      const hashed = name === 'checkout-errors' ? ['--hash', 'customer.id'] : [];
      const words = ['record', name, ...ONE_DAY, '--out', files[place] ?? '', '--drop', 'user.name', ...hashed];
      expect(tocsin(words, withCluster)).toMatchObject({ code: 0, stdout: '' });
    }
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(texts.join('')).not.toMatch(/c-100|someone/);
    const recorded = tocsin(['pr', '--against', 'main', ...ONE_DAY, '--documents', ...files, '--format', 'json']);
    expect(recorded.stderr).toBe('');
    expect(rulesOf(recorded.stdout).map(without)).toEqual(rulesOf(asked.stdout).map(without));
    expect(rulesOf(asked.stdout).every(({ after }) => (after.searches ?? 0) > 0 && after.failed === 0)).toBe(true);
  });
});
