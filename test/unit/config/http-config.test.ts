import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpConfig } from '../../../src/channels/http-client/config.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/core/problems.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/certificate.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-http-config-'));
  await writeFile(join(folder, 'ca.pem'), TEST_CERTIFICATE);
  await writeFile(join(folder, 'key.pem'), TEST_KEY, { mode: 0o600 });
  await writeFile(join(folder, 'password'), 'p4ssword-in-a-file\n', { mode: 0o600 });
  await writeFile(join(folder, 'no.pem'), 'not a certificate');
});
afterAll(() => rm(folder, { recursive: true }));

async function load(entry: string) {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, `receivers:\n  - name: a\n    webhook_configs:\n      - url: https://hooks.example.com/x\n${entry}\n`);
  const checked = await loadConfig(file, {});
  return { checked, lines: checked.problems.map((problem) => formatProblem(problem).replace(`${file}:`, '')) };
}

async function destination(entry: string) {
  const { checked, lines } = await load(entry);
  if (!checked.ok) throw new Error(lines.join('\n'));
  const found = checked.value.destinations.get('a/webhook/0');
  if (found === undefined) throw new Error('no destination');
  return { ...found, http: (found.options as { readonly http: HttpConfig }).http, config: checked.value as Config };
}

describe('http_config', () => {
  it('reads a login from a file, TLS files, a proxy and headers', async () => {
    const { http, config } = await destination(`        http_config:
          basic_auth: { username: tocsin, password_file: password }
          tls_config: { ca_file: ca.pem, cert_file: ca.pem, key_file: key.pem, server_name: other.example.com }
          proxy_url: http://user:pr0xy-password@proxy.example.com:3128
          no_proxy: localhost
          http_headers: { X-Scope-OrgID: { values: [shop], secrets: [s3cret-value], files: [password] } }`);
    expect(http.authorization?.reveal()).toBe(`Basic ${Buffer.from('tocsin:p4ssword-in-a-file').toString('base64')}`);
    expect(http.tls).toMatchObject({
      ca: TEST_CERTIFICATE,
      cert: TEST_CERTIFICATE,
      serverName: 'other.example.com',
      verify: true,
    });
    expect(http.headers.map(([name, value]) => [name, value.reveal()])).toEqual([
      ['X-Scope-OrgID', 'shop'],
      ['X-Scope-OrgID', 's3cret-value'],
      ['X-Scope-OrgID', 'p4ssword-in-a-file'],
    ]);
    expect(http.proxy?.reveal()).toContain('pr0xy-password');
    const shown = JSON.stringify(http);
    for (const hidden of ['p4ssword', 's3cret-value', 'pr0xy-password', 'PRIVATE KEY']) expect(shown).not.toContain(hidden);
    expect(config.secrets.map((one) => one.reveal())).toEqual(
      expect.arrayContaining(['p4ssword-in-a-file', 's3cret-value', 'http://user:pr0xy-password@proxy.example.com:3128']),
    );
  });

  it('reads another kind of authorization', async () => {
    const { http } = await destination('        http_config: { authorization: { type: Token, credentials: abcdef } }');
    expect(http.authorization?.reveal()).toBe('Token abcdef');
    expect(
      (await destination('        http_config: { authorization: { credentials_file: password } }')).http.authorization?.reveal(),
    ).toBe('Bearer p4ssword-in-a-file');
  });

  it.each([
    ['basic_auth: { username: a, password: b }, authorization: { credentials: c }', /exclude each other/],
    ['authorization: { type: Bearer }', /credentials/],
    ['tls_config: { cert_file: ca.pem }', /a cert needs a key beside it/],
    ['tls_config: { ca_file: no.pem }', /ca holds no PEM certificate/],
    ['tls_config: { ca_file: absent.pem }', /absent\.pem: no such file/],
    ['tls_config: { cert_file: no.pem, key_file: key.pem }', /use PEM files/],
    ['proxy_url: socks5://proxy.example.com', /not an http or https URL/],
    ['http_headers: { Authorization: { values: [x] } }', /this header cannot be set/],
    ['http_headers: { "X Y": { values: [x] } }', /this header cannot be set/],
    ['oauth2: {}', /use authorization or basic_auth/],
    ['bearer_token: very-secret-token', /authorization: \{ credentials_file \}/],
    ['follow_redirects: true', /redirects are never followed/],
  ])('%s is a problem that says what to do', async (keys, expected) => {
    const { checked, lines } = await load(`        http_config: { ${keys} }`);
    expect(checked.ok).toBe(false);
    expect(lines.join('\n')).toMatch(expected);
    expect(lines.join('\n')).not.toContain('very-secret-token');
  });
});

it.each([
  ['pagerduty_configs: [{ service_key: x }]', /routing_key_file/],
  ['pushover_configs: [{ token: x, user_key: y, priority: 2 }]', /follows from the severity/],
  ['googlechat_configs: [{ url: x }]', /google_chat_configs/],
])('%s, as Alertmanager has it, gets a hint', async (keys, expected) => {
  const { lines } = await load(`    ${keys}`);
  expect(lines.join('\n')).toMatch(expected);
});

describe('keys that every destination has', () => {
  it('are read apart from the options of the channel', async () => {
    const { sendResolved, rate, timeout, options } = await destination(
      '        send_resolved: false\n        rate_limit: 30/1m\n        timeout: 5s',
    );
    expect({ sendResolved, rate, timeout }).toEqual({ sendResolved: false, rate: { count: 30, per: 60_000 }, timeout: 5_000 });
    expect(Object.keys(options as object)).not.toContain('rate_limit');
  });

  it('have defaults that change nothing', async () => {
    const { sendResolved, rate, timeout } = await destination('        send_resolved: true');
    expect({ sendResolved, rate, timeout }).toEqual({ sendResolved: undefined, rate: undefined, timeout: undefined });
  });

  it.each([
    ['rate_limit: 30', /rate_limit/],
    ['rate_limit: 0/1m', /rate_limit/],
    ['rate_limit: 5/10ms', /at least one second/],
    ['timeout: 10ms', /at least 1s/],
  ])('%s is a problem', async (keys, expected) => {
    const { checked, lines } = await load(`        ${keys}`);
    expect(checked.ok).toBe(false);
    expect(lines.join('\n')).toMatch(expected);
  });
});
