import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeFile, writeFileText } from '../../../src/files/write-file.ts';

let root = '';
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'tocsin-write-')));
  await mkdir(join(root, 'in'));
  await mkdir(join(root, 'out'));
  await writeFile(join(root, 'out', 'victim'), 'untouched');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);
const write = (path: string, replace = true) => writeFileText(at(path), 'new', { within: [at('in')], replace });

describe('a file that is written', () => {
  test.each(['in/a.txt', 'in/made/a.txt'])('is there, whole and alone: %s', async (path) => {
    expect(await write(path)).toEqual({ ok: true });
    expect(await readFile(at(path), 'utf8')).toBe('new');
    expect(await readdir(join(at(path), '..'))).toEqual(['a.txt']);
  });

  test('takes the place of another only if it may', async () => {
    await writeFile(at('in/a.txt'), 'old');
    expect(await write('in/a.txt', false)).toMatchObject({ ok: false, message: 'this file already exists' });
    expect(await readFile(at('in/a.txt'), 'utf8')).toBe('old');
    expect(await write('in/a.txt')).toEqual({ ok: true });
    expect(await readFile(at('in/a.txt'), 'utf8')).toBe('new');
  });

  test.each([
    ['beside its folder', 'out/a.txt', async () => undefined],
    ['out of it by its path', 'in/../out/a.txt', async () => undefined],
    ['in a folder to be made outside', 'out/made/a.txt', async () => undefined],
    ['through a link to a folder', 'in/link/a.txt', async () => symlink(at('out'), at('in/link'))],
    [
      'through a link to a folder within',
      'in/link/a.txt',
      async () => mkdir(at('in/real')).then(() => symlink(at('in/real'), at('in/link'))),
    ],
    ['through a link to a file', 'in/link', async () => symlink(at('out/victim'), at('in/link'))],
    ['through a link that leads nowhere', 'in/link', async () => symlink(at('out/none'), at('in/link'))],
    ['in the place of a folder', 'in/folder', async () => mkdir(at('in/folder'))],
    ['below what is not there', 'in/none/none/a.txt', async () => undefined],
    ['below a file', 'in/file/a.txt', async () => writeFile(at('in/file'), 'file')],
  ])('is not written %s', async (_what, path, prepare) => {
    await prepare();
    expect(await write(path)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/\w/),
      hint: expect.stringMatching(/\w/),
    });
    expect(await readFile(at('out/victim'), 'utf8')).toBe('untouched');
    expect(await readdir(at('out'))).toEqual(['victim']);
  });
});

describe('a file that is removed', () => {
  test('is gone, and one that is not there is gone already', async () => {
    await write('in/a.txt');
    expect(await removeFile(at('in/a.txt'), { within: [at('in')] })).toEqual({ ok: true });
    expect(await readdir(at('in'))).toEqual([]);
    expect(await removeFile(at('in/a.txt'), { within: [at('in')] })).toEqual({ ok: true });
  });

  test('is not removed outside, nor a link in its place', async () => {
    await symlink(at('out/victim'), at('in/link'));
    expect(await removeFile(at('out/victim'), { within: [at('in')] })).toMatchObject({ ok: false, code: 'outside' });
    expect(await removeFile(at('in/link'), { within: [at('in')] })).toMatchObject({ ok: false });
    expect(await readdir(at('in'))).toEqual(['link']);
    expect(await readFile(at('out/victim'), 'utf8')).toBe('untouched');
  });
});
