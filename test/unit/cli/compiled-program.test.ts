import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepCompiledProgram } from '../../../src/cli/compiled-program.ts';

function foldersFor(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const folders: string[] = [];
  keepCompiledProgram(env, { enableCompileCache: (folder) => folders.push(folder) });
  return folders;
}

describe('the compiled program is kept', () => {
  let root = '';
  const at = (...parts: readonly string[]) => join(root, ...parts);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'compiled-'));
    mkdirSync(at('home'));
    mkdirSync(at('chosen'));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['in the cache of the home folder', {}, 'home/.cache/tocsin'],
    ['at home where the chosen cache is relative', { XDG_CACHE_HOME: 'cache' }, 'home/.cache/tocsin'],
    ['at home where the chosen cache is empty', { XDG_CACHE_HOME: '' }, 'home/.cache/tocsin'],
  ])('%s', (_where, env, folder) => {
    expect(foldersFor({ HOME: at('home'), ...env })).toEqual([at(folder)]);
  });

  test('in the cache that the user has chosen', () => {
    expect(foldersFor({ HOME: at('home'), XDG_CACHE_HOME: at('chosen') })).toEqual([at('chosen/tocsin')]);
  });

  test('also where it was kept before, and where the cache is a link to a folder of the user', () => {
    mkdirSync(at('elsewhere/tocsin'), { recursive: true });
    symlinkSync(at('elsewhere'), at('home/.cache'));
    expect(foldersFor({ HOME: at('home') })).toEqual([at('home/.cache/tocsin')]);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['without a home folder', {}],
    ['with a home folder that is relative', { HOME: '.' }],
    ['with an empty one', { HOME: '' }],
    // Node.js would try to make it until the end of time.
    ['with one that is not there', { HOME: '/proc/nobody/home' }],
    ['with a chosen cache that is not there', { XDG_CACHE_HOME: '/proc/nobody/cache' }],
  ])('nowhere %s', (_without, env) => {
    expect(foldersFor(env)).toEqual([]);
  });

  test('also where the group of the user can write, which is often theirs alone', () => {
    mkdirSync(at('home/.cache/tocsin'), { recursive: true });
    chmodSync(at('home/.cache/tocsin'), 0o775);
    expect(foldersFor({ HOME: at('home') })).toEqual([at('home/.cache/tocsin')]);
  });

  test.each(['home', 'home/.cache', 'home/.cache/tocsin'])('nowhere if others can write to %s', (folder) => {
    mkdirSync(at('home/.cache/tocsin'), { recursive: true });
    chmodSync(at(folder), 0o777);
    expect(foldersFor({ HOME: at('home') })).toEqual([]);
  });

  test('nowhere if the cache is a link to a folder that others can write to', () => {
    mkdirSync(at('open'));
    chmodSync(at('open'), 0o1777);
    symlinkSync(at('open'), at('home/.cache'));
    expect(foldersFor({ HOME: at('home') })).toEqual([]);
  });

  // Only root can give a folder away.
  test.runIf(process.geteuid?.() === 0)('nowhere if the home folder is that of another user, as with sudo', () => {
    chownSync(at('home'), 12_345, 12_345);
    expect(foldersFor({ HOME: at('home') })).toEqual([]);
  });

  test('a file in the place of the folder is for Node.js to refuse', () => {
    mkdirSync(at('home/.cache'));
    writeFileSync(at('home/.cache/tocsin'), '');
    expect(() => keepCompiledProgram({ HOME: at('home') })).not.toThrow();
  });

  test('nowhere by a Node.js that cannot', () => {
    expect(() => keepCompiledProgram({ HOME: at('home') }, {})).not.toThrow();
  });
});
