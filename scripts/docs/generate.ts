import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './generated-files.ts';
import { PICTURES, pictures } from './pictures/pictures.ts';
import { regenerate } from './sections.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the generated parts of all pages in docs/, of the catalogue of rules, the pictures and the generated files again, and says what changed. */
async function main(): Promise<void> {
  const names = (await readdir(join(root, 'docs'))).filter((file) => file.endsWith('.md'));
  for (const name of [...names.map((page) => `docs/${page}`), 'rules/README.md']) {
    const file = join(root, name);
    const text = await readFile(file, 'utf8');
    const made = await regenerate(text);
    if (made === text) continue;
    await writeFile(file, made);
    process.stdout.write(`${name} has changed\n`);
  }
  for (const [name, text] of generatedFiles()) {
    const file = join(root, name);
    if (text === (await readFile(file, 'utf8').catch(() => ''))) continue;
    await writeFile(file, text);
    process.stdout.write(`${name} has changed\n`);
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
