import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nearPath } from '../../../src/cli/open-rules.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';

const GOOD = 'name: good\ntype: frequency\nindex: logs-*\ncondition: count >= 5\n';
const BAD = 'name: bad\ntype: frequency\nindex: logs-*\nconditon: count >= 5\n';
const WARNED = 'name: warned\ntype: spike\nindex: logs-*\ncondition: current > 3 * reference\n';
const SILENCE = 'name: db\nmatchers: [severity=warning]\nstart: 2100-01-01T00:00\nduration: 4h\ncomment: work\n';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-check-'));
  await mkdir(join(folder, 'rules'));
  await writeFile(join(folder, 'rules', 'good.yaml'), GOOD);
  await writeFile(join(folder, 'rules', 'good.test.yaml'), 'nothing: that a rule file may hold\n');
  await mkdir(join(folder, 'silences'));
  await writeFile(join(folder, 'silences', 'good.yaml'), SILENCE);
  await writeFile(join(folder, 'silences', 'bad.yaml'), SILENCE.replace('duration: 4h', 'duration: 0s').replace('db', 'worse'));
  await writeFile(join(folder, 'bad.yaml'), BAD);
  await writeFile(join(folder, 'warned.yaml'), WARNED);
  await writeFile(join(folder, 'good-config.yaml'), 'rules: rules\nsilences: silences/good.yaml\n');
  await writeFile(join(folder, 'silences-config.yaml'), 'rules: rules\nsilences: silences\n');
  await writeFile(join(folder, 'tocsin.yaml'), 'recievers: []\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const check = (...words: readonly string[]) =>
  runWords(['check', ...words.map((word) => word.replace('@', folder)), '--config', join(folder, 'good-config.yaml')]);

describe('tocsin check', () => {
  test('of good rules ends with 0; rule tests beside them are none of its business', async () => {
    const stdout = `1 rule in 1 file and ${join(folder, 'good-config.yaml')}: no problems\n`;
    expect(await check('@/rules')).toEqual({ code: 0, stdout, stderr: '' });
    expect((await check('@/rules/good.yaml', '@/rules/good.test.yaml')).code).toBe(0);
  });

  test('without paths it checks what the configuration names', async () => {
    expect((await check()).stdout).toBe(`1 rule in 1 file and ${join(folder, 'good-config.yaml')}: no problems\n`);
  });

  test('of a bad rule ends with 1, and names line, column and the next step', async () => {
    const { code, stdout } = await check('@/bad.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('bad.yaml:4:1 conditon: unknown key "conditon" (did you mean "condition"?) [rule/unknown-key]\n');
  });

  test('of files of silences checks them as such, and no rules', async () => {
    const config = ['--config', join(folder, 'silences-config.yaml')];
    const good = await runWords(['check', join(folder, 'silences', 'good.yaml'), ...config]);
    expect([good.code, good.stderr]).toEqual([0, '']);
    for (const path of ['silences', join('silences', 'bad.yaml')]) {
      const { code, stdout } = await runWords(['check', join(folder, path), ...config]);
      expect(code).toBe(1);
      expect(stdout).toContain('bad.yaml:4:11 duration: expected more than 0s');
      expect(stdout).not.toContain('rule/');
    }
  });

  test('a warning is shown, and counts with --strict', async () => {
    const plain = await check('@/warned.yaml');
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain('1 warning');
    expect((await check('@/warned.yaml', '--strict')).code).toBe(1);
  });

  test('a configuration among the paths is checked as one, and rules are checked beside its problems', async () => {
    const alone = await check('@/tocsin.yaml', '--format', 'json');
    expect(alone.code).toBe(1);
    expect(JSON.parse(alone.stdout)).toMatchObject({
      files: 1,
      rules: 0,
      problems: [{ file: expect.stringContaining('tocsin.yaml'), line: 1 }],
    });
    const both = await check('@/tocsin.yaml', '@/bad.yaml');
    expect(both.stdout).toContain('bad.yaml:4:1');
    expect(both.stdout).toContain('tocsin.yaml:1:1');
  });

  test('a path that is not there is a problem, not a success', async () => {
    const { code, stdout } = await check('@/absent.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('no such file or folder');
  });

  test.each(['json', 'github', 'sarif'])('as %s it finds the same', async (format) => {
    const { code, stdout } = await check('@/bad.yaml', '--format', format);
    expect(code).toBe(1);
    expect(stdout).toContain('rule/unknown-key');
  });
});

describe('tocsin check --cluster', () => {
  const nowhere = { env: { ELASTICSEARCH_URL: 'http://127.0.0.1:1' } };

  test('of a cluster that does not answer ends with 2, and shows what the files have all the same', async () => {
    const words = ['check', '--cluster', join(folder, 'bad.yaml'), '--config', join(folder, 'good-config.yaml')];
    const { code, stdout } = await runWords(words, nowhere);
    expect(code).toBe(2);
    expect(stdout).toContain('bad.yaml:4:1 conditon');
    expect(stdout).toMatch(/^Elasticsearch cannot be reached: .*\[search\/unreachable\]$/m);
  });

  test('beside a broken configuration asks nobody', async () => {
    const { code, stdout } = await runWords(['check', '--cluster', join(folder, 'tocsin.yaml')], nowhere);
    expect(code).toBe(1);
    expect(stdout).not.toContain('Elasticsearch');
  });
});

describe('a path for people', () => {
  test.each([
    ['below the folder: relative', '/home/me/rules/a.yaml', 'rules/a.yaml'],
    ['the folder itself: a dot', '/home/me', '.'],
    ['elsewhere: as it is', '/etc/tocsin/a.yaml', '/etc/tocsin/a.yaml'],
    ['as someone wrote it: as it is', '../a.yaml', '../a.yaml'],
  ])('%s', (_name, path, near) => {
    expect(nearPath(path, '/home/me')).toBe(near);
  });
});

describe('tocsin schema', () => {
  test.each([[[]], [['rules']]])('%j is the schema of rules', async (words) => {
    const { code, stdout } = await runWords(['schema', ...words]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      title: 'Tocsin rule',
      required: expect.arrayContaining(['name', 'type', 'index']),
    });
  });

  test('config is that of tocsin.yaml', async () => {
    const { stdout } = await runWords(['schema', 'config']);
    expect(Object.keys(JSON.parse(stdout).properties)).toEqual(expect.arrayContaining(['receivers', 'route', 'elasticsearch']));
  });
});
