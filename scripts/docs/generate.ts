import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiText } from './openapi.ts';
import { PICTURES, pictures } from './pictures/pictures.ts';
import { regenerate } from './sections.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the generated parts of all pages in docs/, of the catalogue of rules and the pictures again, and says what changed. */
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
  const api = join(root, 'docs', 'openapi.json');
  if (openApiText() !== (await readFile(api, 'utf8').catch(() => ''))) {
    await writeFile(api, openApiText());
    process.stdout.write('docs/openapi.json has changed\n');
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
