import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstSentence } from '../../../src/cli/rules/packs.ts';
import type { CopyReport, ReportedPack } from '../../../src/reports/packs-report.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';

const ROOT = join(import.meta.dirname, '../../..');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-packs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function list(...names: readonly string[]): Promise<readonly ReportedPack[]> {
  const { code, stdout } = await runWords(['rules', 'list', ...names, '--format', 'json']);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { readonly packs: readonly ReportedPack[] }).packs;
}

async function add(...words: readonly string[]): Promise<{ readonly code: number; readonly report: CopyReport }> {
  const { code, stdout } = await runWords(['rules', 'add', ...words, '--into', folder, '--format', 'json']);
  return { code, report: JSON.parse(stdout) as CopyReport };
}

const statesOf = ({ files }: CopyReport) => [...new Set(files.map(({ state }) => state))];
const hosts = (name: string) => join(folder, 'hosts', name);

describe('tocsin rules', () => {
  test('lists every pack with what it needs, and each rule with what it finds in one sentence', async () => {
    const packs = await list();
    const folders = (await readdir(join(ROOT, 'rules'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(packs.map(({ name }) => name)).toEqual(folders.map(({ name }) => name).sort());
    for (const { about, data, rules } of packs) {
      expect(about).toMatch(/^Rules about .*\.$/);
      expect(data.length).toBeGreaterThan(10);
      for (const { finds, index } of rules) {
        expect(finds).toMatch(/^[A-Za-z].*[.!?]$/);
        expect(index.length).toBeGreaterThan(0);
      }
    }
    expect(packs.reduce((sum, { rules }) => sum + rules.length, 0)).toBeGreaterThan(40);
  });

  test('for people: a line for each rule, and the next step', async () => {
    const { code, stdout } = await runWords(['rules'], { terminal: true, env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^hosts {2}Rules about hosts/m);
    expect(stdout).toMatch(/^ {2}host-silent +A host stopped sending metrics\.$/m);
    expect(stdout).toMatch(/rules in \d+ packs\. Copy a pack into your rules: tocsin rules add apm\n$/);
  });

  test('of packs that are named, in that order, each once', async () => {
    expect((await list('web', 'hosts', 'web')).map(({ name }) => name)).toEqual(['web', 'hosts']);
  });

  test.each([
    ['list', ['rules', 'list', 'kubernets'], 'unknown pack: "kubernets"', 'did you mean kubernetes? known: apm, '],
    ['add', ['rules', 'add', 'nothing-like-it'], 'unknown pack: "nothing-like-it"', 'known: apm, '],
    ['add, before anything is written', ['rules', 'add', 'hosts', '../hosts'], 'unknown pack: "../hosts"', 'known: apm, '],
  ])('%s: a pack that is not there is named, with what was meant', async (_name, words, message, hint) => {
    const { code, stdout, stderr } = await runWords([...words, ...(words[1] === 'add' ? ['--into', folder] : [])]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('tocsin rules add', () => {
  test('the tests of every pack bring a route of their own', async () => {
    const files = (await readdir(join(ROOT, 'rules'), { recursive: true })).filter((file) => file.endsWith('.test.yaml'));
    expect(files.length).toBeGreaterThan(40);
    for (const file of files)
      expect({ file, text: await readFile(join(ROOT, 'rules', file), 'utf8') }).toEqual({
        file,
        text: expect.stringMatching(/^route:/m),
      });
  });

  test('so a copy of them passes where a receiver has two destinations', async () => {
    await add('web');
    const config = join(folder, 'tocsin.yaml');
    const hooks = '[{ url: "http://localhost:1/a" }, { url: "http://localhost:1/b" }]';
    await writeFile(config, `receivers: [{ name: team, webhook_configs: ${hooks} }]\nroute: { receiver: team }\n`);
    const { code, stdout } = await runWords(['test', join(folder, 'web'), '--config', config]);
    expect(stdout).not.toContain('✗');
    expect(code).toBe(0);
  });

  test('copies rules, rule tests and defaults into a folder of the name', async () => {
    const { code, report } = await add('hosts');
    expect(code).toBe(0);
    expect(statesOf(report)).toEqual(['written']);
    const there = (await readdir(join(ROOT, 'rules/hosts'))).filter((name) => name.endsWith('.yaml'));
    expect((await readdir(join(folder, 'hosts'))).sort()).toEqual(there.sort());
    expect(await readFile(hosts('host-silent.yaml'), 'utf8')).toBe(
      await readFile(join(ROOT, 'rules/hosts/host-silent.yaml'), 'utf8'),
    );
    expect(await readFile(hosts('host-silent.test.yaml'), 'utf8')).not.toContain('../../schema');
  });

  test('what is copied is right and passes', async () => {
    await add('tocsin');
    expect((await runWords(['check', folder, '--strict'])).code).toBe(0);
    expect((await runWords(['test', folder])).code).toBe(0);
  });

  test('says what it wrote and what to type next', async () => {
    const { code, stdout } = await runWords(['rules', 'add', 'tocsin', 'web', '--into', folder]);
    expect(code).toBe(0);
    expect(stdout).toContain(`written  ${join(folder, 'tocsin/too-many-messages.yaml')}\n`);
    expect(stdout).toContain(`Next:\n  # change team in ${join(folder, 'tocsin/defaults.yaml')}`);
    expect(stdout).toContain(`  tocsin check ${join(folder, 'tocsin')} ${join(folder, 'web')} --cluster\n`);
  });

  test('again: nothing is written', async () => {
    await add('hosts');
    const { code, report } = await add('hosts');
    expect({ code, states: statesOf(report) }).toEqual({ code: 0, states: ['unchanged'] });
  });

  test('a file that was changed is kept, the others are there, and the exit code says so', async () => {
    await add('hosts');
    await writeFile(hosts('host-load.yaml'), 'mine: true\n');
    await rm(hosts('host-cpu.yaml'));
    const { code, report } = await add('hosts');
    expect(code).toBe(1);
    expect(report.files.filter(({ state }) => state !== 'unchanged')).toEqual([
      { file: hosts('host-cpu.yaml'), state: 'written' },
      { file: hosts('host-load.yaml'), state: 'kept' },
    ]);
    expect(await readFile(hosts('host-load.yaml'), 'utf8')).toBe('mine: true\n');
    const { stdout } = await runWords(['rules', 'add', 'hosts', '--into', folder]);
    expect(stdout).toContain('One file differs and left alone; --force overwrites.');
  });

  test('with --force it is replaced, and nothing else is left behind', async () => {
    await add('hosts');
    const before = await readdir(join(folder, 'hosts'));
    await writeFile(hosts('host-load.yaml'), 'mine: true\n');
    await writeFile(hosts('own.yaml'), 'mine: true\n');
    const { code, report } = await add('hosts', '--force');
    expect(code).toBe(0);
    expect(report.files.filter(({ state }) => state !== 'unchanged')).toEqual([
      { file: hosts('host-load.yaml'), state: 'replaced' },
    ]);
    expect(await readFile(hosts('host-load.yaml'), 'utf8')).toContain('name: host-load');
    expect((await readdir(join(folder, 'hosts'))).sort()).toEqual([...before, 'own.yaml'].sort());
  });

  test('a link is replaced and not written through', async () => {
    await mkdir(join(folder, 'hosts'));
    const elsewhere = join(folder, 'elsewhere.yaml');
    await writeFile(elsewhere, 'mine: true\n');
    await symlink(elsewhere, hosts('host-load.yaml'));
    expect((await add('hosts', '--force')).code).toBe(0);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine: true\n');
  });

  test('a link of the name under which a file is written first is not written through, and stays', async () => {
    const name = 'host-load.yaml';
    await add('hosts');
    const [elsewhere, beside] = [join(folder, 'elsewhere.yaml'), hosts(`.${name}.new`)];
    await writeFile(elsewhere, 'mine: true\n');
    await writeFile(hosts(name), 'mine: true\n');
    await symlink(elsewhere, beside);
    const { code, stderr } = await runWords(['rules', 'add', 'hosts', '--into', folder, '--force']);
    expect(code).toBe(2);
    expect(stderr).toContain(`${beside} cannot be written`);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine: true\n');
    expect(await readFile(hosts(name), 'utf8')).toBe('mine: true\n');
    expect(await readdir(join(folder, 'hosts'))).toContain(`.${name}.new`);
  });

  test.each([
    [
      'a folder of the name of a file',
      async () => void (await mkdir(hosts('host-load.yaml'), { recursive: true })),
      'host-load.yaml',
    ],
    ['a file of the name of the pack', async () => writeFile(join(folder, 'hosts'), ''), 'cannot write to'],
    [
      'a link that leads nowhere',
      async () => {
        await mkdir(join(folder, 'hosts'));
        await symlink(join(folder, 'gone'), hosts('defaults.yaml'));
      },
      'defaults.yaml cannot be written: it is a broken link',
    ],
  ])('%s is in the way: exit code 2, and it says where', async (_name, prepare, message) => {
    await prepare();
    const { code, stderr } = await runWords(['rules', 'add', 'hosts', '--into', folder, '--force']);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('[cli/not-written]');
  });
});

test.each([
  ['A host is silent. It is down.', 'A host is silent.'],
  ['Nearly full of data. 85 percent leave time.', 'Nearly full of data.'],
  ['Of 8.x on, tocsin.yaml says\n  so.', 'Of 8.x on, tocsin.yaml says so.'],
  ['no end', 'no end'],
  ['', ''],
])('the first sentence of %j is %j', (text, sentence) => expect(firstSentence(text)).toBe(sentence));
