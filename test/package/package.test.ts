import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Locked {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

let folder = '';
let packed: readonly string[] = [];

/** Someone's empty folder: npm installs the tarball, with the versions of the lock file, and nothing that only development needs. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-package-'));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: ROOT });
  const [pack]: readonly Packed[] = JSON.parse(stdout);
  if (pack === undefined) throw new Error('npm packed nothing');
  packed = pack.files.map(({ path }) => path);
  const { name, version, bin, engines, dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const { packages }: Locked = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const tarball = `file:${pack.filename}`;
  const itself = { name: 'alerting', private: true, dependencies: { [name]: tarball } };
  const needed = Object.entries(packages).filter(([path, { dev = false }]) => path !== '' && !dev);
  const installed = { version, resolved: tarball, bin, engines, dependencies };
  const lock = {
    name: 'alerting',
    lockfileVersion: 3,
    requires: true,
    packages: { '': itself, ...Object.fromEntries(needed), [`node_modules/${name}`]: installed },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(itself));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
  await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('holds what runs, and what is written about it, and nothing else', () => {
    const kinds = new Set(packed.map((path) => path.replace(/^(dist|rules|schema)\/.*?(\.test)?(\.\w+)?$/, '$1')));
    expect([...kinds].sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'rules', 'schema']);
    expect(packed.filter((path) => path.startsWith('dist/') && !path.endsWith('.js'))).toEqual([]);
    expect(packed).toEqual(expect.arrayContaining(['schema/rule.schema.json', 'dist/page/program.js']));
  });

  it('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(await tocsin('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
    const { stdout } = await run('npx', ['--no-install', 'tocsin', '--version'], { cwd: folder });
    expect(stdout).toBe(`${version}\n`);
  });

  it('checks and tests a folder of rules, and finds what is wrong in one', async () => {
    await cp(join(ROOT, 'rules/stub'), join(folder, 'rules'), { recursive: true });
    expect(await tocsin('check', 'rules')).toMatchObject({ code: 0 });
    expect(await tocsin('test', 'rules')).toMatchObject({ code: 0, stdout: expect.stringMatching(/passed/) });
    await mkdir(join(folder, 'wrong'));
    await writeFile(join(folder, 'wrong/rule.yaml'), 'name: wrong\ntyp: frequency\n');
    expect(await tocsin('check', 'wrong')).toMatchObject({ code: 1, stdout: expect.stringContaining('wrong/rule.yaml:2:1') });
  });

  it('brings packs of rules, and copies one that is right and passes', async () => {
    expect(await tocsin('rules')).toMatchObject({ code: 0, stdout: expect.stringContaining('kubernetes') });
    expect(await tocsin('rules', 'add', 'hosts', '--into', 'taken')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('taken/hosts/defaults.yaml'),
    });
    expect(await tocsin('check', 'taken', '--strict')).toMatchObject({ code: 0 });
    expect(await tocsin('test', 'taken')).toMatchObject({ code: 0, stdout: expect.stringMatching(/passed/) });
  });

  it('replays documents of a file', async () => {
    const failed = (second: number) => ({
      '@timestamp': `2026-03-01T10:00:${String(second).padStart(2, '0')}Z`,
      'event.outcome': 'failure',
    });
    await writeFile(
      join(folder, 'documents.ndjson'),
      Array.from({ length: 10 }, (_, second) => `${JSON.stringify(failed(second))}\n`).join(''),
    );
    await mkdir(join(folder, 'replayed'));
    await writeFile(
      join(folder, 'replayed/failures.yaml'),
      'name: failures\ntype: frequency\nindex: logs\nquery: event.outcome:"failure"\nwindow: 1m\ncondition: count >= 5\nlabels: { severity: warning }\n',
    );
    const range = ['--from', '2026-03-01T09:50:00Z', '--to', '2026-03-01T10:10:00Z'];
    const replay = await tocsin('dry-run', 'replayed', '--documents', 'documents.ndjson', ...range);
    expect(replay).toMatchObject({ code: 0, stdout: expect.stringMatching(/failures[\s\S]*firing/i) });
    const page = await tocsin('dry-run', 'replayed', '--documents', 'documents.ndjson', ...range, '--format', 'html');
    expect(page).toMatchObject({ code: 0, stdout: expect.stringContaining('tocsinPage') });
  });

  it('gives editors its schemas by name, and nothing of its inside', async () => {
    const asked =
      "for (const it of ['tocsin/schema/rule.schema.json', 'tocsin/dist/main.js']) try { console.log(require.resolve(it)) } catch (e) { console.log(e.code) }";
    const { stdout } = await run(process.execPath, ['-e', asked], { cwd: folder });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/node_modules.tocsin.schema.rule\.schema\.json$/),
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
      '',
    ]);
  });
});

/** What `npx` runs; npm takes longer to find it than it takes to run. */
async function tocsin(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    const { stdout, stderr } = await run(join(folder, 'node_modules/.bin/tocsin'), args, { cwd: folder });
    return { code: 0, stdout, stderr };
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown)) throw thrown;
    const { code, stdout, stderr } = thrown as Error & { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
