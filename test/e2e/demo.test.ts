import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inBrowser } from '../support/demo/browser.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let folder = '';
let whole: Awaited<Awaited<ReturnType<typeof start>>['ended']>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-e2e-'));
  whole = await (await start(['--speed', '1000', '--output', join(folder, 'out')])).ended;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the demo as the script of package.json does, without npm between the test and its process. */
async function start(words: readonly string[]) {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: { demo: string } };
  const [runner, main = ''] = scripts.demo.split(' ');
  expect(runner).toBe('tsx');
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...words], {
    cwd: ROOT,
    env: { PATH, HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended };
}

describe('npm run demo', () => {
  it('plays to its end in a pipe, and says where the page is', () => {
    const { code, stdout, stderr } = whole;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Done. 4 Slack messages and 3 mails were delivered.');
    expect(stdout).toContain(join(folder, 'out', 'index.html'));
  });

  it('names next steps that work as they are written', async () => {
    const commands = [...whole.stdout.matchAll(/^ {2}(npm run -s tocsin -- .*)$/gm)].map(([, command = '']) => command);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const { PATH, HOME } = process.env;
      const child = spawn('sh', ['-c', command], { cwd: ROOT, env: { PATH, HOME }, stdio: 'ignore' });
      const [code] = await once(child, 'close');
      expect(code, command).toBe(0);
    }
  });

  it('ends at once when it is interrupted', async () => {
    const { child, ended } = await start(['--speed', '1', '--output', join(folder, 'interrupted')]);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(/\nStopped\.\n$/);
  });

  it.each([
    [['--speed', 'fast'], '--speed takes a number from 1 to 1000, not fast'],
    [['--sped', '2'], "Unknown option '--sped'"],
  ])('refuses %j and says what it takes', async (words, message) => {
    const { code, stdout, stderr } = await (await start(words)).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run demo -- [--output FOLDER]');
  });
});

/** What the browser shows of the page. */
interface Seen {
  readonly charts: readonly string[];
  /** Lower edge of the chart that is shown, and the size of the whole page, pixels. */
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
  readonly mails: readonly number[];
  /** What the pictures of mails show, of those that are really there. */
  readonly pictures: readonly string[];
}

/** Gives {@link Seen}; as text, because it runs in the browser. */
const LOOK = `(async () => {
  const shown = [...document.querySelectorAll('svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
  return {
    charts: shown.map((svg) => svg.getAttribute('class')),
    bottom: Math.max(...shown.map((svg) => svg.getBoundingClientRect().bottom)),
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
    pictures: await Promise.all([...document.querySelectorAll('.mail-body')].flatMap((body) =>
      [...(body.shadowRoot ?? body).querySelectorAll('img')].map((img) => img.decode().then(() => img.alt)))),
    mails: [...document.querySelectorAll('.mail-body')].map((body) => body.getBoundingClientRect().height),
  };
})()`;

describe('the page that it leaves', () => {
  it.each([
    ['wide', 1_280, 5_000],
    ['narrow', 375, 11_000],
  ])(
    'shows the %s time line on the first screen of a window of %i pixels, fits into it, and is not long',
    async (size, width, most) => {
      const html = await readFile(join(folder, 'out', 'index.html'), 'utf8');
      const requests: string[] = [];
      const seen = await inBrowser(html, { width, height: 800 }, async (page) => {
        page.on('request', (request) => requests.push(request.url()));
        await page.setContent(html);
        return page.evaluate<Seen>(LOOK);
      });
      expect(seen.charts).toEqual([`chart ${size}`]);
      expect(seen.bottom).toBeLessThan(800);
      expect(seen.width).toBeLessThanOrEqual(width);
      expect(seen.height).toBeLessThan(most);
      expect(seen.mails).toHaveLength(3);
      for (const height of seen.mails) expect(height).toBeGreaterThan(200);
      expect(seen.pictures).toEqual(Array(3).fill(expect.stringMatching(/^Chart: .*limit 20/)));
      expect(requests).toEqual([]);
    },
  );
});
