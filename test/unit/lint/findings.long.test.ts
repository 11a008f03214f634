import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDING_CODES } from '../../../src/core/finding-codes.ts';
import { own } from '../../../src/core/record.ts';
import { REPAIRABLE } from '../../../src/lint/repairs.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { check } from '../../support/cli/cluster-check.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';
import { type FileEntry, type Files, LINT_CASES } from './cases.ts';
import { CLUSTER_CASES, type ClusterSetting } from './cluster-cases.ts';
import { SILENCE_CASES } from './silence-cases.ts';

/** Codes whose files would be too many for a table, and the tests that hold them. */
const ELSEWHERE: Readonly<Record<string, string>> = { 'rule/too-many-files': 'test/hostile/many-rule-files.test.ts' };

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-lint-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(join(root, 'case-'));
  const named = typeof files === 'string' ? { 'rules/a.yaml': files } : files;
  const all: Readonly<Record<string, FileEntry>> = { 'tocsin.yaml': 'rules: rules\n', ...named };
  for (const [name, entry] of Object.entries(all)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    if (typeof entry === 'string') await writeFile(file, entry);
    else if ('link' in entry) await symlink(entry.link, file);
    else {
      await writeFile(file, entry.text);
      await chmod(file, entry.mode);
    }
  }
  return folder;
}

async function codesOf(folder: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runWords(['check', '--config', join(folder, 'tocsin.yaml'), '--format', 'json', ...words]);
  const { problems }: { readonly problems: readonly { readonly code: string }[] } = JSON.parse(stdout);
  return problems.map(({ code }) => code);
}

const goodCodes = new Map<Files, Promise<readonly string[]>>();

/** What is found in good files, which several tests ask. */
function codesOfGood(files: Files): Promise<readonly string[]> {
  const known = goodCodes.get(files) ?? folderWith(files).then((folder) => codesOf(folder));
  goodCodes.set(files, known);
  return known;
}

async function clusterCodes({ rule, documents, types, wrap }: ClusterSetting): Promise<readonly string[]> {
  const { rules, problems } = compileRules([{ file: 'rules/a.yaml', text: rule }]);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const found = await check(rules, documents, wrap, types);
  return found.map((line) => /\[([\w/-]+)\]$/.exec(line)?.[1] ?? line);
}

describe('each finding', () => {
  test('has a pair of files, or a test elsewhere, and none is stale', async () => {
    const held = [
      ...Object.keys(LINT_CASES),
      ...Object.keys(SILENCE_CASES),
      ...Object.keys(CLUSTER_CASES),
      ...Object.keys(ELSEWHERE),
    ];
    expect(held.sort()).toEqual(Object.keys(FINDING_CODES).sort());
    for (const [code, file] of Object.entries(ELSEWHERE)) expect(await readFile(file, 'utf8')).toContain(`'${code}'`);
  });

  test.each(Object.entries({ ...LINT_CASES, ...SILENCE_CASES }))(
    '%s is found in the bad file and not in the good one',
    async (code, { bad, good, words = [] }) => {
      expect(await codesOf(await folderWith(bad), ...words)).toContain(code);
      const found = words.length === 0 ? codesOfGood(good) : codesOf(await folderWith(good), ...words);
      expect(await found).not.toContain(code);
    },
  );

  test.each(Object.entries(CLUSTER_CASES))(
    '%s is found in the bad cluster and not in the good one',
    async (code, { bad, good }) => {
      expect(await clusterCodes(bad)).toContain(code);
      expect(await clusterCodes(good)).not.toContain(code);
    },
  );

  test.each(Object.entries(LINT_CASES))('%s is the only thing said against rules of its good file', async (_code, { good }) => {
    const found = await codesOfGood(good);
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
