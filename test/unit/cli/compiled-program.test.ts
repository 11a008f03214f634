import { describe, expect, test } from 'vitest';
import { keepCompiledProgram } from '../../../src/cli/compiled-program.ts';

function foldersFor(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const folders: string[] = [];
  keepCompiledProgram(env, { enableCompileCache: (folder) => folders.push(folder) });
  return folders;
}

describe('the compiled program is kept', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['in the cache of the home folder', { HOME: '/home/ada' }, '/home/ada/.cache/tocsin'],
    ['in the cache that the user has chosen', { HOME: '/home/ada', XDG_CACHE_HOME: '/var/cache/ada' }, '/var/cache/ada/tocsin'],
    ['at home where the chosen cache is relative', { HOME: '/home/ada', XDG_CACHE_HOME: 'cache' }, '/home/ada/.cache/tocsin'],
    ['at home where the chosen cache is empty', { HOME: '/home/ada', XDG_CACHE_HOME: '' }, '/home/ada/.cache/tocsin'],
  ])('%s', (_where, env, folder) => {
    expect(foldersFor(env)).toEqual([folder]);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['without a home folder', {}],
    ['with a home folder that is relative', { HOME: '.' }],
    ['with an empty one', { HOME: '' }],
  ])('nowhere %s', (_without, env) => {
    expect(foldersFor(env)).toEqual([]);
  });

  test('nowhere by a Node.js that cannot', () => {
    expect(() => keepCompiledProgram({ HOME: '/home/ada' }, {})).not.toThrow();
  });
});
