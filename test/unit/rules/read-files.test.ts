import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import { readRuleFiles } from '../../../src/rules/read-files.ts';
import { frequency } from './rule-files.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-rules-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

async function read(...names: readonly string[]) {
  const { files, problems, unread } = await readRuleFiles(names.map((name) => join(root, name)));
  const near = (file: string) => relative(root, file);
  return {
    files: files.map(({ file }) => near(file)),
    problems: problems.map((problem) => formatProblem(problem).replaceAll(`${root}/`, '')),
    unread: unread.map(near),
  };
}

describe('a folder of rules', () => {
  it('is read with all below it, sorted, without what is no rule file', async () => {
    const names = ['b.yaml', 'a.yml', 'sub/deep/c.yaml', 'a.test.yaml', '.hidden.yaml', '.git/x.yaml', 'tocsin.yaml', 'notes.md'];
    await write(Object.fromEntries(names.map((name) => [`rules/${name}`, 'a: 1'])));
    expect(await read('rules')).toEqual({
      files: ['rules/a.yml', 'rules/b.yaml', 'rules/sub/deep/c.yaml'],
      problems: [],
      unread: [],
    });
  });

  it('is read once where links lead round in a circle', async () => {
    await write({ 'rules/sub/a.yaml': 'a: 1' });
    await symlink(join(root, 'rules'), join(root, 'rules/sub/up'));
    await symlink(join(root, 'rules/sub'), join(root, 'rules/again'));
    await symlink(join(root, 'rules/round.yaml'), join(root, 'rules/round.yaml'));
    const { files, problems } = await read('rules');
    expect(files).toHaveLength(1);
    expect(problems).toEqual(['rules/round.yaml:1:1: circular links (fix or remove the link)']);
  });

  it('may be a mounted volume, whose files are links into a hidden folder', async () => {
    await write({ 'rules/..data/a.yaml': 'a: 1' });
    await symlink('..data/a.yaml', join(root, 'rules/a.yaml'));
    expect((await read('rules')).files).toEqual(['rules/a.yaml']);
  });

  it('that holds no rule file is most likely the wrong one', async () => {
    await write({ 'rules/notes.md': 'x' });
    expect((await read('rules')).problems).toEqual([
      'rules:1:1: no rule file in this folder (use the extension .yaml or .yml for rule files)',
    ]);
  });

  it('that overlaps with another path gives each file once', async () => {
    await write({ 'rules/a.yaml': 'a: 1' });
    expect((await read('rules', 'rules/a.yaml', 'rules')).files).toEqual(['rules/a.yaml']);
  });
});

describe('what cannot be read is a problem, and the rest is read', () => {
  it.each([
    ['a path that is not there', 'gone', 'gone:1:1: no such file or folder (check the path and its permissions)'],
    [
      'a file that is too large',
      'large.yaml',
      'large.yaml:1:1: the file has 1048577 bytes; the maximum for a rule file is 1048576 (split it into several files)',
    ],
    ['a file that is no text', 'binary.yaml', 'binary.yaml:1:1: this is not UTF-8 text (save it as UTF-8)'],
    ['a rule test', 'a.test.yaml', 'a.test.yaml:1:1: not a rule file: this is a rule test (run it with `tocsin test`)'],
    ['no regular file', '../../dev/null', '../../dev/null:1:1: this is not a regular file (rules are read from files)'],
  ])('%s', async (_what, name, said) => {
    await write({
      'a.yaml': 'a: 1',
      'large.yaml': '#'.repeat(1024 * 1024 + 1),
      'binary.yaml': new Uint8Array([0xff, 0xfe]),
      'a.test.yaml': '',
    });
    const found = await read('a.yaml', name);
    expect(found.files).toEqual(['a.yaml']);
    expect(found.unread).toEqual([name.startsWith('..') ? relative(root, '/dev/null') : name]);
    expect(found.problems[0]?.split(':1:1: ')[1]).toBe(said.split(':1:1: ')[1]);
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    await write({ 'rules/a.yaml': 'a: 1', 'rules/b.yaml': 'b: 1' });
    await chmod(join(root, 'rules/a.yaml'), 0);
    expect(await read('rules')).toMatchObject({ files: ['rules/b.yaml'], unread: ['rules/a.yaml'] });
  });
});

describe('the defaults of a folder', () => {
  it('come along when one of its files is read alone, up to the top of the project', async () => {
    await write({
      'defaults.yaml': 'delay: 1m',
      'p/tocsin.yaml': '',
      'p/defaults.yaml': 'every: 2m',
      'p/rules/defaults.yaml': 'window: 9m',
      'p/rules/a.yaml': frequency(),
    });
    expect((await read('p/rules/a.yaml')).files).toEqual(['p/defaults.yaml', 'p/rules/a.yaml', 'p/rules/defaults.yaml']);
    const [alone] = (await loadRules([join(root, 'p/rules/a.yaml')])).rules;
    const [together] = (await loadRules([join(root, 'p')])).rules;
    expect(alone).toMatchObject({ window: 540_000, schedule: { every: 120_000 }, delay: 30_000 });
    expect(together).toMatchObject({ window: 540_000, schedule: { every: 120_000 }, delay: 30_000 });
  });
});
