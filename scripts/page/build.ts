import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleLivePages, bundlePage } from './bundle.ts';

/** Puts the programs of pages where the built command line looks for it. */
const FOLDER = fileURLToPath(new URL('../../dist/page/', import.meta.url));
await mkdir(FOLDER, { recursive: true });
await writeFile(`${FOLDER}program.js`, await bundlePage());
await writeFile(`${FOLDER}live.js`, await bundleLivePages());
