import type { BigIntStats } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type KnownText, readKnown } from '../../../src/rules/known-texts.ts';
import { readRuleFiles } from '../../../src/rules/read-files.ts';

const STATS = { dev: 1n, ino: 2n, size: 3n, mtimeNs: 4n, ctimeNs: 5n } as BigIntStats;

/** Looks at a file once for each of `looks`: what the system says of it, and the text that it has. Gives which looks read it. */
async function readsOf(...looks: readonly (readonly [Partial<BigIntStats>, string])[]) {
  let known: KnownText | undefined;
  const seen: string[] = [];
  for (const [stats, text] of looks) {
    let read = false;
    known = await readKnown({ ...STATS, ...stats } as BigIntStats, known, async () => {
      read = true;
      return { file: 'a.yaml', text };
    });
    seen.push(`${read ? 'read' : 'kept'} ${known?.source.text}`);
  }
  return seen;
}

it('a file that nobody touches is read twice, and never again', async () => {
  expect(await readsOf([{}, 'a'], [{}, 'a'], [{}, 'a'], [{}, 'a'])).toEqual(['read a', 'read a', 'kept a', 'kept a']);
});

it.each([
  ['another size', { size: 9n }],
  ['another time', { mtimeNs: 9n }],
  ['its time set back, which shows in the time of that', { ctimeNs: 9n }],
  ['another file in its place', { ino: 9n }],
  ['another volume in its place', { dev: 9n }],
])('with %s a file is reloaded', async (_name, stats) => {
  expect(await readsOf([{}, 'a'], [{}, 'a'], [stats, 'b'], [stats, 'b'], [stats, 'b'])).toEqual([
    'read a',
    'read a',
    'read b',
    'read b',
    'kept b',
  ]);
});

it('a file that was written twice within one tick of the system’s clock is what it was last', async () => {
  expect(await readsOf([{}, 'a'], [{}, 'b'], [{}, 'b'])).toEqual(['read a', 'read b', 'kept b']);
});

it('looks at a folder give the same objects until a file changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-known-'));
  try {
    await writeFile(join(folder, 'a.yaml'), 'a: 1');
    await writeFile(join(folder, 'b.yaml'), 'b: 1');
    const first = await readRuleFiles([folder]);
    const second = await readRuleFiles([folder], first.texts);
    await writeFile(join(folder, 'b.yaml'), 'b: 22');
    const third = await readRuleFiles([folder], second.texts);
    expect(second.files.every((file, i) => file === first.files[i])).toBe(true);
    expect(third.files[0]).toBe(first.files[0]);
    expect(third.files.map(({ text }) => text)).toEqual(['a: 1', 'b: 22']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
