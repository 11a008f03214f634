import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRuleFiles } from '../../src/rules/read-files.ts';

const MOST = 50_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-many-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 500) {
    const names = Array.from({ length: Math.min(500, to - start) }, (_, index) => String(start + index).padStart(6, '0'));
    await Promise.all(names.map((name) => writeFile(join(folder, `${name}.yaml`), '')));
  }
}

it('so many rule files are read, and one more is named and skipped', async () => {
  await write(0, MOST);
  expect((await readRuleFiles([folder])).problems).toEqual([]);
  await write(MOST, MOST + 1);
  const { files, problems, unread } = await readRuleFiles([folder]);
  expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['rule/too-many-files', 'error']]);
  expect(unread).toEqual([join(folder, '050000.yaml')]);
  expect(files.length).toBe(MOST);
});
