import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/rules/load-rules.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';
import { frequency } from '../rules/rule-files.ts';

const SECRET = 'hunter2-hunter2-hunter2';
const TEST = 'tests: [{ name: a, checks: [{ at: 1m, alerts: none }] }]\n';
let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-files-'));
  await write({ 'rules/a.yaml': frequency(), 'secret.yaml': `${SECRET}\n`, 'creds.json': `{"token":"${SECRET}"}\n` });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

async function words(...given: readonly string[]) {
  const { code, stdout, stderr } = await runWords(given.map((word) => word.replace('@', root)));
  return { code, said: stdout + stderr };
}

/** What someone who may only propose files could put in place of one. */
const INSTEAD: readonly (readonly [string, (name: string) => Promise<unknown> | unknown])[] = [
  ['a link out of the folder', (name) => symlink('../secret.yaml', name)],
  ['an absolute link', (name) => symlink(join(root, 'secret.yaml'), name)],
  [
    'a link to a link',
    async (name) => {
      await symlink('../secret.yaml', join(root, 'rules/.hop'));
      await symlink('.hop', name);
    },
  ],
  ['a device that never ends', (name) => symlink('/dev/zero', name)],
  ['a pipe', (name) => execFileSync('mkfifo', [name])],
  [
    'a link to a pipe',
    (name) => {
      execFileSync('mkfifo', [join(root, 'rules/.pipe')]);
      return symlink('.pipe', name);
    },
  ],
  [
    'a file of terabytes',
    async (name) => {
      await writeFile(name, '');
      await truncate(name, 2 ** 40);
    },
  ],
  ['a circle of links', (name) => symlink(name, name)],
  ['a link to the process itself', (name) => symlink('/proc/self/environ', name)],
];

describe.each(INSTEAD)('%s', (_what, make) => {
  it('in place of a rule is a problem without a word of its content', async () => {
    await make(join(root, 'rules/b.yaml'));
    const { code, said } = await words('check', '@/rules');
    expect(code).toBe(1);
    expect(said).toContain('b.yaml');
    expect(said).not.toContain(SECRET);
    expect((await loadRules([join(root, 'rules')])).rules).toHaveLength(1);
  });

  it('in place of a rule that is named itself', async () => {
    await make(join(root, 'rules/b.yaml'));
    const { code, said } = await words('check', '@/rules/b.yaml');
    expect(code).toBe(1);
    expect(said).not.toContain(SECRET);
  });

  it('in place of defaults, of a rule test, and of its documents', async () => {
    await make(join(root, 'rules/defaults.yaml'));
    expect((await words('check', '@/rules')).said).not.toContain(SECRET);
    await rm(join(root, 'rules/defaults.yaml'));
    await rm(join(root, 'rules/.hop'), { force: true });
    await rm(join(root, 'rules/.pipe'), { force: true });
    await make(join(root, 'rules/b.test.yaml'));
    const test = await words('test', '@/rules');
    expect(test.code).toBe(1);
    expect(test.said).not.toContain(SECRET);
    await rm(join(root, 'rules/b.test.yaml'));
    await rm(join(root, 'rules/.hop'), { force: true });
    await rm(join(root, 'rules/.pipe'), { force: true });
    await make(join(root, 'rules/b.ndjson'));
    await write({ 'rules/a.test.yaml': TEST.replace('checks', 'documents: [{ file: b.ndjson }], checks') });
    const documents = await words('test', '@/rules');
    expect(documents.code).toBe(1);
    expect(documents.said).toContain('b.ndjson');
    expect(documents.said).not.toContain(SECRET);
    const dry = await words(
      'dry-run',
      '@/rules/a.yaml',
      '--from',
      '2026-01-01',
      '--to',
      '2026-01-02',
      '--documents',
      '@/rules/b.ndjson',
    );
    expect(dry.code).toBe(2);
    expect(dry.said).not.toContain(SECRET);
  });
});

describe('what a rule test names', () => {
  it.each([
    ['a file above', 'documents: [{ file: ../creds.json }],', ''],
    ['an absolute file', 'documents: [{ file: @/creds.json }],', ''],
    ['a rule above', '', 'rules: ../secret.yaml\n'],
    ['an absolute rule', '', 'rules: @/secret.yaml\n'],
    ['a folder above', '', 'rules: ..\n'],
    ['no YAML', '', 'rules: ../creds.json\n'],
  ])('%s is not read', async (_what, own, head) => {
    const text = (head + TEST.replace('checks', `${own} checks`)).replaceAll('@', root);
    await write({ 'rules/a.test.yaml': text });
    for (const path of ['@/rules', '@/rules/a.test.yaml', '@/rules/a.yaml']) {
      const { code, said } = await words('test', path);
      expect(code).toBe(1);
      expect(said).toContain('the link points outside its folder');
      expect(said).not.toContain(SECRET);
    }
  });

  it('is read where a folder that holds it was named too', async () => {
    await write({ 'tests/a.test.yaml': `rules: ../rules/a.yaml\n${TEST}` });
    expect((await words('test', '@/tests')).code).toBe(1);
    expect((await words('test', '@/tests', '@/rules')).code).toBe(0);
    expect((await words('test', '@')).code).toBe(0);
  });
});

describe('links', () => {
  it('of a mounted volume are followed, whichever folder of it is named', async () => {
    await write({ 'mounted/..2026/b.yaml': frequency().replace('name: ', 'name: b-') });
    await symlink('..2026', join(root, 'mounted/..data'));
    await symlink('..data/b.yaml', join(root, 'mounted/b.yaml'));
    for (const path of ['mounted', 'mounted/b.yaml']) expect((await loadRules([join(root, path)])).problems).toEqual([]);
    await symlink('mounted', join(root, 'elsewhere'));
    expect((await loadRules([join(root, 'elsewhere')])).rules).toHaveLength(1);
  });

  it('to a folder outside are a problem, because the rules behind them are not there', async () => {
    await write({ 'other/b.yaml': frequency() });
    await symlink('../other', join(root, 'rules/other'));
    const { problems, unread } = await loadRules([join(root, 'rules')]);
    expect(problems.map(({ message }) => message)).toEqual(['the link points outside its folder']);
    expect(unread).toEqual([join(root, 'rules/other')]);
  });

  it('that are hard are files like any other: their content is still not quoted', async () => {
    await link(join(root, 'secret.yaml'), join(root, 'rules/b.yaml'));
    const { code, said } = await words('check', '@/rules');
    expect(code).toBe(1);
    expect(said).toContain('expected a rule (a mapping of keys), got a text');
    expect(said).not.toContain(SECRET);
  });
});

describe('a file that is no rule', () => {
  it.each([
    ['a credential', `{"type":"service_account","project_id":"p","private_key":"${SECRET}","client_email":"e"}`],
    ['a secret of Kubernetes', `apiVersion: v1\nkind: Secret\nmetadata: { name: x }\ntype: Opaque\ndata: { a: ${SECRET} }\n`],
    ['keys that are secrets', `${SECRET}: 1\n${SECRET}: 2\n`],
    ['broken YAML', `"${SECRET}\n`],
    ['a tag', `!${SECRET} a\n`],
    ['an alias', `*${SECRET}\n`],
    ['a list', `[${SECRET}]\n`],
    ['several', `${SECRET}\n---\n- ${SECRET}\n`],
  ])('but %s is notified of by its place, not by its content', async (_what, text) => {
    for (const name of ['rules/b.yaml', 'rules/defaults.yaml', 'rules/b.test.yaml']) {
      await write({ [name]: text });
      const { said } = name.endsWith('.test.yaml') ? await words('test', '@/rules') : await words('check', '@/rules');
      expect(said).not.toContain(SECRET);
      expect(said).toMatch(/yaml:\d+:\d+/);
      await rm(join(root, name));
    }
  });
});

it('a name that would forge a line of the log is not read, and not printed as it is', async () => {
  await write({ 'rules/x\n::error::b.yaml': frequency(), 'rules/y\u202e.yaml': frequency() });
  const { code, said } = await words('check', '@/rules');
  expect(code).toBe(1);
  expect(said).toContain('its name contains unprintable characters');
  expect(said).not.toMatch(/^\s*::|\u202e/m);
});

it('folders without end are looked at in part', async () => {
  const deep = Array.from({ length: 80 }, () => 'd').join('/');
  await write({ [`rules/${deep}/b.yaml`]: frequency() });
  const { problems } = await loadRules([join(root, 'rules')]);
  expect(problems.map(({ message }) => message)).toEqual(['more than 64 levels of folders']);
});
