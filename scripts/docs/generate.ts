import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PICTURES, pictures } from './pictures/pictures.ts';
import { regenerate } from './sections.ts';

const folder = fileURLToPath(new URL('../../docs', import.meta.url));

/** Writes the generated parts of all pages in docs/ and its pictures again, and says what changed. */
async function main(): Promise<void> {
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.md'))) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8');
    const made = await regenerate(text);
    if (made === text) continue;
    await writeFile(file, made);
    process.stdout.write(`docs/${name} has changed\n`);
  }
  for (const [name, draw] of pictures()) {
    const file = join(PICTURES, name);
    const made = await draw();
    if (made === (await readFile(file, 'utf8').catch(() => ''))) continue;
    await writeFile(file, made);
    process.stdout.write(`docs/pictures/${name} has changed\n`);
  }
}

await main();
