import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/program.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';
import { jsonShown } from '../../support/docs/json-shown.ts';
import { type ScriptedRepository, scriptedRepository } from '../../support/revisions/repository.ts';

const rule = (name: string, condition: string, more = '') => `
name: ${name}
type: frequency
index: logs-*
group_by: [service.name]
every: 1m
window: 1m
delay: 0s
condition: ${condition}
${more}`;
const documents = () => {
  const lines: string[] = [];
  const add = (minute: number, count: number, service: string) => {
    for (let n = 0; n < count; n++) {
      const at = new Date(Date.UTC(2026, 0, 1, 10, minute, n)).toISOString();
      lines.push(JSON.stringify({ _index: 'logs-a', _source: { '@timestamp': at, service: { name: service } } }));
    }
  };
  for (const minute of [2, 3, 4]) add(minute, 5, 'cart');
  for (const minute of [10, 11]) add(minute, 9, 'cart');
  for (const minute of [20]) add(minute, 2, 'shop');
  return lines.join('\n');
};

const COMMIT_SHOWN = '5538e96f0c1b2a3d4e5f60718293a4b5c6d7e8f9';

let repository: ScriptedRepository;
beforeAll(async () => {
  repository = await scriptedRepository();
  await repository.write({
    'rules/noisy.yaml': rule('noisy', 'count >= 8'),
    'rules/same.yaml': rule('same', 'count >= 4'),
    'rules/gone.yaml': rule('gone', 'count >= 1'),
    'logs.ndjson': documents(),
    'team/notes.md': 'a folder beside the rules',
  });
  repository.commit('rules');
  await repository.write({
    'rules/noisy.yaml': rule('noisy', 'count >= 5', 'labels: { severity: critical }'),
    'rules/gone.yaml': undefined,
  });
});
afterAll(() => repository.remove());

async function dryRun(...words: readonly string[]) {
  const { line, written } = fakeCommandLine();
  const env = { PATH: process.env['PATH'], HOME: repository.folder };
  const range = [
    '--from',
    '2026-01-01T10:00Z',
    '--to',
    '2026-01-01T10:30Z',
    '--documents',
    join(repository.folder, 'logs.ndjson'),
  ];
  const rules = join(repository.folder, 'rules');
  const code = await runCommandLine(['dry-run', rules, ...range, ...words], {
    ...line,
    folder: join(repository.folder, 'team'),
    env,
  });
  return { code, ...written() };
}

describe('a dry run against a revision', () => {
  test('says what begins, vanishes and becomes louder, and who would be notified more', async () => {
    const { code, stdout } = await dryRun('--against', 'HEAD', '--format', 'json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.against).toEqual({ ref: 'HEAD', commit: repository.git('rev-parse', 'HEAD').trim() });
    expect(
      report.rules.map(({ name, before, after }: Record<string, unknown>) => [name, before !== null, after !== null]),
    ).toEqual([
      ['gone', true, false],
      ['noisy', true, true],
      ['same', true, true],
    ]);
    expect(report.rules[1]).toMatchObject({
      before: { episodes: 1, messages: 2, alert_ms: 120_000 },
      after: { episodes: 2, messages: 4, alert_ms: 300_000 },
      episodes: [
        {
          change: 'appears',
          group: { 'service.name': 'cart' },
          before: null,
          after: { from: '2026-01-01T10:03:00.000Z', severity: 'critical' },
        },
        {
          change: 'changes',
          starts_ms: 0,
          ends_ms: 0,
          loudness: 'louder',
          before: { severity: 'warning' },
          after: { severity: 'critical' },
        },
      ],
      receivers: [{ receiver: 'default', before: 2, after: 4 }],
    });
    expect(report.rules[2]).toMatchObject({ same_episodes: 2, episodes: [] });
    expect(report.questions.shared).toBeGreaterThan(0);
  });

  test('is as the docs show it', async () => {
    const { stdout } = await dryRun('--against', 'HEAD', '--rule', 'noisy', '--format', 'json');
    const commit = repository.git('rev-parse', 'HEAD').trim();
    expect(jsonShown('docs/testing-rules.md', 'against')).toEqual(JSON.parse(stdout.replaceAll(commit, COMMIT_SHOWN)));
  });

  test('text has a line a rule, before and after', async () => {
    const { stdout } = await dryRun('--against', 'HEAD');
    expect(stdout).toMatch(/^noisy +1 → 2 +2m → 5m +1 +2 → 4 +1 new, 1 louder$/m);
    expect(stdout).toMatch(/^gone +3 → – .* removed$/m);
    expect(stdout).toContain('1 other rule would behave the same.');
    expect(stdout).toContain('+  2026-01-01T10:03:00.000Z  service.name: cart  appears: 3m, critical');
    expect(stdout).toContain('messages: default 2 → 4');
  });

  test('Markdown has no text of a rule or document as Markdown', async () => {
    const { stdout } = await dryRun('--against', 'HEAD', '--format', 'markdown');
    expect(stdout).toContain('### Dry run against <code>HEAD</code>');
    expect(stdout).toContain('| <code>noisy</code> | 1 → 2 | 2m → 5m | 1 | 2 → 4 | 1 new, 1 louder |');
  });

  test('a page has for each rule that differs both versions in one chart, and loads and runs nothing', async () => {
    const { code, stdout } = await dryRun('--against', 'HEAD', '--format', 'html');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>/);
    const sections = [...stdout.matchAll(/<section aria-labelledby="r\d"><h2 id="r\d">(.*?)<\/h2>([\s\S]*?)<\/section>/g)];
    expect(sections.map(([, name]) => name)).toEqual(['gone', 'noisy']);
    const [, , noisy = ''] = sections[1] ?? [];
    expect(noisy.match(/<svg /g)).toHaveLength(1);
    expect(noisy.match(/class="band"/g)).toHaveLength(2);
    expect(noisy).toMatch(/aria-label="before 1 episode of count, .*; after 2 episodes of count, /);
    expect(noisy).toMatch(/class="fires before".*class="fires after"/);
    expect(noisy).toContain('appears: 3m, critical');
    expect(noisy).toContain('Messages: default 2 → 4');
    expect(stdout).toContain('<a href="#r1">noisy</a>');
    expect(stdout).not.toMatch(/<script|<link|<img|https?:|NaN|undefined/);
  });

  test('one rule, and a difference that ends with 1 where that is asked for', async () => {
    expect(await dryRun('--against', 'HEAD', '--rule', 'same', '--fail-on-change')).toMatchObject({ code: 0 });
    expect(await dryRun('--against', 'HEAD', '--rule', 'noisy', '--fail-on-change')).toMatchObject({ code: 1 });
  });

  test('each of the two alone gives the same as both side by side', async () => {
    const alone = JSON.parse((await dryRun('--format', 'json')).stdout);
    const together = JSON.parse((await dryRun('--against', 'HEAD', '--format', 'json')).stdout);
    for (const { name, transitions, notifications } of alone.rules) {
      const { after } = together.rules.find((one: { readonly name: string }) => one.name === name);
      expect(after.messages).toBe(notifications.length);
      expect(after.episodes).toBe(transitions.filter(({ to }: { readonly to: string }) => to === 'firing').length);
    }
  });

  test.each([
    [['--against', 'nowhere'], 'does not contain the revision nowhere'],
    [['--against', '--upload-pack=x'], 'is not the name of a revision'],
    [['--fail-on-change'], 'add --against'],
    [['--rule', 'nothing'], 'unknown rule nothing'],
  ])('%j ends with 2', async (words, said) => {
    const { code, stderr } = await dryRun(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});
