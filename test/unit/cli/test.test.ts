import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runWords } from '../../support/cli/fake-command-line.ts';

const RULE = 'name: errors\ntype: frequency\nindex: logs-*\ncondition: count >= 5\ndelay: 0s\nlabels: { team: todo }\n';
const DOCUMENTS = 'documents: [{ at: 0s, repeat: 5, every: 1s, document: { message: out } }]';
const test1 = (name: string, check: string) =>
  `tests:\n  - name: ${name}\n    ${DOCUMENTS}\n    checks: [{ at: 1m, ${check} }]\n`;
const CONFIG = `receivers:
  - { name: ops, console_configs: [{}] }
  - { name: todo, webhook_configs: [{ url: 'http://127.0.0.1:9/hook' }] }
route: { receiver: ops, routes: [{ receiver: todo, matchers: [team=todo] }] }
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-test-'));
  for (const name of ['good', 'bad', 'empty', 'routed']) await mkdir(join(folder, name));
  for (const name of ['good', 'bad', 'routed']) await writeFile(join(folder, name, 'errors.yaml'), RULE);
  await writeFile(
    join(folder, 'good', 'errors.test.yaml'),
    test1('fires', 'notifications: [{ receiver: default, channel: console }]'),
  );
  await writeFile(join(folder, 'bad', 'errors.test.yaml'), test1('stays quiet', 'alerts: none'));
  await writeFile(
    join(folder, 'routed', 'errors.test.yaml'),
    test1('is told', 'notifications: [{ receiver: todo, channel: webhook }]'),
  );
  await writeFile(join(folder, 'config.yaml'), CONFIG);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...words: readonly string[]) => runWords(['test', ...words.map((word) => word.replace('@', folder))]);

describe('tocsin test', () => {
  test('of good rules ends with 0', async () => {
    const { code, stdout, stderr } = await run('@/good');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('✓ fires');
    expect(stdout).toContain('1 passed');
  });

  test('of one rule finds its test', async () => {
    expect((await run('@/good/errors.yaml')).code).toBe(0);
  });

  test('with a test that fails ends with 1, and tells the story', async () => {
    const { code, stdout } = await run('@/bad', '@/good');
    expect(code).toBe(1);
    expect(stdout).toContain('there is an alert that nobody expects');
    expect(stdout).toContain('inactive => firing');
    expect(stdout).toContain('1 passed, 1 failed');
  });

  test.each([
    ['a folder without tests', ['@/empty'], 'there is no rule test in'],
    ['a path that is not there', ['@/gone'], 'there is no such file or folder'],
    ['a filter that fits nothing', ['@/good', '--filter', 'burns'], 'the filter leaves out all 1 tests'],
  ])('of %s ends with 1 and says so', async (_what, words, message) => {
    const { code, stdout } = await run(...words);
    expect(code).toBe(1);
    expect(stdout).toContain(message);
  });

  test('filters by file and name', async () => {
    expect((await run('@/bad', '@/good', '--filter', 'good/errors.test.yaml > fir')).stdout).toContain('1 passed, 1 left out');
  });

  test('is data for scripts, and JUnit for continuous integration', async () => {
    expect(JSON.parse((await run('@/bad', '--format', 'json')).stdout)).toMatchObject({
      failed: 1,
      files: [{ tests: [{ outcome: 'failed', failures: [{ kind: 'unexpected' }] }] }],
    });
    expect((await run('@/bad', '--format', 'junit')).stdout).toContain('<testsuites name="tocsin" tests="1" failures="1"');
  });

  test('with a configuration tells as it routes, and sends nothing', async () => {
    expect((await run('@/routed', '--config', '@/config.yaml')).code).toBe(0);
    expect((await run('@/routed')).code).toBe(1);
  });

  test('ends with 2 where the cluster has no address', async () => {
    const { code, stderr } = await run('@/good', '--elasticsearch', 'ftp://nowhere');
    expect(code).toBe(2);
    expect(stderr).toContain('cli/elasticsearch');
  });

  test('is broken where the cluster is not there', async () => {
    const { code, stdout } = await run('@/good', '--elasticsearch', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(stdout).toContain('1 could not run');
  });
});
