import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { lastLines, run } from '../elasticsearch/command.ts';
import { withLock } from '../elasticsearch/lock.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** The newest `go` line of the modules that are built here. */
const OLDEST_GO = [1, 24] as const;
const NOTIFY_EVERY_MS = 15_000;

/** The programs that the stack test builds, by name, and where their sources are. */
export const GO_PROGRAMS = {
  stub: path.join(ROOT, 'deploy/stack/stub/app'),
  apmconv: path.join(import.meta.dirname, 'apmconv'),
  otelcol: path.join(import.meta.dirname, 'otelcol'),
} as const;

/** The name of a program that the stack test builds. */
export type GoProgram = keyof typeof GO_PROGRAMS;

/**
 * Returns the file of a built program, and builds it first when its sources, or the compiler, are not those of the last time. A build is
 * made aside and renamed, so that one that is killed half-way is never used. Throws one line that says what to install without Go.
 */
export async function goProgram(name: GoProgram): Promise<string> {
  const version = await goVersion();
  const cache = path.resolve(process.env['TOCSIN_TEST_CACHE'] || path.join(ROOT, '.cache'), 'stack');
  await mkdir(cache, { recursive: true });
  const file = path.join(cache, `${name}-${await fingerprint(GO_PROGRAMS[name], version)}`);
  if (await exists(file)) return file;
  await withLock(`${file}.lock`, async () => {
    if (await exists(file)) return;
    await build(name, `${file}.partial`);
    await rename(`${file}.partial`, file);
    await removeOlder(cache, name, path.basename(file));
  });
  return file;
}

/** Runs the tests that stand beside a program's sources; rejects with what they say when one fails. */
export async function goTest(name: GoProgram): Promise<void> {
  await goVersion();
  await run('nice', ['-n', '10', 'go', 'test', './...'], { cwd: GO_PROGRAMS[name], env: goEnvironment() });
}

async function goVersion(): Promise<string> {
  const wanted = OLDEST_GO.join('.');
  const ifMissing = `The stack test builds Go programs and found no Go: install Go ${wanted} or newer (https://go.dev/dl/).`;
  const found = (await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { env: goEnvironment(), ifMissing })).trim();
  const [major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(found)?.slice(1) ?? []).map(Number);
  if (major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1])) return found.replaceAll('\n', ' ');
  throw new Error(`The stack test needs Go ${wanted} or newer and found ${found}: install a newer one (https://go.dev/dl/).`);
}

/** Nothing is fetched but the modules whose checksums stand in go.sum: no other compiler, and no answer of a checksum database. */
function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -trimpath' };
}

async function fingerprint(folder: string, version: string): Promise<string> {
  const hash = createHash('sha256').update(version);
  const names = (await readdir(folder)).filter((name) => /^go\.(?:mod|sum)$|(?<!_test)\.go$/.test(name)).sort();
  for (const name of names) hash.update(name).update(await readFile(path.join(folder, name)));
  return hash.digest('hex').slice(0, 10);
}

async function build(name: GoProgram, file: string): Promise<void> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  let packages = 0;
  let output = '';
  notify(`building ${name} …`);
  const ticking = setInterval(() => notify(`building ${name}: ${packages} packages in ${seconds()} s …`), NOTIFY_EVERY_MS);
  try {
    const words = ['-n', '10', 'go', 'build', '-v', '-ldflags', '-s -w', '-o', file, '.'];
    const child = spawn('nice', words, { cwd: GO_PROGRAMS[name], env: goEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (/^[\w.-]+(?:\/[\w.~-]+)*$/.test(line)) packages += 1;
      else output += `${line}\n`;
    });
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`go build of ${name} ended with ${code}:\n${lastLines(output, 20)}`);
    notify(`${name} is built: ${packages} packages in ${seconds()} s`);
  } finally {
    clearInterval(ticking);
  }
}

async function removeOlder(cache: string, name: GoProgram, kept: string): Promise<void> {
  const older = (await readdir(cache)).filter((one) => one.startsWith(`${name}-`) && one !== kept && !one.endsWith('.lock'));
  await Promise.all(older.map((one) => rm(path.join(cache, one), { force: true })));
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** Tells on standard error what takes so long. */
function notify(text: string): void {
  process.stderr.write(`[stack] ${text}\n`);
}
