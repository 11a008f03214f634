import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/rules/load-rules.ts';
import { testRule } from '../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, play, world } from '../support/engine/world.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const MIB = 1_048_576;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-hostile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command line in a process that may not use more heap than this. */
async function tocsin(heap: number, ...words: readonly string[]) {
  const child = spawn(process.execPath, [`--max-old-space-size=${heap}`, '--import', 'tsx', MAIN, ...words], { stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      texts[name] += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

/** Writes a file of about so many MiB, line by line. */
async function writeLines(file: string, mebibytes: number, line: (i: number) => string): Promise<void> {
  const stream = createWriteStream(file);
  for (let i = 0, size = 0; size < mebibytes * MIB; i++) {
    const text = `${line(i)}\n`;
    size += text.length;
    if (!stream.write(text)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}

describe('a hundred thousand groups', () => {
  it.each([1_000, 10_000])('are cut at max_groups %i, reported, and the neighbour is evaluated', async (maxGroups) => {
    const { engine, add, channel } = world();
    const documents = (from: number) =>
      Array.from({ length: 5_000 }, (_, i) => ({
        '@timestamp': new Date(NOON).toISOString(),
        message: 'x',
        pod: `pod-${from + i}`,
      }));
    for (let from = 0; from < 100_000; from += 5_000) add('logs-app', ...documents(from));
    const many = testRule({ name: 'many', groupBy: ['pod'], maxGroups });
    const began = performance.now();
    const reports = await play(engine([many, testRule({ name: 'neighbour' })]), NOON, NOON + 3 * MINUTE);
    expect(performance.now() - began).toBeLessThan(120_000);
    expect(process.memoryUsage().heapUsed).toBeLessThan(700 * MIB);
    expect(reports.flatMap(({ runs }) => runs).find(({ rule }) => rule === 'many')).toMatchObject({
      truncated: true,
      outcome: 'evaluated',
    });
    expect(heard(channel)).toEqual(
      expect.arrayContaining([
        `12:01 team [FIRING:${maxGroups}] many`,
        '12:01 team [FIRING] neighbour',
        '12:01 team [FIRING] Tocsin: rule many is not fully evaluated',
      ]),
    );
  });
});

describe('a folder of ten thousand rule files', () => {
  it('is read and compiled in bounded time and memory, and looked at again for little', async () => {
    const rules = join(folder, 'many');
    for (let team = 0; team < 100; team++) {
      await mkdir(join(rules, `team-${team}`), { recursive: true });
      await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          writeFile(
            join(rules, `team-${team}`, `${i}.yaml`),
            `name: rule-${team}-${i}\ntype: frequency\nindex: logs-*\nquery: service.name:"s${i}"\ngroup_by: [host.name]\ncondition: count >= ${i}\nmessage: { title: "{{ group['host.name'] }}" }\n`,
          ),
        ),
      );
    }
    const began = performance.now();
    const set = await loadRules([rules]);
    const first = performance.now() - began;
    expect([set.rules.length, set.problems.filter(({ severity }) => severity === 'error')]).toEqual([10_000, []]);
    expect(first).toBeLessThan(120_000);
    expect(await loadRules([rules], {}, set)).toBe(set);
    expect(performance.now() - began - first).toBeLessThan(first / 2);
    const checked = await tocsin(512, 'check', rules);
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('10,000 rules in 10,000 files')]);
  });
});

describe('a folder with what is no rule file', () => {
  it('is read without waiting, and its good rule loads', async () => {
    const odd = join(folder, 'odd');
    await mkdir(join(odd, 'deep/deeper'), { recursive: true });
    await writeFile(join(odd, 'good.yaml'), 'name: good\ntype: frequency\nindex: logs-*\ncondition: count > 1\n');
    await writeFile(
      join(odd, 'windows.yaml'),
      '\uFEFFname: windows\r\ntype: frequency\r\nindex: logs-*\r\ncondition: count > 1\r\n',
    );
    await writeFile(join(odd, 'utf-16.yaml'), Buffer.from('\uFEFFname: wide', 'utf16le'));
    await writeFile(join(odd, 'latin-1.yaml'), Buffer.from('name: gr\u00fcn', 'latin1'));
    await writeFile(join(odd, 'sparse.yaml'), '');
    await truncate(join(odd, 'sparse.yaml'), 2 * 1024 * MIB);
    execFileSync('mkfifo', [join(odd, 'pipe.yaml')]);
    for (const [to, name] of [
      ['/dev/zero', 'zero.yaml'],
      ['self.yaml', 'self.yaml'],
      ['..', 'deep/deeper/up'],
      ['.', 'loop'],
    ] as const) {
      await symlink(to, join(odd, name));
    }
    await writeFile(join(odd, 'secret.yaml'), 'name: x');
    await chmod(join(odd, 'secret.yaml'), 0);
    const began = performance.now();
    const { rules, problems, unread } = await loadRules([odd]);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(rules.map(({ name }) => name)).toEqual(['good', 'windows']);
    const names = (paths: readonly string[]) => paths.map((path) => path.slice(odd.length + 1));
    expect(names(unread)).toEqual(
      expect.arrayContaining(['latin-1.yaml', 'pipe.yaml', 'self.yaml', 'sparse.yaml', 'utf-16.yaml', 'zero.yaml']),
    );
    expect(problems.length).toBeGreaterThanOrEqual(unread.length);
  });
});

describe('a file of documents for a dry run', () => {
  const range = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-01T02:00:00Z'];
  const rule =
    'name: errors\ntype: frequency\nindex: logs-*\nquery: log.level:error\ngroup_by: [service.name]\ncondition: count >= 5\n';

  it('of 100 MiB is read as a stream, and held in less than a gibibyte', async () => {
    const file = join(folder, 'documents.ndjson');
    const start = Date.parse('2026-01-01T00:00:00Z');
    await writeLines(file, 100, (i) =>
      JSON.stringify({
        '@timestamp': new Date(start + i * 25).toISOString(),
        'service.name': `s${i % 50}`,
        'log.level': i % 10 === 0 ? 'error' : 'info',
        message: `GET /todos/${i} ${'and more '.repeat(25)}`,
      }),
    );
    await writeFile(join(folder, 'errors.yaml'), rule);
    const ran = await tocsin(900, 'dry-run', join(folder, 'errors.yaml'), ...range, '--documents', file);
    expect([ran.code, ran.stderr.replace(/.*\r/gs, '')]).toEqual([0, expect.any(String)]);
    expect(ran.stdout).toContain('5 episodes');
  });

  it.each([
    ['is one line of 100 MiB', 'a'.repeat(MIB), /line\.ndjson:1:1: this line is longer than 10485760 characters/],
    ['is one line of 100 MiB of brackets', '['.repeat(MIB), /line\.ndjson:1:1: this line is longer than/],
  ])('that %s is refused without holding it', async (_name, piece, said) => {
    const file = join(folder, 'line.ndjson');
    const stream = createWriteStream(file);
    for (let i = 0; i < 100; i++) if (!stream.write(piece)) await once(stream, 'drain');
    stream.end();
    await once(stream, 'close');
    await writeFile(join(folder, 'errors.yaml'), rule);
    const ran = await tocsin(200, 'dry-run', join(folder, 'errors.yaml'), ...range, '--documents', file);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(said)]);
  });
});
