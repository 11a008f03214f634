import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { regenerate } from './sections.ts';

const folder = fileURLToPath(new URL('../../docs', import.meta.url));

/** Writes the generated parts of all pages in docs/ anew, and says which pages changed. */
async function main(): Promise<void> {
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.md'))) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8');
    const made = await regenerate(text);
    if (made === text) continue;
    await writeFile(file, made);
    process.stdout.write(`docs/${name} has changed\n`);
  }
}

await main();
