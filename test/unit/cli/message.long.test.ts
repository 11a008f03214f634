import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// Commands are loaded when they are first used: here, and not within the time of the first test.
import '../../../src/cli/message.ts';
import { channels } from '../../../src/channels/registry.ts';
import { runWords } from '../../support/cli/fake-command-line.ts';

const RULE = `name: errors
type: frequency
index: logs-*
condition: count >= 5
delay: 0s
message: { title: "It fails <b>", text: "**Look** at it." }
`;
const TEST = `tests:
  - name: fires and ends
    documents: [{ at: 0s, repeat: 5, every: 1s, document: { message: out } }]
    checks: [{ at: 1m, notifications: [{ reason: first }] }, { at: 10m, alerts: none }]
`;

const ROWS = `name: rows
type: esql
index: logs-*
esql: "| STATS n = COUNT(*)"
variables: { n: number }
condition: n >= 5
delay: 0s
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-message-'));
  for (const name of ['rules', 'bare', 'broken', 'plain', 'rows']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'rules', 'errors.yaml'), RULE);
  await writeFile(join(folder, 'rules', 'errors.test.yaml'), TEST);
  await writeFile(join(folder, 'bare', 'errors.yaml'), RULE);
  await writeFile(join(folder, 'mixed.yaml'), 'rules: [rows, rules]\n');
  await writeFile(join(folder, 'rows', 'rows.yaml'), ROWS);
  await writeFile(join(folder, 'rows', 'rows.test.yaml'), TEST);
  await writeFile(join(folder, 'bare.yaml'), 'rules: bare\n');
  await writeFile(join(folder, 'broken', 'errors.yaml'), RULE.replace('type:', 'tipe:'));
  await writeFile(join(folder, 'broken', 'errors.test.yaml'), TEST);
  await writeFile(
    join(folder, 'tocsin.yaml'),
    'rules: rules\nreceivers: [{ name: ops, timezone: Europe/Berlin, console_configs: [{}] }]\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...words: readonly string[]) => runWords(['message', 'preview', ...words.map((word) => word.replace('@', folder))]);

describe('tocsin message preview', () => {
  test('shows what a rule test sends, as text', async () => {
    const { code, stdout, stderr } = await run('@/rules/errors.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^🟠 Warning: It fails <b>\n {3}5 documents in 5m · limit 5 · since 00:01 UTC\n {3}Look at it\.\n/);
  });

  test('of a rule that only a cluster answers is refused, and not shown as a health alert', async () => {
    const { code, stdout, stderr } = await run('@/rows/rows.yaml');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /no test sends a message about .*rows\.yaml: unsupported: the embedded backend does not support ES\|QL/,
    );
    expect(stderr).toContain('--elasticsearch URL');
  });

  test('of another rule is not refused because of one that only a cluster answers', async () => {
    const { code, stdout } = await run('errors', '--config', '@/mixed.yaml');
    expect([code, stdout]).toEqual([0, expect.stringContaining('Warning: It fails')]);
    expect((await run('rows', '--config', '@/mixed.yaml')).stderr).toContain('the embedded backend does not support ES|QL');
  });

  test('finds a rule by its name, with the receivers of tocsin.yaml', async () => {
    const { code, stdout } = await run('errors', '--config', '@/tocsin.yaml');
    expect(code).toBe(0);
    expect(stdout).toContain('since 01:01 CET');
  });

  test.each([
    ['firing', 'Warning: It fails'],
    ['resolved', 'Resolved after 5m: It fails'],
  ])('of a status: %s', async (status, first) => {
    expect((await run('@/rules/errors.yaml', '--status', status)).stdout).toContain(first);
  });

  test('makes a reminder of the first message where no test goes on so long', async () => {
    const { stdout, stderr } = await run('@/rules/errors.yaml', '--status', 'reminder');
    expect(stdout).toContain('Still warning after 4h: It fails');
    expect(stderr).toMatch(/^note: no test runs until a reminder/);
  });

  test('for Slack is its JSON, with the address of Block Kit Builder', async () => {
    const { stdout, stderr } = await run('@/rules/errors.yaml', '--channel', 'slack');
    const address = /https:\/\/app\.slack\.com\/block-kit-builder\/#(\S+)/.exec(stderr)?.[1] ?? '';
    expect(JSON.parse(decodeURIComponent(address))).toEqual(JSON.parse(stdout));
    expect(stdout).toContain('*Look* at it.');
  });

  test.each([
    ['email', true],
    ['slack', true],
    ['discord', true],
    ['text', false],
    ['pagerduty', false],
  ])('as %s has the chart that its readers see: %s', async (channel, shows) => {
    const file = join(folder, `chart-${channel}.html`);
    const { stderr } = await run('@/rules/errors.yaml', '--channel', channel, '--html', file);
    const page = await readFile(file, 'utf8');
    expect(/<img [^>]*src="data:image\/png;base64,iVBORw0KGgo/.test(page)).toBe(shows);
    expect(page).not.toContain('cid:');
    if (shows) expect(page).toMatch(/alt="Chart: documents, [^"]*limit 5"/);
    expect(/note: apps show the chart/.test(stderr)).toBe(channel === 'slack');
  });

  test('has no chart of a rule that wants none, and none in what is printed', async () => {
    await writeFile(join(folder, 'plain', 'errors.yaml'), RULE.replace('message: {', 'message: { chart: false,'));
    await writeFile(join(folder, 'plain', 'errors.test.yaml'), TEST);
    const file = join(folder, 'plain.html');
    await run('@/plain/errors.yaml', '--channel', 'email', '--html', file);
    expect(await readFile(file, 'utf8')).not.toContain('data:image');
    expect((await run('@/rules/errors.yaml', '--channel', 'discord')).stdout).not.toContain('png');
  });

  test.each(['text', ...Object.keys(channels).filter((name) => name !== 'console')])(
    'as %s can be looked at as a page',
    async (channel) => {
      const file = join(folder, `${channel}.html`);
      const { code, stdout, stderr } = await run('@/rules/errors.yaml', '--channel', channel, '--html', file);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect(stderr).toContain(`written to ${file}`);
      const page = await readFile(file, 'utf8');
      expect(page).toMatch(/^<!doctype html>/);
      expect(page).toContain('It fails');
      expect(page).not.toContain('It fails <b>');
    },
  );

  test('writes through no link', async () => {
    const link = join(folder, 'link.html');
    await symlink(join(folder, 'tocsin.yaml'), link);
    const { code, stderr } = await run('@/rules/errors.yaml', '--html', link);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('a link') });
    expect(await readFile(join(folder, 'tocsin.yaml'), 'utf8')).toContain('rules: rules');
  });

  test.each([
    ['a rule without a test', ['@/bare/errors.yaml'], 'no rule test'],
    ['a rule that does not load', ['@/broken/errors.yaml'], 'missing key "type"'],
    ['a rule that is not there', ['nothing', '--config', '@/tocsin.yaml'], 'known: errors; or name a file'],
    ['a misspelt rule', ['eror', '--config', '@/tocsin.yaml'], 'did you mean errors? known: errors; or name a file'],
    ['a rule without a test, by its name', ['errors', '--config', '@/bare.yaml'], '`tocsin test init'],
    ['a test that is not there', ['@/rules/errors.yaml', '--test', 'no such test'], 'no test sends a message'],
    ['a channel that is none', ['@/rules/errors.yaml', '--channel', 'pigeon'], 'pigeon'],
    ['no rule', [], 'missing required argument'],
  ])('%s is an error with a reason', async (_, words, reason) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
