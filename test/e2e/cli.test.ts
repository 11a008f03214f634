import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'dist', 'main.js');
const FIXTURES = join(ROOT, 'test', 'fixtures', 'dry-run');
const GOOD_RULE = join(ROOT, 'examples/demo/rules/payments-failing.yaml');
const DRY_RUN = [
  'dry-run',
  join(FIXTURES, 'rules.yaml'),
  '--from',
  '2026-01-01T10:00Z',
  '--to',
  '2026-01-01T10:30Z',
  '--documents',
  join(FIXTURES, 'documents.ndjson'),
];

let folder = '';
beforeAll(async () => {
  await access(MAIN);
  folder = await mkdtemp(join(tmpdir(), 'tocsin-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  return spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** How a process ended, and all that it wrote. */
async function ending(child: ReturnType<typeof start>) {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  return { code: code as number | null, signal: signal as string | null, ...texts };
}

/** Runs the built command line as a process of its own, in an empty folder. */
async function tocsin(words: readonly string[], env?: NodeJS.ProcessEnv) {
  const { signal: _signal, ...ended } = await ending(start(words, env));
  return ended;
}

describe('the built command line', () => {
  it('ends with 0 where nothing is wrong, with data on stdout alone', async () => {
    expect(await tocsin(['check', GOOD_RULE])).toEqual({
      code: 0,
      stdout: '1 rule in 1 file: no problems\n',
      stderr: '',
    });
  });

  it('ends with 1 where it found something', async () => {
    const { code, stdout, stderr } = await tocsin(['check', join(FIXTURES, 'broken.yaml')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('broken.yaml:4:1 conditon: unknown key "conditon" (did you mean "condition"?)');
  });

  it.each([
    ['arguments that nobody understands', ['chek'], 'Did you mean check?'],
    ['a cluster that is not there', ['alerts'], 'the state cannot be read'],
    ['a configuration that is not there', ['routes', 'show', '--config', 'absent.yaml'], 'no such file'],
  ])('ends with 2 where it could not do its work: %s', async (_name, words, message) => {
    const { code, stdout, stderr } = await tocsin(words, { ELASTICSEARCH_URL: 'http://127.0.0.1:1' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('shows no stack, unless it is asked for', async () => {
    const words = ['dry-run', '--from', 'tuesday'];
    expect((await tocsin(words)).stderr).toMatch(/^tocsin: [^\n]+\[cli\/moment\][^\n]+\n$/);
    expect((await tocsin(words, { TOCSIN_DEBUG: '1' })).stderr).toMatch(/\n {4}at /);
  });

  it('gives the JSON of a dry run that scripts rely on', async () => {
    const { code, stdout, stderr } = await tocsin([...DRY_RUN, '--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['from', 'to', 'rules', 'health']);
    expect(Object.keys(report.rules[1])).toEqual(['name', 'windows', 'failed', 'gaps', 'transitions', 'notifications']);
    expect(report.rules[1].transitions[1]).toEqual({
      at: '2026-01-01T10:07:00.000Z',
      group: { 'service.name': 'cart' },
      from: 'pending',
      to: 'firing',
      reason: 'breach',
      severity: 'critical',
      values: { count: 6 },
    });
    expect(report.rules[1].notifications[0]).toEqual({
      at: '2026-01-01T10:07:00.000Z',
      receiver: 'default',
      channel: 'console',
      reason: 'first',
      alerts: 1,
      title: '[FIRING] cart fails',
    });
  });

  it('leaves nothing behind after a dry run', async () => {
    const before = await readdir(folder);
    await tocsin(DRY_RUN);
    expect(await readdir(folder)).toEqual(before);
  });

  it('bears a reader that has seen enough', async () => {
    const many = Array.from(
      { length: 4_000 },
      (_, index) => `name: rule-${index}\ntype: frequency\nindex: a-*\nconditon: count > 1\n`,
    );
    const file = join(folder, 'many.yaml');
    await writeFile(file, many.join('---\n'));
    const child = start(['check', file, '--format', 'json']);
    const ended = ending(child);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 1, signal: null, stderr: '' });
  });

  it('stops when it is notified to, without half a report', async () => {
    const rules = join(folder, 'every-second.yaml');
    await writeFile(rules, 'name: every-second\ntype: frequency\nindex: traces-*\nevery: 1s\nwindow: 1s\ncondition: count > 0\n');
    const broken = join(folder, 'broken.yaml');
    await writeFile(broken, 'name: broken\ntype: frequency\n');
    const documents = join(FIXTURES, 'documents.ndjson');
    const child = start(['dry-run', rules, broken, '--from', '2026-01-01', '--to', '2026-06-01', '--documents', documents]);
    const ended = ending(child);
    // The problems of the rules are notified before anything is played: from here on it works, and listens to signals.
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('interrupted');
  });

  it('ends what computes without a breath when its time is over', async () => {
    const rule = (index: number) => `name: rule-${index}\ntype: frequency\nindex: a-*\nconditon: count > 1\n`;
    await mkdir(join(folder, 'heavy'));
    for (let file = 0; file < 8; file++) {
      const rules = Array.from({ length: 4_000 }, (_, index) => rule(file * 4_000 + index));
      await writeFile(join(folder, 'heavy', `${file}.yaml`), rules.join('---\n'));
    }
    const { code, stdout, stderr } = await tocsin(['check', 'heavy', '--time-limit', '1s']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('stopped after the time limit of 1s [cli/time-limit]');
  });

  it.runIf(process.platform === 'linux')('says that a report could not be written', async () => {
    const full = await open('/dev/full', 'w');
    try {
      const child = spawn(process.execPath, [MAIN, 'check', join(FIXTURES, 'rules.yaml')], {
        cwd: folder,
        stdio: ['ignore', full.fd, 'pipe'],
      });
      const { stderr } = child;
      if (stderr === null) throw new Error('stderr is a pipe');
      const said = text(stderr);
      const [code] = await once(child, 'close');
      expect(code).toBe(2);
      expect(await said).toContain('the output cannot be written: ENOSPC');
    } finally {
      await full.close();
    }
  });

  it.runIf(process.platform === 'linux').each(['check', 'run', 'routes'])(
    '%s says that its working folder is gone, without a trace of the stack',
    async (command) => {
      const gone = await mkdtemp(join(tmpdir(), 'tocsin-gone-'));
      const line = 'cd "$0" && rmdir "$0" && exec "$@"';
      const child = spawn('sh', ['-c', line, gone, process.execPath, MAIN, command], { stdio: ['ignore', 'pipe', 'pipe'] });
      const said = text(child.stderr);
      const [code] = await once(child, 'close');
      expect(code).toBe(2);
      expect(await said).toBe('tocsin: the current folder no longer exists [cli/folder] (change to an existing folder)\n');
    },
  );
});
