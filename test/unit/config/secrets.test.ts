import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { SecretNeeds } from '../../../src/config/report.ts';
import { formatProblem } from '../../../src/core/problems.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const env = (name: string) => `\${env:${name}}`;

async function load(text: string, given: Readonly<Record<string, string>> = {}, needed: SecretNeeds = 'all') {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  const checked = await loadConfig(file, given, needed);
  return { checked, lines: checked.problems.map((problem) => formatProblem(problem).replace(`${file}:`, '')) };
}

async function config(text: string, given: Readonly<Record<string, string>> = {}): Promise<Config> {
  const { checked, lines } = await load(text, given);
  if (!checked.ok) throw new Error(lines.join('\n'));
  return checked.value;
}

/** Secrets of every kind, none of which is there. */
const WITHOUT = `elasticsearch:
  url: https://elasticsearch:9200
  api_key_file: /run/secrets/none/key
  ca_file: /run/secrets/none/ca.crt
  cert_file: /run/secrets/none/tls.crt
  key_file: /run/secrets/none/tls.key
heartbeat: { url_file: /run/secrets/none/heartbeat }
server: { port: "${env('PORT')}", enabled: "${env('ON')}" }
reload_interval: ${env('EVERY')}
log: { level: "${env('LEVEL')}" }
meta_receiver: ops
receivers:
  - name: ops
    slack_configs: [{ api_url_file: /run/secrets/none/slack }, { api_url: "${env('SLACK')}" }]
    webhook_configs: [{ url: "https://${env('HOST')}/hook", signing_secret: "${env('SIGNING')}" }]
    email_configs:
      - smarthost: ${env('SMTP')}
        from: ${env('FROM')}
        to: ["${env('TO')}"]
        auth_username: ${env('USER_NAME')}
        auth_password: ${env('PASSWORD')}
      - { smarthost: "${env('SMTP_HOST')}:587", from: a@example.com, to: b@example.com }
route:
  receiver: ops
`;

describe('secrets that are not there', () => {
  it('are no errors where none is needed: everything else is read', async () => {
    const { checked, lines } = await load(WITHOUT, {}, 'none');
    expect(lines.filter((line) => !line.includes(': note: '))).toEqual([]);
    expect(checked.ok && [...checked.value.destinations.keys()]).toEqual([
      ...['ops/slack/0', 'ops/slack/1', 'ops/email/0', 'ops/email/1', 'ops/webhook/0'],
    ]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^3:3 elasticsearch.api_key_file: note: \/run\/secrets\/none\/key: no such file \(not needed here/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/auth_password: note: the environment variable PASSWORD is not set/));
  });

  it('do not hide what is wrong beside them', async () => {
    const text = WITHOUT.replace('route:\n  receiver: ops', 'route:\n  receiver: opps\nnmespace: x');
    const { checked, lines } = await load(text.replace('to: b@example.com', 'to: nobody'), {}, 'none');
    expect(checked.ok).toBe(false);
    expect(lines.filter((line) => !line.includes(': note: '))).toEqual([
      expect.stringContaining('"nobody"'),
      expect.stringContaining('did you mean ops'),
      expect.stringContaining('unknown key "nmespace"'),
    ]);
  });

  it('are checked all the same where they are there', async () => {
    const text = `receivers: [{ name: a, slack_configs: [{ api_url: "${env('SLACK')}" }] }]`;
    expect((await load(text, { SLACK: 'no url' }, 'none')).lines).toEqual([expect.stringContaining('not an http(s) URL')]);
  });

  it('are errors where they are needed: those of Elasticsearch for a command that only asks it', async () => {
    const errors = async (needed: SecretNeeds) =>
      (await load(WITHOUT, {}, needed)).lines
        .filter((line) => !line.includes(': note: '))
        .map((line) => /^\d+:\d+ ([^:]+):/.exec(line)?.[1]);
    const ofElasticsearch = ['api_key_file', 'ca_file', 'cert_file', 'key_file'].map((key) => `elasticsearch.${key}`);
    expect(await errors('elasticsearch')).toEqual(ofElasticsearch);
    const all = await errors('all');
    expect(all).toEqual(expect.arrayContaining([...ofElasticsearch, 'heartbeat.url_file', 'server.port']));
    expect(all).toHaveLength(new Set(all).size);
  });

  it('count as not there when they are empty, as in the builds of a fork', async () => {
    const text = `receivers: [{ name: a, slack_configs: [{ api_url: "${env('SLACK')}" }] }]`;
    expect((await load(text, { SLACK: '\n' }, 'none')).lines).toEqual([
      expect.stringContaining('note: the environment variable SLACK is empty'),
    ]);
    expect((await load(text, { SLACK: '' })).lines).toEqual([expect.stringContaining('SLACK is empty (set SLACK)')]);
  });
});

describe('a variable of the environment', () => {
  test.each([
    ['a line end', 'abc==\n'],
    ['a line end of Windows', 'abc==\r\n'],
    ['a byte order mark', '\uFEFFabc=='],
  ])('loses %s', async (_name, KEY) => {
    const { elasticsearch } = await config(`elasticsearch: { api_key: "${env('KEY')}" }`, { KEY });
    expect(elasticsearch.auth.kind === 'apiKey' && elasticsearch.auth.apiKey.reveal()).toBe('abc==');
    const { elasticsearch: plain } = await config('namespace: a', { ELASTICSEARCH_API_KEY: KEY });
    expect(plain.auth.kind === 'apiKey' && plain.auth.apiKey.reveal()).toBe('abc==');
  });

  it('so does a file', async () => {
    await writeFile(join(folder, 'url'), '\uFEFFhttps://hooks.example.com/x\r\n', { mode: 0o600 });
    const { heartbeat } = await config('heartbeat: { url_file: url }');
    expect(heartbeat?.url.reveal()).toBe('https://hooks.example.com/x');
  });

  it('is a number or a flag where the key wants one, and text where it wants text', async () => {
    const text = `namespace: "${env('N')}"\nserver:\n  port: ${env('PORT')}\n  enabled: ${env('ON')}\nstate:\n  replicas: ${env('R')}`;
    const { server, namespace, state } = await config(text, { N: '12', PORT: '8080\n', ON: 'FALSE', R: '0' });
    expect([namespace, server.port, server.enabled, state.replicas]).toEqual(['12', 8080, false, 0]);
  });

  it('is refused as it is written in the file, and other words of the message stay what they are', async () => {
    const text = `server: { enabled: "${env('ON')}", port: "${env('PORT')}" }\nlog: { level: "${env('LEVEL')}", format: text }`;
    const { lines } = await load(text, { ON: 'maybe', PORT: 'port', LEVEL: 'pretty' });
    expect(lines).toEqual([
      `1:20 server.enabled: expected true or false, got "${env('ON')}"`,
      expect.stringContaining(`server.port: expected a whole number, got "${env('PORT')}"`),
      expect.stringContaining(`expected debug, info, warn or error, got "${env('LEVEL')}"`),
      expect.stringContaining('expected json or pretty, got "text"'),
    ]);
  });

  it('is not quoted where a message of another kind would', async () => {
    const text = `receivers:\n  - { name: "${env('A')}" }\n  - { name: "${env('A')}" }\nroute: { receiver: "${env('A')}" }`;
    const { lines } = await load(text, { A: 'hunter' });
    expect(lines.join('\n')).not.toContain('hunter');
    expect(lines).toContainEqual(expect.stringContaining(`duplicate receiver ${env('A')}`));
  });
});
