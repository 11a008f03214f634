import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { channels } from '../../../../src/channels/registry.ts';
import { receiverAdvice } from '../../../../src/cli/doctor/receiver-advice.ts';
import { advisedOf, destinationFindings } from '../../../../src/cli/doctor/receivers.ts';
import type { Config } from '../../../../src/config/config.ts';
import { own } from '../../../../src/core/record.ts';
import { secret } from '../../../../src/core/secret.ts';
import type { CheckResult } from '../../../../src/reports/doctor/doctor-report.ts';
import { channelWithOptions, DESTINATION_KEYS } from '../../../support/channel-options.ts';
import { startHttpRecorder } from '../../../support/http-recorder.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const lines = (results: readonly CheckResult[]) =>
  results.map(({ severity, subject, found }) => `${severity} ${subject}: ${found}`);

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A server that takes connections and says nothing. */
async function mute(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  open.push({ server, sockets });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const email = (port: number, more: object = {}) =>
  ['email', { smarthost: `127.0.0.1:${port}`, from: 'a@example.com', to: 'b@example.com', require_tls: false, ...more }] as const;
const webhook = (url: string) => ['webhook', { url: secret(url) }] as const;

function configOf(given: readonly (readonly [string, Readonly<Record<string, unknown>>])[]): Pick<Config, 'destinations'> {
  const destinations = given.map(([channel, keys], index) => {
    const id = `r/${channel}/${index}`;
    return [id, { id, receiver: 'r', channel, options: own(channels, channel)?.read(keys) }] as const;
  });
  return { destinations: new Map(destinations) };
}

const LIMIT = 2_500;
/** Long enough for a machine that is busy with other tests. */
const PLENTY = 30_000;
const examined = (given: Parameters<typeof configOf>[0], sendTest = true, limit = LIMIT) => {
  const context = { config: configOf(given) as Config, now: NOW, sendTest, fetch: globalThis.fetch };
  return destinationFindings(context, limit, new AbortController().signal);
};

describe('destinations of which one says nothing', () => {
  it('answer for themselves, get their test message, and of the silent one it is said what it did', async () => {
    await using server = await startHttpRecorder();
    const [silentMail, silentPort] = [await mute(), await mute()];
    const found = await examined([
      webhook(`${server.url}/hook`),
      email(silentMail),
      webhook(`http://127.0.0.1:${silentPort}/hook`),
    ]);
    const host = new URL(server.url).host;
    expect(lines(found)).toEqual([
      `good r/webhook/0: ${host} answers without TLS`,
      'good r/webhook/0: test: accepted; check that it arrived',
      `error r/email/1: no answer from 127.0.0.1:${silentMail} within 2.5 s`,
      `error r/email/1: test: was not accepted: no answer from 127.0.0.1:${silentMail} within 2.5 s; the mail was not sent`,
      `error r/webhook/2: no answer from 127.0.0.1:${silentPort} within 2.5 s`,
      `warning r/webhook/2: test: may have arrived: no answer from 127.0.0.1:${silentPort} within 2.5 s`,
    ]);
    expect(server.requests.filter(({ path }) => path === '/hook')).toHaveLength(1);
  });

  it('of every kind say what their vendor said, side by side', async () => {
    await using server = await startHttpRecorder(({ path }) =>
      path.startsWith('/v2/enqueue')
        ? { status: 202, body: '{"status":"success"}' }
        : path.startsWith('/v2/alerts')
          ? { status: 401, body: '{"message":"Could not authenticate"}' }
          : { status: 200, body: '{"id":"sPs71M8A2T","event":"message"}' },
    );
    const silent = await mute();
    const kinds = ['pagerduty', 'opsgenie', 'ntfy', 'discord'] as const;
    const given = kinds.map((name) => {
      const url = name === 'discord' ? `http://127.0.0.1:${silent}` : server.url;
      return [name, DESTINATION_KEYS[name]?.(url) ?? {}] as const;
    });
    const found = await examined(given);
    expect(lines(found.filter(({ subject }) => subject.endsWith('test')))).toEqual([
      'good r/pagerduty/0: test: accepted; check that it arrived',
      'error r/opsgenie/1: test: was not accepted: HTTP 401: {"message":"Could not authenticate"}',
      'good r/ntfy/2: test: accepted; check that it arrived',
      `warning r/discord/3: test: may have arrived: no answer from 127.0.0.1:${silent} within 2.5 s`,
    ]);
    expect(found.find(({ subject }) => subject === 'r/opsgenie/1: test')?.fix).toMatch(/^api_key_file: /);
  });

  it('are many, and Node has nothing to warn of', async () => {
    await using server = await startHttpRecorder();
    const warnings: string[] = [];
    const listen = (warning: Error) => void warnings.push(warning.name);
    process.on('warning', listen);
    const found = await examined(
      Array.from({ length: 15 }, () => webhook(`${server.url}/hook`)),
      true,
      PLENTY,
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(found.map(({ severity }) => severity)).toEqual(Array(30).fill('good'));
    expect(warnings).toEqual([]);
  });

  it('that answer a message with a login page are an error, with the next step', async () => {
    await using server = await startHttpRecorder({ status: 200, body: '<!DOCTYPE html><title>Sign in</title>' });
    const [, sent] = await examined([webhook(`${server.url}/hook`)], true, PLENTY);
    expect(sent).toMatchObject({
      severity: 'error',
      found: expect.stringMatching(/^was not accepted: answered 200 with a web page/),
      fix: expect.stringMatching(/^a web page answered.* check the address, and whether a proxy is needed/),
    });
  });

  it('speak no TLS where it is asked for', async () => {
    await using server = await startHttpRecorder();
    const { port } = new URL(server.url);
    const [https, mail] = await Promise.all([
      examined([webhook(`https://127.0.0.1:${port}/hook`)], false),
      examined([email(Number(port), { implicit_tls: true })], false),
    ]);
    expect([...https, ...mail].map(({ found, fix }) => [found, fix])).toEqual([
      [`127.0.0.1:${port} does not use TLS on this port`, 'use http:// instead of https://, or the TLS port of the server'],
      [
        `127.0.0.1:${port}: the server does not use implicit TLS: implicit_tls is for port 465; omit it for STARTTLS`,
        expect.stringContaining('implicit_tls: false'),
      ],
    ]);
  });
});

describe('advice about a destination', () => {
  const keysOf = (name: string) => {
    const [channel, way] = name.split(' ');
    const found = own(channels, channel ?? '');
    if (found === undefined) throw new Error(`no channel ${name}`);
    const app = { bot_token: secret('xoxb-1'), channel: 'C1' };
    const { options } = way === 'app' ? { options: found.read(app) } : channelWithOptions(name);
    return advisedOf({ channel: found, options }).keys;
  };

  test.each([
    ['email', 'tls', 'unable to verify the first certificate', /^ca(_file)?: /],
    ['webhook', 'tls', 'unable to verify the first certificate', /^http_config: \{ tls_config: \{ ca_file: /],
    ['pagerduty', 'unauthorized', 'HTTP 401', /^routing_key_file: /],
    ['discord', 'unauthorized', 'HTTP 401', /^create a new URL/],
    ['email', 'tls', 'certificate has expired', /^renew the certificate/],
    ['email', 'tls', "Hostname/IP does not match certificate's altnames", /^use the host name/],
    ['email', 'tls', 'STARTTLS: command not recognized', /^implicit_tls: true/],
    ['email', 'timeout', 'no answer', /implicit_tls: true$/],
    ['email', 'unauthorized', '535', /^auth_username and auth_password_file/],
    ['webhook', 'unauthorized', 'HTTP 401', /^bearer_token_file/],
    ['slack', 'unauthorized', 'HTTP 403', /^create a new URL/],
    ['slack app', 'unauthorized', 'invalid_auth', /^bot_token_file: /],
    ['discord', 'server_error', 'HTTP 502: <html><title>502 Bad Gateway</title></html>', /^check the response/],
    ['slack', 'not_found', 'HTTP 404: no_team', /^check the URL; .* create a new one/],
    ['webhook', 'not_found', 'HTTP 404', /^check the URL; /],
    ['slack app', 'not_found', 'channel_not_found', /^check .*channel: /],
    ['telegram', 'not_found', 'HTTP 404: Not Found', /^check api_url and bot_token_file: /],
    ['matrix', 'not_found', 'HTTP 404', /^check homeserver_url and room_id: /],
    ['github', 'not_found', 'HTTP 404', /^check api_url and repository: /],
    ['discord', 'client_error', 'answered 200 with a web page, which takes no messages: Sign in', /^a web page answered/],
    ['discord', 'client_error', 'answered 200, but not as Discord does: {}', /^check the response/],
  ] as const)('of %s after %s (%s) names only keys that it has', (channel, kind, text, expected) => {
    const keys = keysOf(channel);
    const advice = receiverAdvice({ kind, text }, { keys, implicitTls: false });
    expect(advice).toMatch(expected);
    for (const [, key] of advice.matchAll(/\b([a-z]+(?:_[a-z]+)+)\b/g))
      expect([...keys, ...(keys.has('http_config') ? ['tls_config', 'ca_file'] : [])]).toContain(key);
  });
});
