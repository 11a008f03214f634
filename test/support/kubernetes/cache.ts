import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder in which built programs are kept from run to run: TOCSIN_TEST_CACHE, else `.cache`; made when it is not there. */
export async function cacheFolder(): Promise<string> {
  const folder = path.join(path.resolve(process.env['TOCSIN_TEST_CACHE'] || path.join(projectRoot, '.cache')), 'kubernetes');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Tells on standard error what takes so long. */
export function progress(text: string): void {
  process.stderr.write(`[kubernetes] ${text}\n`);
}
