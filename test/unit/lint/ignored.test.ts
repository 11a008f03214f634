import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runWords } from '../../support/cli/fake-command-line.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-ignored-'));
  await mkdir(join(folder, 'rules'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const GAP = ['name: a', 'type: frequency', 'index: logs-*', 'condition: count >= 5', 'every: 5m'];

async function check(rule: readonly string[], config = 'rules: rules\n', ...words: readonly string[]) {
  await writeFile(join(folder, 'tocsin.yaml'), config);
  await writeFile(join(folder, 'rules', 'a.yaml'), `${rule.join('\n')}\n`);
  const { code, stdout } = await runWords(['check', '--config', join(folder, 'tocsin.yaml'), '--format', 'json', ...words]);
  const report: {
    readonly problems: readonly {
      readonly code: string;
      readonly severity: string;
      readonly line: number;
      readonly message: string;
    }[];
    readonly ignored: readonly { readonly code: string; readonly reason: string }[];
  } = JSON.parse(stdout);
  return { exit: code, ...report };
}

const said = async (...given: Parameters<typeof check>) =>
  (await check(...given)).problems.map(({ severity, code, line }) => `${severity} ${code} ${line}`);

describe('a comment', () => {
  test('ignores a finding with a reason, which the report names', async () => {
    const { exit, problems, ignored } = await check(
      [...GAP, 'window: 1m # tocsin:ignore rule/window-gap a sample'],
      undefined,
      '--strict',
    );
    expect({ exit, problems }).toEqual({ exit: 0, problems: [] });
    expect(ignored).toMatchObject([{ code: 'rule/window-gap', reason: 'a sample' }]);
  });

  test.each([
    ['without a reason', 'window: 1m # tocsin:ignore rule/window-gap', ['warning rule/window-gap 6', 'error lint/bad-ignore 6']],
    ['with an unknown code', 'window: 5m # tocsin:ignore rule/widow-gap why', ['error lint/bad-ignore 6']],
    ['with a misspelt word', 'window: 5m # tocsin:ignore-next rule/window-gap why', ['error lint/bad-ignore 6']],
    [
      'of another line',
      'window: 1m\n# tocsin:ignore rule/window-gap why\ndelay: 1m',
      ['warning rule/window-gap 6', 'warning lint/unused-ignore 7'],
    ],
    ['of an error', 'windw: 1m # tocsin:ignore rule/unknown-key why', ['error rule/unknown-key 6', 'error lint/bad-ignore 6']],
    ['of a comment about comments', 'window: 5m # tocsin:ignore lint/unused-ignore why', ['error lint/bad-ignore 6']],
  ])('%s ignores nothing and says so', async (_name, line, expected) => {
    expect((await said([...GAP, line])).sort()).toEqual([...expected].sort());
  });

  test('is not called useless where what it is about was not looked for', async () => {
    expect(await said([...GAP, 'window: 5m', '# tocsin:ignore cluster/delay they are late', 'delay: 1m'])).toEqual([]);
    const alone = ['check', join(folder, 'rules', 'a.yaml'), '--config', join(folder, 'tocsin.yaml'), '--format', 'json'];
    await said(['# tocsin:ignore rule/label-value ours', ...GAP]);
    expect(JSON.parse((await runWords(alone)).stdout).problems).toEqual([]);
    expect(await said(['# tocsin:ignore rule/label-value ours', ...GAP])).toEqual(['warning lint/unused-ignore 1']);
  });

  test('ignores findings of the policy, and of tocsin.yaml', async () => {
    const config =
      'lint: { require: [runbook] }\nreceivers:\n  - { name: a, console_configs: [{}] }\n  - { name: b } # tocsin:ignore config/unused-receiver for later\nroute: { receiver: a }\n';
    const rule = ['# tocsin:ignore policy/runbook the title says it all', ...GAP];
    const { problems, ignored } = await check(rule, config);
    expect(problems).toEqual([]);
    expect(ignored.map(({ code }) => code).sort()).toEqual(['config/unused-receiver', 'policy/runbook']);
  });
});

describe('severities of the house', () => {
  const gap = [...GAP, 'window: 1m'];

  test.each([
    ['off', [], 0],
    ['note', ['note rule/window-gap 6'], 0],
    ['warning', ['warning rule/window-gap 6'], 0],
    ['error', ['error rule/window-gap 6'], 1],
  ])('make a finding %s', async (severity, expected, exit) => {
    const config = `lint: { severity: { rule/window-gap: ${severity} } }\n`;
    const report = await check(gap, config);
    expect(report.problems.map((one) => `${one.severity} ${one.code} ${one.line}`)).toEqual(expected);
    expect(report.exit).toBe(exit);
  });

  test('are never those of what keeps a rule from loading', async () => {
    expect((await said(gap, 'lint: { severity: { rule/yaml: off } }\n'))[0]).toMatch(/^error config\/unknown-key/);
    const dated = GAP.map((line) => line.replace('logs-*', 'logs-%Y.%m.%d'));
    expect(await said(dated, 'lint: { severity: { rule/index-date: off } }\n')).toEqual(['error rule/index-date 3']);
  });

  test.each([
    [['--fail-on', 'note'], 1],
    [['--fail-on', 'warning'], 0],
    [['--strict'], 0],
    [[], 0],
  ])('%j decides about a note: exit code %d', async (words, exit) => {
    const config = 'lint: { severity: { rule/window-gap: note } }\n';
    expect((await check(gap, config, ...words)).exit).toBe(exit);
  });
});
