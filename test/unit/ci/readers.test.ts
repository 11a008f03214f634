import { describe, expect, test } from 'vitest';
import { readersOf } from '../../support/vitest/readers.ts';

const file = (path: string, code: string) => ({ path, text: `import { readFileSync } from 'node:fs';\n${code}` });
const FILES = [
  file('docs.ts', "readFileSync(join(ROOT, 'docs', name))"),
  file('readme.ts', "readFileSync('README.md')"),
  file('rules.ts', "readdirSync('../../rules/hosts')"),
  file('sources.ts', "readSources(join(import.meta.dirname, '..', 'src'))"),
  file('golden.ts', "new URL('../golden', import.meta.url)"),
  { path: 'in-memory.ts', text: "loadRules({ 'rules/a.yaml': 'name: a' }); // docs/rules.md" },
];

describe('tests that read a changed file from the disk', () => {
  test.each([
    ['a page of the docs', 'docs/rules.md', ['docs.ts']],
    ['a file at the root', 'README.md', ['readme.ts']],
    ['a rule', 'rules/hosts/memory.yaml', ['rules.ts']],
    ['a source, which tests of the architecture read as text', 'src/core/time.ts', ['sources.ts']],
    ['a golden file of the tests', 'test/contract/golden/rules.v1.json', ['golden.ts']],
    ['a test, which is found by its imports', 'test/unit/core/time.test.ts', []],
    ['what no test names', 'LICENSE', []],
  ])('%s', (_name, path, readers) => {
    expect(readersOf([path], FILES)).toEqual(readers);
  });

  test('of nothing there are none', () => expect(readersOf([], FILES)).toEqual([]));
});
