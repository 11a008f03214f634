import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelArguments } from '../../../src/cli/routes.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';

const CONFIG = `
receivers:
  - name: everybody
    console_configs: [{}]
  - name: shop
    webhook_configs: [{ url: "https://hooks.example.com/s3cret-path" }]
route:
  receiver: everybody
  routes:
    - { matchers: ['team="shop"'], receiver: shop, continue: true }
    - { matchers: ['severity=~"critical|error"'], receiver: everybody, group_by: [team] }
`;

let file = '';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-routes-'));
  file = join(folder, 'tocsin.yaml');
  await writeFile(file, CONFIG);
  await mkdir(join(folder, 'rules'));
  const rule =
    'name: checkout\ntype: frequency\nindex: logs-*\ncondition: count > 5\ngroup_by: [host.name]\nlabels: { tier: "1", severity: fatal }\n';
  await writeFile(join(folder, 'rules', 'a.yaml'), rule);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('tocsin routes', () => {
  test.each([
    ['a child that fits', ['team=shop'], ['shop']],
    ['continue goes on to the next', ['team=shop', 'severity=critical'], ['shop', 'everybody']],
    ['the root takes the rest', ['team=other', 'severity=info'], ['everybody']],
  ])('test: %s', async (_name, labels, receivers) => {
    const { code, stdout } = await runWords(['routes', 'test', ...labels, '--config', file, '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).receivers).toEqual(receivers);
  });

  test.each([
    ['a label that is misspelt', ['tema=shop'], ['note: no rule and no route has the label tema (did you mean team?)']],
    [
      'a label of nothing',
      ['colour=red'],
      ['note: no rule and no route has the label colour (known: alertname, host.name, severity, team, tier)'],
    ],
    [
      'a value that is misspelt',
      ['severity=critcal'],
      ['note: no rule and no route has severity="critcal" (did you mean "critical"?)'],
    ],
    [
      'a name that is misspelt',
      ['alertname=chekout'],
      ['note: no rule and no route has alertname="chekout" (did you mean "checkout"?)'],
    ],
    [
      'labels of rules, routes and groups',
      ['alertname=checkout', 'team=other', 'tier=1', 'host.name=web-1', 'severity=fatal'],
      [],
    ],
  ])('test: what is said of %s', async (_name, labels, notes) => {
    const { code, stderr } = await runWords(['routes', 'test', ...labels, '--config', file, '--format', 'json']);
    expect(code).toBe(0);
    expect(stderr.split('\n').filter((one) => one !== '')).toEqual(notes);
  });

  test('show: a picture, without secrets', async () => {
    const { code, stdout } = await runWords(['routes', 'show', '--config', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('├─ team="shop" → shop  (webhook)  continue');
    expect(stdout).not.toContain('s3cret');
  });

  test('a configuration with an error ends with 2 and shows where', async () => {
    const broken = join(folder, 'broken.yaml');
    await writeFile(broken, 'route:\n  receiver: nobody\n');
    const { code, stdout, stderr } = await runWords(['routes', 'show', '--config', broken]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/broken\.yaml:2:\d+ route\.receiver/);
  });

  test('a configuration with errors shows them, and no warning including', async () => {
    const broken = join(folder, 'errors.yaml');
    const receivers = 'receivers: [{ name: a, console_configs: [{}] }, { name: unused, console_configs: [{}] }]';
    await writeFile(broken, `${receivers}\nroute: { receiver: a }\nserver: { port: nine }\nlog: { level: loud }\n`);
    const { code, stderr } = await runWords(['routes', 'show', '--config', broken]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/server\.port.*log\.level.*the configuration has 2 errors/s);
    expect(stderr).not.toContain('unused');
  });

  test('a configuration that is not there ends with 2', async () => {
    const { code, stderr } = await runWords(['routes', 'show', '--config', join(folder, 'absent.yaml')]);
    expect(code).toBe(2);
    expect(stderr).toContain('no such file');
  });
});

describe('labels', () => {
  test.each([
    [['severity=critical', 'team=todo'], { severity: 'critical', team: 'todo' }],
    [['team="the shop"'], { team: 'the shop' }],
    [['url.path=/todos/ {id}'], { 'url.path': '/todos/ {id}' }],
    [['query=a=b'], { query: 'a=b' }],
    [['empty='], { empty: '' }],
  ])('%j', (texts, labels) => {
    expect(labelArguments(texts)).toEqual(labels);
  });

  test.each([[['critical']], [['a!=b']], [['a=~b']], [['=b']], [['a=1', 'a=2']]])('%j is refused', (texts) => {
    expect(() => labelArguments(texts)).toThrow(expect.objectContaining({ code: 'cli/label' }));
  });
});
