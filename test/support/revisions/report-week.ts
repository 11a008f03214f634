import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { marked } from 'marked';
import { iso, SECOND } from '../../../src/core/time.ts';
import { inBrowser, type Window } from '../demo/browser.ts';
import { es } from '../elasticsearch/request.ts';
import { WEEK_FROM, WEEK_TO, weekRepository } from './week.ts';
import { indexWeek } from './week-cluster.ts';

/**
 * From `git push` to the report of a pull request, as CI would do it: three changed rules over a week of documents in a real Elasticsearch. Prints how
 * long each step took, and draws the pictures of docs/pull-requests.md with `--pictures`. Run it with `npm run report:week`; it needs
 * ELASTICSEARCH_URL, and takes `--every SECONDS` between two documents of a group (30) and `--runs COUNT` (3).
 */
const ROOT = path.resolve(import.meta.dirname, '../../..');
const IMAGES = path.join(ROOT, 'docs', 'images');
const PREFIX = 'week-';
const LARGEST = 150_000;

const words = process.argv.slice(2);
const url = process.env['ELASTICSEARCH_URL'];
if (url === undefined) throw new Error('ELASTICSEARCH_URL is not set: name a disposable cluster');
const numberOf = (option: string, otherwise: number) =>
  words.includes(option) ? Number(words[words.indexOf(option) + 1]) : otherwise;
const every = numberOf('--every', 30);
const runs = numberOf('--runs', 3);

const cluster = es(url);
const tools = await mkdtemp(path.join(tmpdir(), 'tocsin-week-'));
const developer = await weekRepository(PREFIX);
try {
  await cluster.removeIndices(PREFIX);
  const documents = await indexWeek(cluster, PREFIX, every * SECOND);
  say(`${documents.toLocaleString('en-US')} documents of 7 days, 3 changed rules, ${availableParallelism()} cores`);
  for (let run = 1; run <= runs; run++) await pushAndReport(run);
  if (words.includes('--pictures')) await draw(path.join(tools, `ci-${runs}`));
} finally {
  await cluster.removeIndices(PREFIX);
  await developer.remove();
  await rm(tools, { recursive: true, force: true });
}

/** What a server and a runner of CI do after a push, in folders of their own. */
async function pushAndReport(run: number): Promise<void> {
  const origin = path.join(tools, `origin-${run}.git`);
  const ci = path.join(tools, `ci-${run}`);
  developer.git('init', '-q', '--bare', '-b', 'main', origin);
  developer.git('push', '-q', origin, 'main');
  const begin = performance.now();
  developer.git('push', '-q', origin, 'proposal');
  const pushed = performance.now();
  developer.git('clone', '-q', '-b', 'proposal', `file://${origin}`, ci);
  const cloned = performance.now();
  // How long a busy machine takes says little: the time of its processors is printed beside it.
  const ran = spawnSync(
    'bash',
    [
      ...['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', process.execPath, path.join(ROOT, 'dist', 'main.js')],
      ...['pr', '--against', 'origin/main', '--from', iso(WEEK_FROM), '--to', iso(WEEK_TO), '--html', 'report.html'],
    ],
    { cwd: ci, env: { PATH: process.env['PATH'], HOME: tools, ELASTICSEARCH_URL: url }, encoding: 'utf8' },
  );
  const reported = performance.now();
  if (ran.status !== 1) throw new Error(`a report of a failed test ends with 1, and this one with ${ran.status}: ${ran.stderr}`);
  await writeFile(path.join(ci, 'comment.md'), ran.stdout);
  const used = (ran.stderr.trim().split('\n').at(-1) ?? '').split(' ').reduce((sum, one) => sum + Number(one), 0);
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  say(
    `run ${run}: push ${seconds(begin, pushed)}, clone ${seconds(pushed, cloned)}, report ${seconds(cloned, reported)} (${used.toFixed(1)} s of processor time), together ${seconds(begin, reported)}`,
  );
}

async function draw(folder: string): Promise<void> {
  const comment = await readFile(path.join(folder, 'comment.md'), 'utf8');
  const page = await readFile(path.join(folder, 'report.html'), 'utf8');
  await picture('pull-request-comment', commentPage(await marked.parse(comment, { gfm: true })), { width: 1000, height: 900 });
  await picture('pull-request-page', page, { width: 1000, height: 1000 });
  await picture('pull-request-page-dark', page, { width: 375, height: 900, colorScheme: 'dark' });
}

async function picture(name: string, html: string, window: Window): Promise<void> {
  const file = path.join(IMAGES, `${name}.png`);
  await inBrowser(html, window, (page) => page.screenshot({ path: file }));
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`${file} has ${size} bytes, expected at most ${LARGEST}: show less, or draw it smaller`);
  say(`drew ${path.relative(ROOT, file)}, ${size.toLocaleString('en-US')} bytes`);
}

/** A comment about as a forge shows it; the browser of the tests has no font with pictures, so that marks are drawn as plain signs. */
function commentPage(html: string): string {
  const marks: Readonly<Record<string, string>> = {
    '✅': '<b class="good">✓</b>',
    '❌': '<b class="bad">✗</b>',
    '⚠️': '<b class="careful">!</b>',
    ℹ️: '<b>i</b>',
  };
  const body = Object.entries(marks).reduce((text, [sign, shown]) => text.replaceAll(sign, shown), html);
  return `<!doctype html><meta charset="utf-8"><style>
body{margin:0;padding:16px;font:14px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff}
main{border:1px solid #d0d7de;border-radius:6px;padding:0 16px 8px}
table{border-collapse:collapse}td,th{border:1px solid #d0d7de;padding:4px 10px}
code{background:#eff1f3;border-radius:4px;padding:1px 4px;font:12px ui-monospace,monospace}
pre{background:#f6f8fa;border-radius:6px;padding:10px;overflow:auto}pre code{background:none;padding:0}
.good{color:#1a7f37}.bad{color:#cf222e}.careful{color:#9a6700}
</style><main>${body.replace('<details>', '<details open>')}</main>`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
