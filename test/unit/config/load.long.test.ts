import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmailOptions } from '../../../src/channels/email/options.ts';
import type { SlackOptions } from '../../../src/channels/slack/options.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/core/problems.ts';
import { TRACE_LOGS } from '../../../src/search/trace-logs.ts';
import { HOSTILE_YAML } from '../yaml/hostile-yaml.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/config');
const ENV = { SMTP_PASSWORD: 'smtp-password', SLACK_TOKEN: 'T0/B0/slack-token', SIGNING: 'signing-secret', EMPTY: '' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** How a file names an environment variable. */
const fromEnv = (name: string) => `\${env:${name}}`;

/** Problems as they are printed, without the file's name. */
async function problemsOf(file: string, env = ENV): Promise<readonly string[]> {
  const checked = await loadConfig(file, env);
  return checked.problems.map((problem) => formatProblem(problem).replace(`${file}:`, ''));
}

async function written(text: string): Promise<string> {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, text);
  return file;
}

async function loaded(file: string | undefined, env: Readonly<Record<string, string>> = ENV) {
  const checked = await loadConfig(file, env);
  if (!checked.ok) throw new Error(checked.problems.map(formatProblem).join('\n'));
  return checked.value;
}

describe('every mistake is found at once, where it stands', () => {
  const files = readdirSync(join(FIXTURES, 'bad')).filter((name) => name.endsWith('.yaml'));
  test.each(files)('%s', async (name) => {
    const file = join(FIXTURES, 'bad', name);
    const expected = readFileSync(file, 'utf8').match(/(?<=^# expect: ).*/gm);
    expect(await problemsOf(file)).toEqual(expected);
  });
});

test('a full file is read whole', async () => {
  const file = join(FIXTURES, 'good/full.yaml');
  const config = await loaded(file);
  expect(config).toMatchObject({
    namespace: 'shop',
    elasticsearch: {
      urls: ['https://es-1:9200', 'https://es-2:9200'],
      auth: { kind: 'apiKey' },
      caFingerprint: 'AB:CD',
      verifyCertificate: true,
      compression: false,
      requestTimeout: 10_000,
    },
    rules: [join(FIXTURES, 'good/rules'), join(FIXTURES, 'more')],
    kibana: { url: 'https://kibana.example.com', space: 'shop' },
    meta: 'ops',
    server: { enabled: false, host: '0.0.0.0', port: 80 },
    log: { level: 'debug', format: 'pretty' },
    delivery: { giveUpAfter: 3_600_000, sendTimeout: 5_000, lease: 30_000 },
    state: { replicas: 0, refreshInterval: 500 },
    runs: { keep: 7 * 86_400_000 },
    reloadInterval: 60_000,
    heartbeat: { every: 120_000, method: 'GET', timeout: 3_000 },
    traceLogs: {
      ...{ enabled: true, indices: ['logs-shop-*', 'eu:logs-*'], lines: 8, before: 60_000, after: 300_000, timeout: 10_000 },
      fields: { trace: ['trace.id', 'trace_id'], message: ['text', 'message'], level: ['log.level', 'severity_text'] },
    },
  });
  expect(config.heartbeat?.url.reveal()).toBe('https://hc.example.com/ping/heartbeat-secret');
  expect(config.elasticsearch.auth.kind === 'apiKey' && config.elasticsearch.auth.apiKey.reveal()).toBe('key-from-file');
  expect(config.routing.inhibitRules).toEqual([
    {
      name: 'node',
      sourceMatchers: [{ label: 'alertname', op: '=', value: 'node-down' }],
      targetMatchers: [
        { label: 'severity', op: '=~', value: 'warning|info' },
        { label: 'team', op: '!=', value: 'ops' },
      ],
      equal: ['host.name'],
    },
    expect.objectContaining({ name: '#2', equal: [] }),
  ]);
  expect(config.routing.root.routes[0]).toMatchObject({
    key: '{}/{severity=~"critical|warning",team="todo"}',
    groupWait: 10_000,
    repeatInterval: 3_600_000,
  });
  expect(config.routing.root.routes[0]?.routes[0]).toMatchObject({ receiver: 'team-todo', continue: true, groupBy: ['...'] });
});

test('destinations are known by receiver, channel, and name or position', async () => {
  const config = await loaded(join(FIXTURES, 'good/full.yaml'));
  expect([...config.destinations.keys()]).toEqual([
    'ops/email/0',
    'team-todo/slack/channel',
    'team-todo/email/0',
    'team-todo/email/1',
    'team-todo/webhook/0',
    'team-todo/console/0',
  ]);
  expect(config.routing.destinations['team-todo']?.map(({ id }) => id)).toEqual([...config.destinations.keys()].slice(1));
  const slack = config.destinations.get('team-todo/slack/channel')?.options as SlackOptions;
  expect(slack.url.reveal()).toBe('https://hooks.example.com/services/T0/B0/slack-token');
  const mail = config.destinations.get('ops/email/0')?.options as EmailOptions;
  expect(mail).toMatchObject({
    host: 'smtp.example.com',
    port: 587,
    requireTls: true,
    implicitTls: false,
    auth: { username: 'tocsin' },
  });
  expect(mail.to.map(({ address }) => address)).toEqual(['ops@example.com', 'night@example.com']);
  expect(config.destinations.get('team-todo/email/1')?.options).toMatchObject({ port: 465, implicitTls: true });
});

test('no secret is in what is printed of a configuration, and all are known for redaction', async () => {
  const config = await loaded(join(FIXTURES, 'good/full.yaml'));
  const printed = JSON.stringify({ ...config, destinations: [...config.destinations] });
  for (const text of ['smtp-password', 'slack-token', 'signing-secret', 'key-from-file', 'heartbeat-secret'])
    expect(printed).not.toContain(text);
  const known = config.secrets.map((one) => one.reveal());
  expect(known).toEqual(
    expect.arrayContaining([
      'smtp-password',
      'https://hooks.example.com/services/T0/B0/slack-token',
      'signing-secret',
      'key-from-file',
      'https://hc.example.com/ping/heartbeat-secret',
    ]),
  );
});

test('a configuration is frozen all the way down', async () => {
  const config = await loaded(join(FIXTURES, 'good/full.yaml'));
  expect(Object.isFrozen(config.routing.root.routes[0]?.matchers)).toBe(true);
  expect(Object.isFrozen(config.destinations.get('ops/email/0')?.options)).toBe(true);
});

describe('without much said', () => {
  test('a file with one receiver needs no route', async () => {
    const config = await loaded(join(FIXTURES, 'good/minimal.yaml'));
    expect(config.routing.root).toMatchObject({
      receiver: 'team-todo',
      groupBy: ['alertname'],
      groupWait: 0,
      groupInterval: 300_000,
    });
  });

  test.each(['', '# nothing yet\n', '---\n'])('the file %j is the default configuration', async (text) => {
    expect((await loaded(await written(text))).routing.root.receiver).toBe('default');
  });

  test('a Tocsin that only receives alerts has no rules, and any other has some', async () => {
    expect((await loaded(await written('received_alerts: {}\nrules: []\n'))).rules).toEqual([]);
    expect(await problemsOf(await written('rules: []\n'))).toEqual([expect.stringContaining('rules: expected at least 1 entry')]);
  });

  test('without a file there is one receiver, default, on the console', async () => {
    const config = await loaded(undefined, {});
    expect(config).toMatchObject({
      namespace: 'default',
      rules: [resolve('rules')],
      elasticsearch: { urls: ['http://localhost:9200'], auth: { kind: 'none' } },
      routing: { destinations: { default: [{ id: 'default/console/0', receiver: 'default', channel: 'console' }] } },
      server: { enabled: true, host: '127.0.0.1', port: 9095 },
    });
  });

  test('the environment names the cluster and its key', async () => {
    const config = await loaded(undefined, {
      ELASTICSEARCH_URL: 'https://a:9200, https://b:9200',
      ELASTICSEARCH_API_KEY: 'the-key',
    });
    expect(config.elasticsearch).toMatchObject({ urls: ['https://a:9200', 'https://b:9200'], auth: { kind: 'apiKey' } });
    expect(config.secrets.map((one) => one.reveal())).toEqual(['the-key']);
  });

  test('the environment does not speak for a file that names a cluster: its key would go to another', async () => {
    const config = await loaded(await written('elasticsearch: {url: "https://c:9200"}'), { ELASTICSEARCH_API_KEY: 'the-key' });
    expect(config.elasticsearch).toMatchObject({ urls: ['https://c:9200'], auth: { kind: 'none' } });
  });
});

describe('secrets in files', () => {
  test('a file that everybody can read is a warning; line ends at its end are no part of the secret', async () => {
    const file = await written('elasticsearch: {username: u, password_file: password}');
    await writeFile(join(folder, 'password'), 'pass word\r\n\n');
    await chmod(join(folder, 'password'), 0o644);
    expect(await problemsOf(file)).toEqual([
      '1:30 elasticsearch.password_file: warning: password is world-readable (run chmod o-r on it, or set defaultMode: 0440 on a Kubernetes volume)',
    ]);
    await chmod(join(folder, 'password'), 0o600);
    expect(await problemsOf(file)).toEqual([]);
    expect((await loaded(file)).secrets.map((one) => one.reveal())).toEqual(['pass word']);
  });

  test('a value from the environment is not expanded again', async () => {
    const file = await written(`elasticsearch: {api_key: "${fromEnv('A')}-x"}`);
    expect((await loaded(file, { A: fromEnv('B'), B: 'no' })).secrets.map((one) => one.reveal())).toEqual([`${fromEnv('B')}-x`]);
  });

  test.each([
    '*hidden-secret',
    '!hidden-secret',
    '"hidden-secret',
    '"a" hidden-secret',
    '%hidden-secret: a',
    ']hidden-secret',
    '{hidden-secret}',
    '[hidden-secret]',
    'hidden-secret: a',
    '8642086420',
    '{8642086420: 1}',
  ])('a secret that is no text, %j, is quoted in no message', async (text) => {
    const problems = (await problemsOf(await written(`elasticsearch:\n  username: u\n  password: ${text}\n`))).join('\n');
    expect(problems).not.toBe('');
    expect(problems).not.toMatch(/hidden|8642/);
  });

  test('a value from the environment is quoted in no message', async () => {
    const name = fromEnv('SIGNING');
    const file = await written(`log: {level: "${name}"}\nnamespace: "${name} x"\nmeta_receiver: "${name}"`);
    const problems = (await problemsOf(file)).join('\n');
    expect(problems).toContain('log.level');
    expect(problems).toContain('namespace');
    expect(problems).not.toContain('signing-secret');
  });
});

describe('what cannot be read at all', () => {
  test('a file that is not there', async () => {
    expect(await problemsOf(join(folder, 'absent.yaml'))).toEqual([expect.stringContaining('no such file')]);
  });

  test.each(['/dev/zero', '/dev/null'])('what is no file, %s, is not read at all', async (device) => {
    expect(await problemsOf(device)).toEqual([expect.stringContaining('is not a regular file')]);
    for (const key of ['api_key_file', 'ca_file']) {
      const file = await written(`elasticsearch: {${key}: ${device}}`);
      expect(await problemsOf(file)).toEqual([expect.stringContaining(`elasticsearch.${key}: ${device} is not a regular file`)]);
    }
  });

  test('a pipe is not waited for, and what grows without end is not read to its end', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await problemsOf(await written('elasticsearch: {api_key_file: pipe}'))).toEqual([
      expect.stringContaining('pipe is not a regular file'),
    ]);
    await writeFile(join(folder, 'sparse'), '');
    await truncate(join(folder, 'sparse'), 2 ** 31);
    expect(await problemsOf(await written('elasticsearch: {api_key_file: sparse}'))).toEqual([
      expect.stringContaining('sparse is larger than 1 MiB'),
    ]);
  });

  test('a secret of Kubernetes, a link to a file that everybody can read, is read, with a warning', async () => {
    await mkdir(join(folder, '..2026_01_01'));
    await writeFile(join(folder, '..2026_01_01/key'), 'the-key');
    await chmod(join(folder, '..2026_01_01/key'), 0o644);
    await symlink('..2026_01_01', join(folder, '..data'));
    await symlink('..data/key', join(folder, 'key'));
    const file = await written('elasticsearch: {api_key_file: key}');
    expect(await problemsOf(file)).toEqual([expect.stringContaining('warning: key is world-readable')]);
    expect((await loaded(file)).secrets.map((one) => one.reveal())).toEqual(['the-key']);
  });

  test.each([
    ['a list', '- a', 'expected a mapping, got a list'],
    ['a text', 'hello', 'expected a mapping, got a text'],
    ['two documents', 'namespace: a\n---\nnamespace: b', 'expected one document'],
    ['many unknown keys', Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join('\n'), 'got a mapping with other keys'],
    ['a prototype', 'namespace: a\n__proto__: {a: 1}', 'unknown key'],
  ])('%s', async (_name, text, message) => {
    const problems = await problemsOf(await written(text));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).toContain(message);
  });

  test.each(HOSTILE_YAML)('%s, refused in bounded time', async (_name, text, said) => {
    const problems = await problemsOf(await written(text()));
    expect(problems[0]).toContain(said);
    expect(problems.length).toBeLessThanOrEqual(100);
  });
});

test('the logs of traces are looked for where Agent, APM Server and the OpenTelemetry Collector write them, unless told otherwise', async () => {
  expect((await loaded(undefined, {})).traceLogs).toEqual(TRACE_LOGS);
  const off = await loaded(await written('evidence: { trace_logs: { enabled: false } }\n'));
  expect(off.traceLogs).toEqual({ ...TRACE_LOGS, enabled: false });
});

test('a heartbeat need only say where it goes; without the section there is none', async () => {
  const config = await loaded(await written('heartbeat: { url: https://hc.example.com/ping/1 }\n'));
  expect(config.heartbeat).toMatchObject({ every: 60_000, method: 'POST', timeout: 10_000 });
  expect(await loaded(undefined, {})).not.toHaveProperty('heartbeat');
});

describe('a noise digest', () => {
  const RECEIVERS = 'receivers: [{ name: team, console_configs: [{}] }]\nroute: { receiver: team }\n';

  test('is sent on Mondays at eight unless it says otherwise', async () => {
    const config = await loaded(await written(`${RECEIVERS}noise_digest: { receiver: team }\n`));
    expect(config.noiseDigest).toEqual({ receiver: 'team', schedule: { kind: 'cron', pattern: '0 8 * * 1', timezone: 'UTC' } });
    const daily = await loaded(
      await written(`${RECEIVERS}noise_digest: { receiver: team, schedule: '30 7 * * *', timezone: Europe/Berlin }\n`),
    );
    expect(daily.noiseDigest?.schedule).toEqual({ kind: 'cron', pattern: '30 7 * * *', timezone: 'Europe/Berlin' });
    expect(await loaded(undefined, {})).not.toHaveProperty('noiseDigest');
  });

  test.each([
    ['{ receiver: teem }', /unknown receiver "teem".*did you mean team/],
    ['{ receiver: team, schedule: "Mon 08:00" }', /such as 0 8 \* \* 1/],
    ['{ receiver: team, timezone: Mars }', /Mars.*time zone.*Europe\/Berlin/],
    ['{ schedule: "0 8 * * 1" }', /the key "receiver" is missing/],
    ['{ receiver: team, days: 7 }', /unknown key "days"/],
  ])('%s is refused, with what to write', async (text, message) => {
    const { problems } = await loadConfig(await written(`${RECEIVERS}noise_digest: ${text}\n`), {});
    expect(problems.map(formatProblem).join('\n')).toMatch(message);
  });
});
