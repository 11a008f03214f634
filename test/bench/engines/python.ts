import { execFile } from 'node:child_process';
import { access, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version that is compared with. */
const ELASTALERT = '2.31.0';
/** What it needs. */
const OLDEST = [3, 12] as const;
const CANDIDATES = ['python3.14', 'python3.13', 'python3.12', 'python3'];
const CACHE = join(import.meta.dirname, '../../../.cache');

/** Gives the folder with the programs of ElastAlert2, installed from PyPI into an environment of its own if it is not there yet. */
export async function installElastalert(given: string | undefined, say: (line: string) => void): Promise<string> {
  const python = await findPython(given);
  const folder = join(CACHE, `elastalert2-${ELASTALERT}-python${python.version}`);
  const programs = join(folder, 'bin');
  if (await exists(join(folder, 'ready'))) return programs;
  say(`installing ElastAlert2 ${ELASTALERT} with ${python.path} ${python.version}, once …`);
  await mkdir(CACHE, { recursive: true });
  await run(python.path, ['-m', 'venv', '--clear', folder]);
  await run(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', `elastalert2==${ELASTALERT}`]);
  await mkdir(join(folder, 'ready'));
  return programs;
}

interface Python {
  readonly path: string;
  readonly version: string;
}

async function findPython(given: string | undefined): Promise<Python> {
  const seen: string[] = [];
  const candidates = given === undefined ? [...CANDIDATES, ...(await ofPyenv())] : [given];
  for (const path of candidates) {
    const version = await versionOf(path);
    if (version !== undefined && isNewEnough(version)) return { path, version };
    seen.push(`${path}: ${version ?? 'not there'}`);
  }
  throw new Error(
    `ElastAlert2 ${ELASTALERT} needs Python ${OLDEST.join('.')} or newer, and none was found (${seen.join(', ')}): ` +
      'install one, name it with --python PATH, or leave this part out: npm run bench -- turn memory load',
  );
}

/** pyenv keeps versions aside that are not on the path until someone chooses them. */
async function ofPyenv(): Promise<readonly string[]> {
  const folder = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const versions = await readdir(folder).catch(() => []);
  return versions.filter(isNewEnough).map((version) => join(folder, version, 'bin/python3'));
}

async function versionOf(path: string): Promise<string | undefined> {
  const asked = await run(path, ['-c', 'import platform; print(platform.python_version())']).catch(() => undefined);
  return asked?.stdout.trim();
}

/** Whether a version such as 3.12.1 is new enough for ElastAlert2. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
