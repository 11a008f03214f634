import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readersOf } from './readers.ts';

/**
 * Runs the unit, contract and long tests that uncommitted changes affect. Vitest knows which tests import a changed file, and nothing of those that
 * read one: docs, rules, schemas, and the sources as text.
 */
const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROJECTS = ['unit', 'contract', 'long'].flatMap((name) => ['--project', name]);

const git = (...args: readonly string[]) =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 })
    .split('\0')
    .filter((path) => path !== '');
const changed = [...git('diff', '--name-only', '-z', 'HEAD'), ...git('ls-files', '--others', '--exclude-standard', '-z')];

const files = ['test', 'scripts'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(ROOT, folder, path), 'utf8') })),
);
const related = [...new Set([...changed, ...readersOf(changed, files)])].filter((path) => existsSync(join(ROOT, path)));

if (related.length === 0) process.stdout.write('nothing is changed since the last commit: no test is run\n');
else {
  const args = ['vitest', 'related', ...related, '--run', '--experimental.fsModuleCache', '--passWithNoTests', ...PROJECTS];
  const { status } = spawnSync('npx', ['--no-install', ...args, ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
