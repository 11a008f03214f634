import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleLivePages, bundlePage } from '../page/bundle.ts';
import { bundleProgram } from './program.ts';

/** Rebuilds `dist/`: the command line, and the programs of pages where it looks for them. */
const FOLDER = fileURLToPath(new URL('../../dist/', import.meta.url));
const [page, livePages] = await Promise.all([bundlePage(), bundleLivePages()]);
await rm(FOLDER, { recursive: true, force: true });
await bundleProgram(FOLDER);
await mkdir(`${FOLDER}page`);
await writeFile(`${FOLDER}page/program.js`, page);
await writeFile(`${FOLDER}page/live.js`, livePages);
