import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runWords } from '../../support/cli/fake-command-line.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-check-routing-'));
  await mkdir(join(folder, 'rules'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const RECEIVERS = 'receivers:\n  - { name: team, console_configs: [{}] }\n  - { name: oncall, console_configs: [{}] }\n';
const routes = (...matchers: readonly string[]) =>
  `${RECEIVERS}route:\n  receiver: team\n  routes:\n${matchers.map((one) => `    - { receiver: oncall, matchers: ['${one}'] }\n`).join('')}`;
const rule = (name: string, ...lines: readonly string[]) =>
  `${[`name: ${name}`, 'type: frequency', `index: logs-${name}-*`, 'condition: count >= 5', ...lines].join('\n')}\n`;

/** The lines of `tocsin check` that name an error or a warning. */
async function check(config: string, rules: readonly string[], ...words: readonly string[]): Promise<readonly string[]> {
  await writeFile(join(folder, 'tocsin.yaml'), config);
  for (const [index, text] of rules.entries()) await writeFile(join(folder, 'rules', `${index}.yaml`), text);
  const { stdout } = await runWords([
    'check',
    ...words.map((word) => join(folder, word)),
    '--config',
    join(folder, 'tocsin.yaml'),
  ]);
  return stdout.split('\n').filter((line) => /\[[a-z]+\/[a-z-]+\]$/.test(line) && !/: note: /.test(line));
}

describe('tocsin check warns of alerts that go astray between rules and routes', () => {
  test('but of no label that only alerts of other systems may have', async () => {
    const silence = 'name: db\nmatchers: [alertname=KubeDown]\nstart: 2099-01-04T22:00\nduration: 4h\ncomment: c\n';
    await mkdir(join(folder, 'silences'));
    await writeFile(join(folder, 'silences', 'db.yaml'), silence);
    const config = routes('namespace="kube-system"', 'alertname="KubeDown"');
    const rules = [rule('a', 'labels: { team: shop }')];
    expect((await check(config, rules)).length).toBeGreaterThan(1);
    expect(await check(`received_alerts: {}\n${config}`, rules)).toEqual([]);
  });

  test('a severity that is misspelt in the rule, at the rule', async () => {
    const [line = '', ...more] = await check(routes('severity="critical"'), [rule('a', 'labels:', '  severity: critcal')]);
    expect(more).toEqual([]);
    expect(line).toContain('0.yaml:5:');
    expect(line).toContain('no route matches severity="critcal"');
    expect(line).toContain('did you mean "critical"?');
  });

  test('a short word for the severity that a route asks for', async () => {
    const lines = await check(routes('severity="critical"'), [rule('a', 'labels: { severity: crit }')]);
    expect(lines).toEqual([expect.stringContaining('did you mean')]);
  });

  test('a severity that is misspelt in the route, at the route', async () => {
    const lines = await check(routes('severity="critcal"'), [rule('a', 'labels: { severity: critical }')]);
    expect(lines).toEqual([
      expect.stringMatching(/tocsin\.yaml:7:.*no rule has severity="critcal" \(did you mean "critical"\?\)/),
    ]);
  });

  test('not where other systems send alerts, which may have any labels', async () => {
    const config = `${routes('cluster="eu"', 'alertname="NodeDown"', 'alertname="NodeDown"')}received_alerts: {}\n`;
    await mkdir(join(folder, 'silences'));
    await writeFile(
      join(folder, 'silences', 'a.yaml'),
      `name: a\nmatchers: [cluster=eu]\nstart: '2026-01-04T22:00'\nduration: 4h\nrecurrence: FREQ=WEEKLY\ncomment: weekly\n`,
    );
    const lines = await check(config, [rule('a', 'labels: { team: shop }')]);
    expect(lines).toEqual([expect.stringContaining('the earlier route alertname="NodeDown" matches all its alerts')]);
  });

  test.each(['tema="shop"', 'tema=~"shop|todo"', 'tema!="shop"'])(
    'the matcher %s names a label that no rule has',
    async (matcher) => {
      const lines = await check(routes(matcher), [rule('a', 'labels: { team: shop }')]);
      expect(lines).toEqual([expect.stringMatching(/tocsin\.yaml:7:.*no rule has the label "tema".*did you mean "team"\?/)]);
    },
  );

  test.each(['team="shpo"', 'team!="shpo"', 'team=~"shpo|todo"', 'alertname="disk-ful"'])(
    'the value of %s is one that no rule has',
    async (matcher) => {
      const rules = [rule('disk-full', 'labels: { team: shop }'), rule('b', 'labels: { team: todo }')];
      const lines = await check(routes(matcher), rules);
      expect(lines).toEqual([expect.stringMatching(/tocsin\.yaml:7:.*no rule has .*did you mean "(?:shop|disk-full)"\?/)]);
    },
  );

  test('one rule of several that misspells its team, at that rule', async () => {
    const lines = await check(routes('team="shop"'), [rule('a', 'labels: { team: shop }'), rule('b', 'labels: { team: shpo }')]);
    expect(lines).toEqual([expect.stringMatching(/1\.yaml:5:.*did you mean "shop"\?/)]);
  });

  test('a severity of levels', async () => {
    const levels =
      'name: a\ntype: frequency\nindex: logs-*\nlevels:\n  - { severity: critcal, condition: count > 9 }\n  - { severity: warning, condition: count > 5 }\n';
    const lines = await check(routes('severity="critical"'), [levels]);
    expect(lines.filter((line) => line.includes('did you mean "critical"?'))).toHaveLength(1);
  });

  test('group_by of a label that no rule has', async () => {
    const lines = await check(
      `${RECEIVERS}route:\n  receiver: team\n  group_by: [alertnam]\n  routes: [{ receiver: oncall }]\n`,
      [rule('a')],
    );
    expect(lines).toEqual([
      expect.stringMatching(/tocsin\.yaml:6:14.*no rule has the label "alertnam".*did you mean "alertname"\?/),
    ]);
  });

  test('a receiver without a destination, of the root, of a route and of a rule', async () => {
    const empty = (route: string) => `receivers: [{ name: team, console_configs: [{}] }, { name: empty }]\n${route}`;
    expect(await check('receivers: [{ name: empty }]\n', [rule('a')])).toEqual([
      expect.stringContaining('"empty" has no destination'),
    ]);
    expect(await check(empty('route: { receiver: empty, routes: [{ receiver: team }] }\n'), [rule('a')])).toEqual([
      expect.stringMatching(/tocsin\.yaml:2:20.*"empty" has no destination/),
    ]);
    const lines = await check(empty('route: { receiver: team }\n'), [rule('a', 'receivers: [empty]')]);
    expect(lines).toContainEqual(expect.stringMatching(/0\.yaml:5:.*"empty" has no destination/));
    const digest = 'route: { receiver: team }\nnoise_digest: { receiver: empty }\n';
    expect(await check(empty(digest), [rule('a')])).toEqual([
      expect.stringMatching(/"empty" has no destination: no one receives the noise report/),
    ]);
  });

  test('of a few rules that are named it says nothing about labels that others may have', async () => {
    const config = routes('team="shop"', 'tema="x"');
    expect(await check(config, [rule('a'), rule('b', 'labels: { team: shop }')], 'rules/0.yaml')).toEqual([]);
  });

  test('beside a rule file that cannot be read it says nothing about labels that this may have', async () => {
    const lines = await check(routes('team="shop"'), [rule('a'), 'name: [']);
    expect(lines).toEqual([expect.stringContaining('1.yaml')]);
  });

  test.each([
    ['teams that differ by a letter', 'team="team-a"', 'labels: { team: team-b }'],
    ['numbered names', 'env="stage1"', 'labels: { env: stage2 }'],
    ['an expression that fits', 'team=~"sho.*"', 'labels: { team: shopp }'],
    ['a field that documents fill', 'host.name="web"', 'group_by: [host.name]'],
    ['another severity', 'severity="critical"', 'labels: { severity: warning }'],
  ])('no warning for %s', async (_name, matcher, line) => {
    expect(await check(routes(matcher), [rule('a', line)])).toEqual([]);
  });

  test('no warning for the receiver that drops alerts', async () => {
    const config =
      'receivers: [{ name: team, console_configs: [{}] }, { name: "null" }]\nroute: { receiver: team, routes: [{ receiver: "null", matchers: [severity="info"] }] }\n';
    expect(await check(config, [rule('a')])).toEqual([]);
  });

  test('beside a broken tocsin.yaml: its rules are found, and its labels are compared', async () => {
    const broken = `${routes('tema="shop"')}rules: rulez\nserver: { port: nine }\n`;
    const lines = await check(broken, []);
    expect(lines).toEqual([
      expect.stringMatching(/tocsin\.yaml:9:17 server.port/),
      expect.stringMatching(/rulez.*no such file or folder/),
    ]);
    const good = await check(broken.replace('rulez', 'rules'), [rule('a', 'labels: { team: shop }')]);
    expect(good).toContainEqual(expect.stringMatching(/tocsin\.yaml:7:.*no rule has the label "tema"/));
  });
});
