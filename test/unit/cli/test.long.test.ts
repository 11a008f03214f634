import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// Commands are loaded when they are first used: here, and not within the time of the first test.
import '../../../src/cli/test.ts';
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
  for (const name of ['good', 'bad', 'empty', 'routed', 'alone', 'broken', 'kept']) await mkdir(join(folder, name));
  for (const name of ['good', 'bad', 'routed', 'kept']) await writeFile(join(folder, name, 'errors.yaml'), RULE);
  await writeFile(
    join(folder, 'good', 'errors.test.yaml'),
    test1('fires', 'notifications: [{ receiver: default, channel: console }]'),
  );
  await writeFile(join(folder, 'bad', 'errors.test.yaml'), test1('stays quiet', 'alerts: none'));
  await writeFile(
    join(folder, 'routed', 'errors.test.yaml'),
    test1('is notified', 'notifications: [{ receiver: todo, channel: webhook }]'),
  );
  await writeFile(join(folder, 'alone', 'lonely.yaml'), RULE.replace('errors', 'lonely'));
  await writeFile(join(folder, 'broken', 'broken.yaml'), RULE.replace('type: frequency', 'tipe: frequency'));
  await writeFile(join(folder, 'kept', 'errors.test.yaml'), test1('is kept', 'notifications: [{ snapshot: true }]'));
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
    expect(stdout).toContain('unexpected alert');
    expect(stdout).toContain('inactive => firing');
    expect(stdout).toContain('1 passed, 1 failed');
  });

  test.each([
    ['a folder without tests', ['@/empty'], 'no rule tests in'],
    ['a path that is not there', ['@/gone'], 'no such file or folder'],
    ['a filter that fits nothing', ['@/good', '--filter', 'burns'], 'no test matches the filter (1 test skipped)'],
  ])('of %s ends with 1 and says so', async (_what, words, message) => {
    const { code, stdout } = await run(...words);
    expect(code).toBe(1);
    expect(stdout).toContain(message);
  });

  test('without any test it says so once', async () => {
    const { stdout } = await run('@/empty');
    expect(stdout.match(/no rule tests/g)).toHaveLength(1);
  });

  test('filters by file and name', async () => {
    expect((await run('@/bad', '@/good', '--filter', 'good/errors.test.yaml > fir')).stdout).toContain('1 passed, 1 skipped');
  });

  test.each([
    ['by the name of a test', 'fir', 1, 1],
    ['by an expression', '^f.res$', 1, 1],
    ['by the name of a rule', 'errors', 2, 0],
    ['with capitals where the pattern has some', 'Fires', 0, 2],
  ])('chooses tests %s', async (_what, pattern, ran, left) => {
    const { stdout } = await run('@/bad', '@/good', '--name', pattern, '--format', 'json');
    const report = JSON.parse(stdout) as { readonly passed: number; readonly failed: number; readonly skipped: number };
    expect([report.passed + report.failed, report.skipped]).toEqual([ran, left]);
  });

  test('says where no name fits, and where the pattern is none', async () => {
    const none = await run('@/good', '--name', 'burns');
    expect(none).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('no test or rule matches --name (1 test skipped)'),
    });
    const bad = await run('@/good', '--name', 'a(?=b)');
    expect(bad).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('look-around is not available, at character 2 of the pattern'),
    });
  });

  test('shows what the tests reach, and which rules have none', async () => {
    const { code, stdout } = await run('@/good', '@/alone', '--coverage');
    expect(code).toBe(0);
    expect(stdout).toMatch(/errors\s+1\s+2\/4\s+does not fire, resolves/);
    expect(stdout).toMatch(/lonely\s+0\s+0\/4\s+no test/);
    expect(stdout).toContain('coverage: 25 % (2 of 8 parts of 2 rules)');
    expect((await run('@/good', '@/alone', '--coverage', '--name', 'fires')).stdout).toContain(
      'coverage: 50 % (2 of 4 parts of 1 rule)',
    );
  });

  test.each([
    ['enough', '25', 0],
    ['too little', '26', 1],
  ])('with %s coverage', async (_what, least, exitCode) => {
    const { code, stdout } = await run('@/good', '@/alone', '--coverage-min', least, '--format', 'junit');
    expect(code).toBe(exitCode);
    expect(stdout).toContain('<property name="coverage" value="25%"/>');
    expect(stdout).toContain('<property name="coverage.rule.lonely" value="0/4; no test"/>');
    expect(stdout.includes('below the required 26 %')).toBe(exitCode === 1);
  });

  const policy = async (lint: string) => {
    const file = join(folder, 'policy.yaml');
    await writeFile(file, `lint: { coverage: ${lint} }\n`);
    return ['--config', file];
  };

  test('holds the tests of each rule against the policy, at the lines of the rules', async () => {
    const { code, stdout } = await run(
      '@/good',
      '@/alone',
      '--coverage',
      ...(await policy('{ require: [fires, resolves, no_data] }')),
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /good\/errors\.yaml:1:1: errors: no test reaches "resolves" \(lint\.coverage of tocsin\.yaml requires resolves;/,
    );
    expect(stdout).toMatch(
      /alone\/lonely\.yaml:1:1: lonely: no test covers it \(lint\.coverage of tocsin\.yaml requires fires, resolves;/,
    );
    const { problems } = JSON.parse(
      (await run('@/good', '--coverage', '--format', 'json', ...(await policy('{ require: [resolves] }')))).stdout,
    );
    expect(problems).toMatchObject([{ code: 'rule-test/coverage', severity: 'error', at: { line: 1 } }]);
  });

  test.each([
    ['parts that are reached', ['@/good'], '{ require: [fires, message] }', 0],
    ['parts that the rule does not have', ['@/good'], '{ require: [no_data, levels, pending_only, resolved_message] }', 0],
    ['a percentage that is reached', ['@/good'], '{ min: 50 }', 0],
    ['a percentage that is not reached', ['@/good'], '{ min: 51 }', 1],
    ['a percentage that the option replaces', ['@/good', '--coverage-min', '50'], '{ min: 100 }', 0],
    ['all, while only some tests are run', ['@/good', '--name', 'fires'], '{ require: [resolves], min: 100 }', 0],
  ])('with a policy of %s', async (_what, words, lint, exitCode) => {
    expect((await run(...words, '--coverage', ...(await policy(lint)))).code).toBe(exitCode);
  });

  test('does not ask for coverage that no option asks for', async () => {
    expect((await run('@/good', ...(await policy('{ require: [resolves] }')))).code).toBe(0);
  });

  test.each([
    ['a part that does not exist', '{ require: [recovers] }'],
    ['a percentage that is not one', '{ min: 101 }'],
    ['another key', '{ minimum: 80 }'],
  ])('refuses a policy with %s', async (_what, lint) => {
    const { code, stderr } = await run('@/good', '--coverage', ...(await policy(lint)));
    expect(code).toBe(2);
    expect(stderr).toContain('lint.coverage');
  });

  test('does not count coverage without the rules that do not load', async () => {
    const { code, stdout } = await run('@/good', '@/broken', '--coverage');
    expect(code).toBe(1);
    expect(stdout).toContain('broken.yaml:1:1');
  });

  test.each([
    ['fails', ['--ci'], {}, 1],
    ['fails', [], { CI: 'true' }, 1],
    ['is written', [], { CI: 'false' }, 0],
    ['is written', ['--update'], { CI: '1' }, 0],
  ] as const)('a missing snapshot %s with %s and %s', async (_what, words, env, exitCode) => {
    const kept = join(folder, 'kept');
    await rm(join(kept, '__snapshots__'), { recursive: true, force: true });
    const { code } = await runWords(['test', kept, ...words], { env });
    expect(code).toBe(exitCode);
    expect((await readdir(kept)).includes('__snapshots__')).toBe(exitCode === 0);
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

describe('a tocsin.yaml whose secrets are not here', () => {
  const SECRETS = `elasticsearch: { url: "http://127.0.0.1:9", api_key_file: /run/secrets/none/key }
server: { port: "\${env:TOCSIN_TEST_PORT}" }
receivers:
  - { name: ops, console_configs: [{}] }
  - { name: todo, webhook_configs: [{ url_file: /run/secrets/none/url }] }
route: { receiver: ops, routes: [{ receiver: todo, matchers: [team=todo] }] }
`;
  beforeAll(() => writeFile(join(folder, 'secrets.yaml'), SECRETS));
  const tocsin = (...words: readonly string[]) =>
    runWords([...words.map((word) => word.replace('@', folder)), '--config', join(folder, 'secrets.yaml')]);

  test('is enough to test rules, and to check them', async () => {
    expect(await tocsin('test', '@/routed')).toMatchObject({ code: 0, stderr: '' });
    const checked = await tocsin('check', '@/routed', '--strict');
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).toContain('elasticsearch.api_key_file: note: /run/secrets/none/key: no such file');
    expect(checked.stdout).toContain('no problems, 4 notes');
  });

  test('is enough to play documents, and to see routes', async () => {
    await writeFile(join(folder, 'a.ndjson'), '{"@timestamp":"2026-01-01T00:00:00Z"}\n');
    const range = ['--from', '2026-01-01T00:00Z', '--to', '2026-01-01T00:05Z'];
    expect(await tocsin('dry-run', '@/routed', ...range, '--documents', '@/a.ndjson')).toMatchObject({ code: 0, stderr: '' });
    expect(await tocsin('routes', 'show')).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([['check', '--cluster'], ['dry-run', '--from', 'now-1h'], ['alerts'], ['doctor'], ['run']])(
    'is not enough for %s %s, which says what it lacks',
    async (...words) => {
      const { code, stdout, stderr } = await tocsin(...words);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain('/run/secrets/none/key: no such file');
    },
  );
});
