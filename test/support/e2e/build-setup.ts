import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Builds `dist/` before the end-to-end tests, so that they run what users run. */
export async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { cwd: root });
}
