import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { SlackOptions } from '../../../src/channels/slack/options.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/core/problems.ts';

const APP = 'xapp-1-s3cretS3cret';
const BOT = 'xoxb-s3cretS3cret';
const RECEIVERS = `receivers:\n  - name: a\n    slack_configs: [{ bot_token: ${BOT}, channel: C1 }, { bot_token: xoxb-another, channel: C2 }]\nroute: { receiver: a }\n`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-slack-app-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string) {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  const loaded = await loadConfig(file, {});
  return { loaded, problems: loaded.problems.map((one) => formatProblem(one).replace(`${file}:`, '')) };
}

describe('slack_app', () => {
  it('gives buttons to the messages of its own bot', async () => {
    const { loaded, problems } = await load(
      `${RECEIVERS}slack_app: { app_token: ${APP}, bot_token: ${BOT}, allow_users: [U012AB3CD] }\n`,
    );
    expect(problems).toEqual([]);
    if (!loaded.ok) throw new Error('not valid');
    const buttons = [...loaded.value.destinations.values()].map(({ options }) => (options as SlackOptions).app?.buttons);
    expect(buttons).toEqual([true, undefined]);
    expect(loaded.value.slackApp?.allowUsers).toEqual(new Set(['U012AB3CD']));
    expect(JSON.stringify(loaded.value.slackApp)).not.toContain('s3cret');
  });

  it('is off without the section', async () => {
    const { loaded } = await load(RECEIVERS);
    if (!loaded.ok) throw new Error('not valid');
    expect(loaded.value.slackApp).toBeUndefined();
    expect([...loaded.value.destinations.values()].some(({ options }) => (options as SlackOptions).app?.buttons)).toBe(false);
  });

  it('says that no message would have buttons', async () => {
    const { loaded, problems } = await load(`${RECEIVERS}slack_app: { app_token: ${APP}, bot_token: xoxb-third }\n`);
    expect(loaded.ok).toBe(true);
    expect(problems).toEqual([expect.stringContaining('no slack_configs has the bot token of slack_app')]);
  });

  test.each([
    [`{ app_token: ${BOT}, bot_token: ${BOT} }`, 'app_token'],
    [`{ app_token: ${APP}, bot_token: ${APP} }`, 'bot_token'],
    [`{ bot_token: ${BOT} }`, 'app_token'],
    [`{ app_token: ${APP}, bot_token: ${BOT}, allow_users: [ana] }`, 'allow_users'],
    [`{ app_token: ${APP}, bot_token: ${BOT}, allow_channels: ["#alerts"] }`, 'allow_channels'],
    [`{ app_token: ${APP}, bot_token: ${BOT}, api_url: "ftp://x" }`, 'http'],
    [`{ app_token: ${APP}, bot_token: ${BOT}, token: x }`, 'token'],
    ['7', 'slack_app'],
  ])('refuses %s, and shows no token', async (section, named) => {
    const { loaded, problems } = await load(`${RECEIVERS}slack_app: ${section}\n`);
    expect(loaded.ok).toBe(false);
    expect(problems.join('\n')).toContain(named);
    expect(problems.join('\n')).not.toContain('s3cret');
  });

  it('notices tokens that are mistaken for each other in their files', async () => {
    for (const [name, text] of [
      ['app', APP],
      ['bot', BOT],
    ] as const)
      await writeFile(join(folder, name), text, { mode: 0o600 });
    const { problems } = await load(`${RECEIVERS}slack_app: { app_token_file: bot, bot_token_file: app }\n`);
    expect(problems).toEqual([
      expect.stringContaining('no slack_configs'),
      expect.stringContaining('app_token does not begin with xapp-'),
      expect.stringContaining('bot_token does not begin with xoxb-'),
    ]);
  });
});
