import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Set when `dist/` is there and up to date. */
export const BUILT = 'TOCSIN_TEST_BUILT';

// Each vitest project loads this file again, so only the process itself can remember that someone builds already.
const key = Symbol.for('tocsin.test.build');
const memory = globalThis as { [key]?: Promise<unknown> };

/** Builds `dist/` once before the end-to-end tests, so that they run what users run. */
export async function setup(): Promise<void> {
  if (process.env[BUILT] === '1') return;
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  memory[key] ??= build(root);
  await memory[key];
}

/** What `npm run build` does, without npm, and without looking at types again, which `npm run check` has done. */
async function build(root: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/build/build.ts'], { cwd: root });
}
