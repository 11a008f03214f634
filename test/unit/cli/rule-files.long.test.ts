import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ruleFiles } from '../../../src/cli/rule-files.ts';
import { systemClock } from '../../../src/core/time.ts';
import { commitUrl, lastChange } from '../../../src/revisions/last-change.ts';
import { type ScriptedRepository, scriptedRepository } from '../../support/revisions/repository.ts';

const made: ScriptedRepository[] = [];
afterEach(() => Promise.all(made.splice(0).map((one) => one.remove())));

async function repository(): Promise<ScriptedRepository> {
  const one = await scriptedRepository();
  made.push(one);
  return one;
}

const ENV = { PATH: process.env['PATH'] };
const signal = new AbortController().signal;
const ask = (folder: string, file: string, env: Readonly<Record<string, string | undefined>> = ENV) =>
  ruleFiles({ folder, env, clock: systemClock, signal } as unknown as Parameters<typeof ruleFiles>[0])(file);

const RULE = 'name: a\ntype: frequency\nindex: logs-*\ncondition: count >= 1\n';
const TESTS = 'tests:\n  - name: fires\n    checks: []\n  - name: is over\n    checks: []\n';

describe('what is known of the file of a rule', () => {
  it('is its last commit, its page at a known host, and the names of the tests beside it', async () => {
    const { folder, write, commit, git } = await repository();
    git('remote', 'add', 'origin', 'https://kim:t0ken@github.com/shop/rules.git');
    await write({ 'rules/a.yaml': RULE, 'rules/a.test.yaml': TESTS });
    const hash = commit('First <b>rule</b>\u202e');
    await write({ 'rules/b.yaml': RULE });
    commit('Another file');
    const { change, tests } = await ask(folder, 'rules/a.yaml');
    expect(change).toMatchObject({ kind: 'commit', hash, differs: false, url: `https://github.com/shop/rules/commit/${hash}` });
    expect(change).toMatchObject({ subject: 'First <b>rule</b>�', author: expect.any(String), at: expect.any(Number) });
    expect(JSON.stringify(change)).not.toContain('t0ken');
    expect(tests).toEqual({ file: 'rules/a.test.yaml', names: ['fires', 'is over'], more: 0 });
  });

  it('is nothing for a built-in rule, whatever was committed around it', async () => {
    const { folder, write, commit } = await repository();
    await write({ 'shop/a.yaml': RULE });
    commit('One');
    expect(await ask(join(folder, 'shop'), '')).toEqual({
      tests: 'none',
      change: { kind: 'unknown', why: 'the rule is built in' },
    });
  });

  it('says that a file is not as it was committed, and that it was never committed', async () => {
    const { folder, write, commit } = await repository();
    await write({ 'a.yaml': RULE });
    commit('One');
    await write({ 'a.yaml': `${RULE}every: 5m\n`, 'new.yaml': RULE });
    expect((await ask(folder, 'a.yaml')).change).toMatchObject({ kind: 'commit', differs: true });
    expect(await ask(folder, 'new.yaml')).toEqual({
      tests: 'none',
      change: { kind: 'unknown', why: 'no commit has this file' },
    });
  });

  it('is the revision of a deployment where there is no repository', async () => {
    const { folder, write } = await repository();
    const outside = join(folder, '.git');
    await write({});
    const hash = '0123456789abcdef0123456789abcdef01234567';
    await mkdir(join(outside, 'sync', '.worktrees', hash), { recursive: true });
    await writeFile(join(outside, 'sync', '.worktrees', hash, 'a.yaml'), RULE);
    await symlink(join('.worktrees', hash), join(outside, 'sync', 'current'));
    expect((await ask(outside, 'sync/current/a.yaml')).change).toEqual({ kind: 'revision', text: hash, from: 'git-sync' });
    expect((await ask(outside, 'sync/current/a.yaml', { ...ENV, TOCSIN_RULES_REVISION: 'v1.4.2' })).change).toEqual({
      ...{ kind: 'revision', text: 'v1.4.2', from: 'TOCSIN_RULES_REVISION' },
    });
  });

  it('is that nothing is known without git', async () => {
    const { folder, write } = await repository();
    await write({ 'a.yaml': RULE });
    expect((await ask(folder, 'a.yaml', { PATH: '/nonexistent' })).change).toEqual({
      ...{ kind: 'unknown', why: 'git cannot be started' },
    });
  });

  it.each([
    ['which is not YAML', 'tests: [\n', 'it cannot be read as tests'],
    ['of other things', 'password: hunter2\n', 'it cannot be read as tests'],
    ['that is too large', `# ${'x'.repeat(600_000)}\n`, expect.stringContaining('maximum')],
  ])('names no test of a file %s', async (_name, text, problem) => {
    const { folder, write } = await repository();
    await write({ 'a.yaml': RULE, 'a.test.yaml': text });
    expect((await ask(folder, 'a.yaml')).tests).toEqual({ file: 'a.test.yaml', names: [], more: 0, problem });
  });

  it('follows no link of a test that leads out of its folder', async () => {
    const { folder, write } = await repository();
    await write({ 'rules/a.yaml': RULE, 'secret.yaml': TESTS });
    await symlink('../secret.yaml', join(folder, 'rules/a.test.yaml'));
    expect((await ask(folder, 'rules/a.yaml')).tests).toMatchObject({ names: [], problem: expect.any(String) });
  });
});

describe('a hostile repository', () => {
  it('starts no program by its configuration', async () => {
    const { folder, write, commit, git } = await repository();
    await write({ 'a.yaml': RULE, '.gitattributes': '*.yaml filter=evil diff=evil\n' });
    commit('One');
    const evil = `sh -c 'touch ${join(folder, 'ran')}; cat'`;
    for (const key of ['gpg.program', 'core.fsmonitor', 'core.pager', 'diff.external', 'core.sshCommand', 'core.editor'])
      git('config', key, evil);
    for (const [key, value] of Object.entries({
      'log.showSignature': 'true',
      'filter.evil.clean': evil,
      'diff.evil.textconv': evil,
    }))
      git('config', key, value);
    await write({ 'a.yaml': `${RULE}every: 5m\n` });
    expect(await lastChange(folder, 'a.yaml', ENV, signal)).toMatchObject({
      ok: true,
      commit: { subject: 'One', differs: true },
    });
    await expect(access(join(folder, 'ran'))).rejects.toThrow();
  });

  it.each(['--output=x.yaml', ':(glob)**.yaml', '-p.yaml', 'a\nb.yaml', '"quoted".yaml', '*.yaml'])(
    'may call a file %j',
    async (name) => {
      const { folder, write, commit } = await repository();
      await write({ [name]: RULE });
      const hash = commit('Strange');
      await write({ 'other.yaml': RULE });
      commit('Other');
      expect(await lastChange(folder, name, ENV, signal)).toMatchObject({ ok: true, commit: { hash, differs: false } });
    },
  );
});

describe('the page of a commit', () => {
  const hash = 'f'.repeat(40);
  it.each([
    ['https://github.com/shop/rules.git', `https://github.com/shop/rules/commit/${hash}`],
    ['git@github.com:shop/rules.git', `https://github.com/shop/rules/commit/${hash}`],
    ['ssh://git@gitlab.com:22/shop/team/rules', `https://gitlab.com/shop/team/rules/-/commit/${hash}`],
    ['https://user:secret@bitbucket.org/shop/rules/', `https://bitbucket.org/shop/rules/commits/${hash}`],
    ['https://git.internal.example/shop/rules', undefined],
    ['https://github.com.evil.example/shop/rules', undefined],
    ['https://github.com@evil.example/shop/rules', undefined],
    ['https://github.com/../../rules', undefined],
    ['javascript:alert(1)', undefined],
    ['https://github.com/a/b"onclick="x', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('of %s', (remote, url) => {
    expect(commitUrl(remote, hash)).toBe(url);
  });
});
