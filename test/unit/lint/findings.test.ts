import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDING_CODES } from '../../../src/core/finding-codes.ts';
import { own } from '../../../src/core/record.ts';
import { REPAIRABLE } from '../../../src/lint/repairs.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';
import { type Files, LINT_CASES } from './cases.ts';

/** Codes of files that cannot be put into a table, and the tests that hold them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'rule/unreadable': 'test/unit/rules/read-files.test.ts',
  'rule/too-large': 'test/unit/rules/parse-file.test.ts',
  'rule/too-many-files': 'test/unit/rules/read-files.test.ts',
  'config/file': 'test/unit/config',
  'config/too-large': 'test/unit/config',
  'config/secret-missing': 'test/unit/config',
  'config/secret-file': 'test/unit/config',
  'config/secret-file-readable': 'test/unit/config',
  'config/ca-file': 'test/unit/config',
  'config/client-certificate': 'test/unit/config',
  'config/cloud-id': 'test/unit/config',
  'lint/unwritable': 'test/unit/lint/fix.test.ts',
};

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-lint-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(join(root, 'case-'));
  const named = typeof files === 'string' ? { 'rules/a.yaml': files } : files;
  const all: Readonly<Record<string, string>> = { 'tocsin.yaml': 'rules: rules\n', ...named };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function codesOf(folder: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runWords(['check', '--config', join(folder, 'tocsin.yaml'), '--format', 'json', ...words]);
  const { problems }: { readonly problems: readonly { readonly code: string }[] } = JSON.parse(stdout);
  return problems.map(({ code }) => code);
}

const offline = Object.keys(FINDING_CODES).filter((code) => !code.startsWith('cluster/'));

describe('each finding', () => {
  test('has a pair of files, or a test elsewhere, and none is stale', () => {
    expect([...Object.keys(LINT_CASES), ...Object.keys(ELSEWHERE)].sort()).toEqual([...offline].sort());
  });

  test.each(Object.entries(LINT_CASES))('%s is found in the bad file and not in the good one', async (code, { bad, good }) => {
    expect(await codesOf(await folderWith(bad))).toContain(code);
    expect(await codesOf(await folderWith(good))).not.toContain(code);
  });

  test.each(Object.entries(LINT_CASES))('%s is the only thing said against rules of its good file', async (_code, { good }) => {
    const found = await codesOf(await folderWith(good));
    const hard = found.filter((code) => own(FINDING_CODES, code)?.severity === 'error');
    expect(hard).toEqual([]);
  });
});

describe('--fix', () => {
  test('has an expected file for each code that it repairs', () => {
    const fixable = Object.entries(FINDING_CODES).flatMap(([code, known]) => (known.fixable === true ? [code] : []));
    const expected = Object.entries(LINT_CASES).flatMap(([code, { fixed }]) => (fixed === undefined ? [] : [code]));
    expect(expected.sort()).toEqual(fixable.sort());
    expect([...REPAIRABLE].sort()).toEqual(fixable);
  });

  test.each(Object.entries(LINT_CASES).filter(([, { fixed }]) => fixed !== undefined))(
    'of %s changes that and nothing else, and finds nothing the second time',
    async (code, { bad, fixed }) => {
      const folder = await folderWith(bad);
      expect(await codesOf(folder, '--fix')).not.toContain(code);
      const text = await readFile(join(folder, 'rules', 'a.yaml'), 'utf8');
      expect(text).toBe(fixed);
      await codesOf(folder, '--fix');
      expect(await readFile(join(folder, 'rules', 'a.yaml'), 'utf8')).toBe(text);
      expect(await readdir(join(folder, 'rules'))).toEqual(['a.yaml']);
    },
  );
});
