import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTestFiles } from '../../../src/rule-tests/find-test-files.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-'));
  for (const name of ['shop', '.hidden', 'node_modules']) mkdirSync(join(folder, name));
  const names = [
    'a.yaml',
    'a.test.yaml',
    'b.yaml',
    'shop/c.test.yml',
    '.hidden/d.test.yaml',
    'node_modules/e.test.yaml',
    'notes.txt',
  ];
  for (const name of names) writeFileSync(join(folder, name), `# ${name}`);
  writeFileSync(join(folder, 'shop', 'latin.test.yaml'), Buffer.from([0xe9]));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function found(...paths: readonly string[]): Promise<readonly string[]> {
  const { files, problems } = await findTestFiles(paths.map((path) => join(folder, path)));
  return [
    ...files.map(({ file }) => file.slice(folder.length + 1)),
    ...problems.map(({ message }) => message.replace(`${folder}/`, '')),
  ];
}

describe('rule tests', () => {
  test.each([
    ['of a folder and those below it', ['.'], ['a.test.yaml', 'shop/c.test.yml', 'shop/latin.test.yaml: this is not UTF-8 text']],
    ['beside a rule file', ['a.yaml'], ['a.test.yaml']],
    ['named themselves, once', ['a.test.yaml', 'a.yaml'], ['a.test.yaml']],
    ['that are not beside a rule file', ['b.yaml'], [/^b.yaml: there is no rule test .*b.test.yaml next to it$/]],
    ['of a path that is not there', ['gone'], ['gone: no such file or folder']],
    ['of a file that is no YAML', ['notes.txt'], ['notes.txt: not a YAML file']],
  ])('%s', async (_which, paths, expected) => {
    expect(await found(...paths)).toEqual(expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))));
  });
});
