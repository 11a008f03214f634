import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSources, type SourceFile, sourceFile } from '../../support/architecture/source-file.ts';

test('a name that src exports means one thing', () => {
  expect(sharedNames(readSources(join(import.meta.dirname, '../../../src')))).toEqual([]);
});

test('a name of two files is found, whatever it names, and a name that is passed on is not', () => {
  const files = [
    sourceFile('a.ts', 'export const one = 1;\nexport interface Two {}\nexport type { Four } from "./c.ts";'),
    sourceFile(
      'b.ts',
      'export async function one() {}\nexport type Two = string;\nexport class Three {}\n// export const Three = 1;',
    ),
    sourceFile(
      'c.ts',
      'export function over(a: string): void;\nexport function over(a: number): void;\nexport type Four = 4;\nconst Three = 3;',
    ),
  ];
  expect(sharedNames(files)).toEqual([
    expect.stringContaining('Two is exported by a.ts and b.ts'),
    expect.stringContaining('one is exported by a.ts and b.ts'),
  ]);
});

test('a name that a list exports counts as well, unless it was imported', () => {
  const files = [
    sourceFile('a.ts', 'const one = 1;\nclass Two {}\nexport { one as uno, type Two };'),
    sourceFile('b.ts', 'export const uno = 1;\nexport const one = 1;'),
    sourceFile('c.ts', "import { one, Two as Deux } from './a.ts';\nexport { one, Deux };\nexport { three } from './d.ts';"),
    sourceFile('d.ts', 'export interface Two {}\nexport const three = 3;'),
  ];
  expect(sharedNames(files)).toEqual([
    expect.stringContaining('Two is exported by a.ts and d.ts'),
    expect.stringContaining('uno is exported by a.ts and b.ts'),
  ]);
});

function sharedNames(files: readonly SourceFile[]): readonly string[] {
  const homes = new Map<string, string[]>();
  for (const { path, exports } of files) for (const name of exports) homes.set(name, [...(homes.get(name) ?? []), path]);
  return [...homes]
    .flatMap(([name, paths]) =>
      paths.length > 1
        ? [`${name} is exported by ${paths.join(' and ')}: import the one, or give the other a name of its own`]
        : [],
    )
    .sort();
}
