import { describe, expect, test } from 'vitest';
import { regenerate, SECTIONS } from '../../../scripts/docs/sections.ts';
import { pages } from './pages.ts';

const MARKER = /^<!-- generated:([\w-]+) -->$/gm;
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
