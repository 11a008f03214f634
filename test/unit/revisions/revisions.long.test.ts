import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openRevision, openWorkingTree } from '../../../src/cli/open-revision.ts';
import { mergeBase, openRepository } from '../../../src/revisions/git.ts';
import { ruleChanges } from '../../../src/revisions/rule-changes.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';
import { repositoryIn, type ScriptedRepository, scriptedRepository } from '../../support/revisions/repository.ts';

const rule = (name: string, more = '') =>
  `name: ${name}\ntype: frequency\nindex: logs-*\nwindow: 5m\ncondition: count >= 5\n${more}`;

// Each starts git a dozen times.
vi.setConfig({ testTimeout: 120_000 });

const made: ScriptedRepository[] = [];
afterEach(() => Promise.all(made.splice(0).map((one) => one.remove())));

async function repository(files: Readonly<Record<string, string>>): Promise<ScriptedRepository> {
  const one = await scriptedRepository();
  made.push(one);
  await one.write(files);
  one.commit('before');
  return one;
}

async function changesIn(folder: string, ref = 'main', paths: readonly string[] = []) {
  const line = { ...fakeCommandLine().line, folder, env: { PATH: process.env['PATH'], HOME: folder } };
  const opened = await openRepository(folder, line.env, line.signal);
  const before = await openRevision(opened, await mergeBase(opened, ref), paths, line, { color: false });
  const after = await openWorkingTree(paths, line, { color: false });
  return { before, after, changes: ruleChanges(before.rules, after.rules) };
}

const said = async (folder: string, ref?: string, paths?: readonly string[]) => {
  const { changes } = await changesIn(folder, ref, paths);
  return changes.map(({ kind, name, renamedFrom, keys }) =>
    [kind, name, ...(renamedFrom === undefined ? [] : [`was ${renamedFrom}`]), ...keys.map(({ path }) => path)].join(' '),
  );
};

describe('what a change is', () => {
  const START = {
    'rules/a.yaml': rule('a'),
    'rules/b.yaml': rule('b', 'labels: {team: x, severity: warning}\n'),
    'rules/team/defaults.yaml': 'every: 1m\n',
    'rules/team/c.yaml': rule('c'),
    'rules/team/d.yaml': rule('d', 'every: 2m\n'),
  };
  const BROKEN = 'name: a\ntype: frequency\nindex: logs-*\nconditon: count >= 5\n';

  test.each<[string, Record<string, string | undefined>, readonly string[]]>([
    ['nothing', {}, []],
    ['another text with the same keys', { 'rules/a.yaml': `# why\n${rule('a')}` }, []],
    ['a rule in another file', { 'rules/a.yaml': undefined, 'rules/deep/er/z.yaml': rule('a') }, []],
    ['two files that become one', { 'rules/a.yaml': undefined, 'rules/b.yaml': `${START['rules/b.yaml']}---\n${rule('a')}` }, []],
    ['a key', { 'rules/a.yaml': rule('a').replace('>= 5', '>= 6') }, ['changed a condition']],
    ['one label of two', { 'rules/b.yaml': rule('b', 'labels: {team: y, severity: warning}\n') }, ['changed b labels.team']],
    ['a new rule', { 'rules/new.yaml': rule('new') }, ['added new']],
    ['a rule that went', { 'rules/a.yaml': undefined }, ['removed a']],
    ['another name alone', { 'rules/a.yaml': rule('aa') }, ['changed aa was a name']],
    ['another name and another condition', { 'rules/a.yaml': rule('aa').replace('5', '6') }, ['removed a', 'added aa']],
    ['defaults, for those that take them', { 'rules/team/defaults.yaml': 'every: 3m\n' }, ['changed c every']],
    ['defaults that went', { 'rules/team/defaults.yaml': undefined }, ['changed c every']],
    ['new defaults above', { 'rules/defaults.yaml': 'every: 3m\n' }, ['changed a every', 'changed b every']],
    ['a rule that leaves its defaults', { 'rules/team/c.yaml': undefined, 'rules/c.yaml': rule('c') }, ['changed c every']],
    ['an error is no removal', { 'rules/a.yaml': BROKEN }, ['broken a']],
    ['a file that is no YAML is no removal', { 'rules/a.yaml': 'name: [\n' }, ['broken a']],
    ['defaults with an error', { 'rules/team/defaults.yaml': 'evry: 3m\n' }, ['broken c', 'broken d']],
    ['a new rule with an error', { 'rules/new.yaml': BROKEN.replace('a\n', 'new\n') }, ['broken new']],
    ['a test alone', { 'rules/a.test.yaml': 'tests: []\n' }, []],
  ])('%s', async (_name, files, expected) => {
    const one = await repository(START);
    await one.write(files);
    expect((await said(one.folder)).toSorted()).toEqual(expected.toSorted());
    one.git('checkout', '-q', '-b', 'proposal');
    one.commit('after');
    expect((await said(one.folder)).toSorted()).toEqual(expected.toSorted());
  });

  test('a rule whose file had an error is repaired', async () => {
    const one = await repository({ 'rules/a.yaml': BROKEN, 'rules/b.yaml': rule('b') });
    expect(await said(one.folder)).toEqual([]);
    await one.write({ 'rules/a.yaml': rule('a') });
    expect(await said(one.folder)).toEqual(['repaired a']);
  });

  test('tocsin.yaml says where the rules are, that of each revision for itself', async () => {
    const one = await repository({
      'tocsin.yaml': 'rules: alerts\n',
      'alerts/a.yaml': rule('a'),
      'rules/b.yaml': rule('b', 'every: 9m\n'),
    });
    await one.write({ 'tocsin.yaml': 'rules: rules\n' });
    expect(await said(one.folder)).toEqual(['removed a', 'added b']);
  });

  test('a revision of before the rules has none', async () => {
    const one = await repository({ 'README.md': 'hello' });
    await one.write({ 'rules/a.yaml': rule('a') });
    expect(await said(one.folder)).toEqual(['added a']);
  });
});

describe('what it is compared with', () => {
  test('the commit that both share: what others merged meanwhile is no change of this branch', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    one.git('checkout', '-q', '-b', 'proposal');
    await one.write({ 'rules/mine.yaml': rule('mine') });
    one.commit('mine');
    one.git('checkout', '-q', 'main');
    await one.write({ 'rules/theirs.yaml': rule('theirs'), 'rules/a.yaml': rule('a', 'every: 9m\n') });
    one.commit('theirs');
    one.git('checkout', '-q', 'proposal');
    expect(await said(one.folder)).toEqual(['added mine']);
  });

  test('from a subfolder, with the defaults above it', async () => {
    const one = await repository({
      'defaults.yaml': 'every: 1m\n',
      'elsewhere/x.yaml': rule('x'),
      'team/rules/a.yaml': rule('a'),
      'team/rules/b.yaml': rule('b'),
    });
    await one.write({ 'team/rules/a.yaml': rule('a', 'every: 2m\n'), 'elsewhere/x.yaml': rule('x', 'every: 2m\n') });
    expect(await said(join(one.folder, 'team'))).toEqual(['changed a every']);
    expect(await said(one.folder, 'main', ['team/rules/b.yaml'])).toEqual([]);
    expect(await said(one.folder, 'main', ['team/rules'])).toEqual(['changed a every']);
    expect(await said(one.folder, 'main', ['elsewhere', 'gone'])).toEqual(['changed x every']);
  });

  test('nothing of it stays on disk', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    const own = await mkdtemp(join(tmpdir(), 'tocsin-own-'));
    made.push(repositoryIn(own));
    const left = process.env['TMPDIR'];
    process.env['TMPDIR'] = own;
    try {
      expect(await said(one.folder)).toEqual([]);
      expect(readdirSync(own)).toEqual([]);
    } finally {
      if (left === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = left;
    }
  });
});

describe('what cannot be compared', () => {
  test.each([
    ['--output=x', /git\/ref|not the name/],
    ['', /not the name/],
    ['main..HEAD', /not the name/],
    ['a b', /not the name/],
    ['HEAD:rules', /not the name/],
    ['origin/main', /does not contain the revision origin\/main/],
  ])('%j', async (ref, message) => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    await expect(said(one.folder, ref)).rejects.toThrow(message);
  });

  test('the next step for a branch that was not fetched is to fetch it', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    await expect(said(one.folder, 'origin/main')).rejects.toMatchObject({
      code: 'git/unknown-ref',
      hint: 'git fetch --depth=200 origin main:refs/remotes/origin/main',
    });
  });

  test('a clone that is too shallow says so, and how to deepen it; one that is deep enough works', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    one.git('checkout', '-q', '-b', 'proposal');
    await one.write({ 'rules/a.yaml': rule('a', 'every: 2m\n') });
    one.commit('mine');
    one.git('checkout', '-q', 'main');
    await one.write({ 'rules/b.yaml': rule('b') });
    one.commit('theirs');
    const shallow = `${one.folder}/.clone`;
    one.git('clone', '-q', '--depth=1', '--no-single-branch', '-b', 'proposal', `file://${one.folder}`, shallow);
    await expect(said(shallow, 'origin/main')).rejects.toMatchObject({
      code: 'git/shallow',
      hint: expect.stringContaining('git fetch --unshallow'),
    });
    repositoryIn(shallow).git('fetch', '-q', '--unshallow');
    expect(await said(shallow, 'origin/main')).toEqual(['changed a every']);
  });

  test('a folder outside of every repository, and branches that share nothing', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'tocsin-outside-'));
    made.push(repositoryIn(outside));
    await expect(said(outside)).rejects.toMatchObject({ code: 'git/no-repository' });
    const one = await repository({ 'rules/a.yaml': rule('a') });
    one.git('checkout', '-q', '--orphan', 'other');
    one.commit('other');
    await expect(said(one.folder)).rejects.toMatchObject({ code: 'git/unrelated' });
  });

  test('a folder without git', async () => {
    await expect(openRepository(tmpdir(), { PATH: '/nowhere' }, new AbortController().signal)).rejects.toMatchObject({
      code: 'git/absent',
    });
  });
});

describe('a repository is a stranger', () => {
  test('links and submodules are left out and named', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    await symlink('/etc/passwd', join(one.folder, 'rules', 'link.yaml'));
    one.git('add', '-A');
    const object = one.git('rev-parse', 'HEAD').trim();
    one.git('update-index', '--add', '--cacheinfo', `160000,${object},rules/sub`);
    one.git('commit', '-q', '-m', 'strange');
    one.git('branch', '-f', 'base');
    const { before } = await changesIn(one.folder, 'base');
    expect(before.leftOut).toEqual([
      { path: 'rules/link.yaml', why: 'link' },
      { path: 'rules/sub', why: 'submodule' },
    ]);
    expect([...before.rules.rules.keys()]).toEqual(['a']);
  });

  test('no hook, filter or program of its configuration runs', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a'), '.gitattributes': '*.yaml filter=evil diff=evil\n' });
    const mark = join(one.folder, '.ran');
    const evil = join(one.folder, '.git', 'evil');
    await one.write({ '.git/evil': `#!/bin/sh\ntouch ${mark}\ncat\n` });
    await chmod(evil, 0o755);
    for (const key of ['filter.evil.smudge', 'filter.evil.clean', 'core.fsmonitor', 'diff.evil.textconv', 'core.pager'])
      one.git('config', key, evil);
    expect(await said(one.folder)).toEqual([]);
    expect(existsSync(mark)).toBe(false);
    // It would have: git itself starts it.
    execFileSync('git', ['status'], { cwd: one.folder, env: { PATH: process.env['PATH'] ?? '', HOME: one.folder } });
    expect(existsSync(mark)).toBe(true);
  });

  test('a name that nobody could read is left out and named', async () => {
    const one = await repository({ 'rules/a.yaml': rule('a') });
    await one.write({ 'rules/b\u202e.yaml': rule('b') });
    one.commit('strange');
    expect((await changesIn(one.folder, 'main')).before.leftOut).toEqual([{ path: 'rules/b\uFFFD.yaml', why: 'strange name' }]);
  });
});
