import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceFileText } from '../../../src/files/replace-file.ts';
import { edited } from '../../../src/yaml/edit.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-fix-'));
  await mkdir(join(folder, 'rules'));
  await writeFile(join(folder, 'tocsin.yaml'), 'rules: rules\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const BAD = 'name: a\ntype: frequency\nindex: logs-*\nmax_groups: 5   # a word\ncondition:   count >= 5\n';
const FIXED = 'name: a\ntype: frequency\nindex: logs-*\ncondition:   count >= 5\n';
const path = (...names: readonly string[]) => join(folder, ...names);
const fix = (...words: readonly string[]) => runWords(['check', '--config', path('tocsin.yaml'), '--fix', ...words]);

describe('tocsin check --fix', () => {
  test('says what it repaired, and checks what there is then', async () => {
    await writeFile(path('rules', 'a.yaml'), BAD);
    const { code, stdout } = await fix('--strict');
    expect(stdout).toContain(`${path('rules', 'a.yaml')}:4 repaired [rule/no-effect]`);
    expect(stdout).toContain('no problems');
    expect(code).toBe(0);
    expect(await readFile(path('rules', 'a.yaml'), 'utf8')).toBe(FIXED);
  });

  test('with --dry-run shows the lines and writes nothing', async () => {
    await writeFile(path('rules', 'a.yaml'), BAD);
    const { code, stdout } = await fix('--dry-run', '--strict');
    expect(stdout).toContain(
      '@@ line 2 @@\n type: frequency\n index: logs-*\n-max_groups: 5   # a word\n condition:   count >= 5\n',
    );
    expect(stdout).toContain('1 warning');
    expect(code).toBe(1);
    expect(await readFile(path('rules', 'a.yaml'), 'utf8')).toBe(BAD);
  });

  test('as JSON has the diff and the findings', async () => {
    await writeFile(path('rules', 'a.yaml'), BAD);
    const { fixes } = JSON.parse((await fix('--dry-run', '--format', 'json')).stdout);
    expect(fixes).toMatchObject({ written: false, files: [{ findings: [{ code: 'rule/no-effect', line: 4 }] }] });
    expect(fixes.files[0].diff).toContain('-max_groups: 5');
  });

  test('repairs a rule in a file with other errors, keeps everything else of the file, and says what is left', async () => {
    const text = [
      '# all of ours',
      'name: a',
      'type: frequency',
      "index: 'logs-%Y.%m.%d'   # one a day",
      'condition: count >= 5',
      'windw: 5m   # a typo that nobody can repair for us',
      '---',
      'name: b',
      'type: frequency',
      'index: logs-*',
      'query: a:b',
      'max_groups: 5   # no groups',
      'condition: count >= 5   # five',
      '',
    ].join('\n');
    await writeFile(path('rules', 'a.yaml'), text);
    const { code, stdout } = await fix();
    const expected = text.replace('logs-%Y.%m.%d', 'logs-*').replace('max_groups: 5   # no groups\n', '');
    expect(await readFile(path('rules', 'a.yaml'), 'utf8')).toBe(expected);
    expect(code).toBe(1);
    expect(stdout).toMatch(/a\.yaml:4 repaired \[rule\/index-date\]/);
    expect(stdout).toMatch(/a\.yaml:12 repaired \[rule\/no-effect\]/);
    expect(stdout).toMatch(/a\.yaml:6:1 windw: .*did you mean .*\[rule\/unknown-key\]/);
  });

  test('leaves a place where more would change than the finding says, and names it where it is now', async () => {
    const text =
      'max_groups: 5\nname: a\ntype: frequency\nindex: logs-*\ncondition: count >= 5\n---\n{ name: b, type: frequency, index: traces-*, max_groups: 5, condition: count >= 5 }\n';
    await writeFile(path('rules', 'a.yaml'), text);
    const { code, stdout } = await fix('--strict');
    expect(await readFile(path('rules', 'a.yaml'), 'utf8')).toBe(text.replace('max_groups: 5\n', ''));
    expect(stdout).toContain('a.yaml:6 left: edit it by hand [rule/no-effect]');
    expect(stdout).toMatch(/a\.yaml:6:\d+ max_groups: warning: /);
    expect(code).toBe(1);
    const { fixes } = JSON.parse((await fix('--format', 'json')).stdout);
    expect(fixes).toMatchObject({ files: [], left: [{ code: 'rule/no-effect', line: 6 }] });
  });

  test('writes nothing to a file that is no YAML, whatever else is in it', async () => {
    const text = `${BAD}---\nname: [b\n`;
    await writeFile(path('rules', 'a.yaml'), text);
    const { code, stdout } = await fix();
    expect(await readFile(path('rules', 'a.yaml'), 'utf8')).toBe(text);
    expect(stdout).toContain('[rule/yaml]');
    expect(code).toBe(1);
  });

  test('--dry-run alone is refused', async () => {
    const { code, stderr } = await runWords(['check', '--config', path('tocsin.yaml'), '--dry-run']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--dry-run needs --fix')]);
  });

  test('does not write through a link, and says so', async () => {
    await writeFile(path('rules', 'real.yml.txt'), BAD);
    await symlink('real.yml.txt', path('rules', 'a.yaml'));
    const { code, stdout } = await fix();
    expect(stdout).toContain('not repaired: this is a link');
    expect(code).toBe(1);
    expect(await readFile(path('rules', 'real.yml.txt'), 'utf8')).toBe(BAD);
    expect((await lstat(path('rules', 'a.yaml'))).isSymbolicLink()).toBe(true);
  });

  test('keeps the mode of the file', async () => {
    await writeFile(path('rules', 'a.yaml'), BAD);
    await chmod(path('rules', 'a.yaml'), 0o640);
    await fix();
    expect((await stat(path('rules', 'a.yaml'))).mode & 0o777).toBe(0o640);
  });
});

describe('another text in place of that of a file', () => {
  const bounds = () => ({ maxBytes: 1_000, within: [folder] });

  test('is not written where the file has changed meanwhile', async () => {
    await writeFile(path('a'), 'new');
    expect(await replaceFileText(path('a'), 'old', 'mine', bounds())).toMatchObject({
      message: 'it was changed in the meantime',
    });
    expect(await readFile(path('a'), 'utf8')).toBe('new');
  });

  test('is not written outside of the folders, nor over what stands beside the file', async () => {
    await writeFile(path('a'), 'old');
    expect(await replaceFileText(path('a'), 'old', 'new', { maxBytes: 1_000, within: [path('rules')] })).toMatchObject({
      code: 'outside',
    });
    await symlink('/nowhere', path('.a.tocsin-new'));
    expect(await replaceFileText(path('a'), 'old', 'new', bounds())).toMatchObject({ ok: false });
    expect(await readFile(path('a'), 'utf8')).toBe('old');
    expect((await lstat(path('.a.tocsin-new'))).isSymbolicLink()).toBe(true);
  });

  test('keeps a byte order mark', async () => {
    await writeFile(path('a'), '\u{feff}old');
    expect(await replaceFileText(path('a'), 'old', 'new', bounds())).toBeUndefined();
    expect(await readFile(path('a'))).toEqual(Buffer.from('\u{feff}new'));
  });
});

describe('a change of YAML', () => {
  const removed = (text: string, line: number, column: number) => edited({ text }, [{ kind: 'remove-key', line, column }]).text;

  test.each([
    ['a key with a block', 'a: 1\nb: |\n  x\n\n  y\nc: 2\n', 2, 1, 'a: 1\nc: 2\n'],
    ['a key with keys', 'a: 1\nb:\n  x: 1\n  # word\n  y: 2\nc: 2\n', 2, 1, 'a: 1\nc: 2\n'],
    ['the last key', 'a: 1\nb: 2', 2, 1, 'a: 1\n'],
    ['a key of the second document', 'a: 1\nb: 2\n---\na: 1\nb: 2\n', 5, 1, 'a: 1\nb: 2\n---\na: 1\n'],
    ['a key in a file from Windows', 'a: 1\r\nb: 2\r\nc: 3\r\n', 2, 1, 'a: 1\r\nc: 3\r\n'],
  ])('takes away %s', (_name, text, line, column, expected) => expect(removed(text, line, column)).toBe(expected));

  test.each([
    ['in braces', '{ a: 1, b: 2 }\n', 1, 9],
    ['in the first line of an entry', '- a: 1\n  b: 2\n', 1, 3],
    ['that is the only one', 'a: 1\n', 1, 1],
    ['that others refer to', 'a: &x 1\nb: *x\n', 1, 1],
    ['that is not there', 'a: 1\nb: 2\n', 2, 2],
    ['beyond the end', 'a: 1\n', 7, 1],
  ])('leaves a key %s as it is', (_name, text, line, column) => expect(removed(text, line, column)).toBe(text));

  test('leaves a broken file as it is', () => expect(removed('a: [\nb: 1\n', 2, 1)).toBe('a: [\nb: 1\n'));
});
