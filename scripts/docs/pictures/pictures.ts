import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawStory } from './draw.ts';
import { EXAMPLES, storyOf } from './story.ts';
import { drawWindows } from './windows.ts';

/** The folder of the pictures. */
export const PICTURES = fileURLToPath(new URL('../../../docs/pictures', import.meta.url));

/** The examples, by name. */
export function examples(): readonly string[] {
  return readdirSync(EXAMPLES).flatMap((file) => (file.endsWith('.test.yaml') ? [file.replace('.test.yaml', '')] : []));
}

/** Every picture of the docs by its file name, drawn again from what the engine does. */
export function pictures(): ReadonlyMap<string, () => Promise<string>> {
  const stories = examples().map((name) => [`${name}.svg`, async () => drawStory(await storyOf(name))] as const);
  return new Map([...stories, ['windows.svg', async () => drawWindows()]]);
}
