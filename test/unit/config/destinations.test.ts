import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import type { SlackOptions } from '../../../src/channels/slack/options.ts';
import type { SnsOptions } from '../../../src/channels/sns/publish.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/core/problems.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-destinations-'));
  await writeFile(join(folder, 'secret'), 'xoxb-fr0m-a-file\n');
  await chmod(join(folder, 'secret'), 0o600);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(text: string) {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  const checked = await loadConfig(file, {});
  return checked.ok ? checked.value : checked.problems.map(formatProblem).join('\n');
}

async function optionsOf(configs: string): Promise<unknown> {
  const config = await load(`receivers: [{ name: ops, ${configs} }]\nroute: { receiver: ops }\n`);
  if (typeof config === 'string') return config;
  const [destination] = config.destinations.values();
  return { options: destination?.options, secrets: config.secrets.map((one) => one.reveal()) };
}

it('a bot token is read from its file, and is a secret', async () => {
  const read = (await optionsOf('slack_configs: [{ bot_token_file: secret, channel: C1 }]')) as {
    readonly options: SlackOptions;
    readonly secrets: readonly string[];
  };
  expect([read.options.app?.token.reveal(), read.options.app?.channel]).toEqual(['xoxb-fr0m-a-file', 'C1']);
  expect(read.secrets).toContain('xoxb-fr0m-a-file');
});

it('the keys within sigv4 are secrets, from the configuration and from files', async () => {
  const sigv4 = '{ region: eu-central-1, access_key: AKIDEXAMPLE, secret_key_file: secret }';
  const read = (await optionsOf(`sns_configs: [{ topic_arn: "arn:aws:sns:eu-central-1:1:alerts", sigv4: ${sigv4} }]`)) as {
    readonly options: SnsOptions;
    readonly secrets: readonly string[];
  };
  expect(read.options.login?.secretKey.reveal()).toBe('xoxb-fr0m-a-file');
  expect(read.secrets).toEqual(expect.arrayContaining(['AKIDEXAMPLE', 'xoxb-fr0m-a-file']));
  expect(JSON.stringify(read.options)).not.toContain('AKIDEXAMPLE');
});

test.each<[string, string, string]>([
  ['a token without a channel', 'slack_configs: [{ bot_token_file: secret }]', 'bot_token needs a channel'],
  [
    'no way to Slack',
    'slack_configs: [{ chart: false }]',
    'the key "api_url", "api_url_file", "bot_token" or "bot_token_file" is missing',
  ],
  [
    'no target of SNS',
    'sns_configs: [{ sigv4: { region: eu-central-1 } }]',
    'the key "topic_arn", "target_arn" or "phone_number" is missing',
  ],
  ['a key within sigv4 that is none', 'sns_configs: [{ phone_number: "+15550199", sigv4: { regoin: x } }]', 'regoin'],
  [
    'a key within sigv4 twice',
    'sns_configs: [{ phone_number: "+15550199", sigv4: { region: x, access_key: a, secret_key: b, secret_key_file: secret } }]',
    'secret_key',
  ],
])('%s is an error', async (_name, configs, expected) => {
  expect(await optionsOf(configs)).toEqual(expect.stringContaining(expected));
});

test.each<[string, string | RegExp]>([
  ['https://tocsin.example.com/', 'https://tocsin.example.com'],
  ['http://host:9095/tocsin//', 'http://host:9095/tocsin'],
  ['tocsin.example.com', /external_url/],
  ['https://user:pass@tocsin.example.com', /external_url/],
  ['javascript:alert(1)', /external_url/],
])('external_url: %s', async (url, expected) => {
  const config = await load(`external_url: "${url}"\n`);
  if (typeof config === 'string') expect(config).toMatch(expected);
  else expect(config.externalUrl).toBe(expected);
});
