import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PICTURES, pictures } from '../../../scripts/docs/pictures/pictures.ts';
import { regenerate, SECTIONS } from '../../../scripts/docs/sections.ts';
import { pages } from './pages.ts';

const MARKER = /^<!-- generated:([\w-]+) -->$/gm;
const drawn = [...pictures()];
const made = pages().filter(({ text }) => text.search(MARKER) >= 0);

describe('generated parts of the docs', () => {
  test('stand on a page, each of them once', () => {
    const names = made.flatMap(({ text }) => [...text.matchAll(MARKER)].map(([, name = '']) => name));
    expect(names.sort()).toEqual(Object.keys(SECTIONS).sort());
  });

  test.each(made.map(({ file, text }) => [file, text] as const))('of %s are fresh', async (_file, text) => {
    expect(text, 'run: npx tsx scripts/docs/generate.ts').toBe(await regenerate(text));
  });

  test('with an unknown name are refused', async () => {
    await expect(regenerate('<!-- generated:nothing -->\n<!-- end of generated:nothing -->\n')).rejects.toThrow('nothing');
  });

  test('that are never closed are refused', async () => {
    await expect(regenerate('<!-- generated:rule-types -->\n')).rejects.toThrow('rule-types');
  });
});

describe('pictures of the docs', () => {
  test('are those that are drawn, and each is shown on a page', () => {
    expect(readdirSync(PICTURES).sort()).toEqual(drawn.map(([name]) => name).sort());
    const shown = pages().flatMap(({ text }) =>
      [...text.matchAll(/\]\(pictures\/([\w-]+\.svg)\)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(shown)].sort()).toEqual(drawn.map(([name]) => name).sort());
  });

  test.each(drawn)('%s shows what the engine does', async (name, draw) => {
    expect(readFileSync(join(PICTURES, name), 'utf8'), 'run: npm run docs').toBe(await draw());
  });
});
