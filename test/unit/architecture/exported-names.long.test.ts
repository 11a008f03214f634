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
  expect(sharedNames(files)).toEqual(['Two', 'one']);
});

function sharedNames(files: readonly SourceFile[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of files.flatMap(({ exports }) => exports)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) => (count > 1 ? [name] : [])).sort();
}
