import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { PLAIN_HTTP } from '../../../src/channels/http-client/config.ts';
import { placeOf, reach } from '../../../src/channels/reach.ts';
import { channels } from '../../../src/channels/registry.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { webhookChannel } from '../../../src/channels/webhook/webhook.ts';
import { secret } from '../../../src/core/secret.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/certificate.ts';
import { startHttpRecorder } from '../../support/http-recorder.ts';
import { startSmtpServer } from '../../support/smtp-server.ts';

const within = (ms = 10_000) => AbortSignal.timeout(ms);
const LOGIN = { username: 'tocsin', password: 'very-secret-password' };

function mail(port: number, given: Readonly<Record<string, unknown>> = {}) {
  const keys = { smarthost: `127.0.0.1:${port}`, from: 'a@example.com', to: 'b@example.com', require_tls: false, ...given };
  return emailChannel.read(keys);
}
const probe = (options: ReturnType<typeof mail>, signal = within()) => emailChannel.probe?.(options, signal);

describe('looking at an SMTP server', () => {
  it('greets it and logs in over TLS, and sends nothing', async () => {
    await using server = await startSmtpServer({ tls: 'starttls', login: LOGIN });
    const auth = { auth_username: LOGIN.username, auth_password: secret(LOGIN.password) };
    const options = mail(server.port, { ...auth, require_tls: true, ca: TEST_CERTIFICATE, verify_certificate: false });
    expect(await probe(options)).toEqual({ ok: true, what: `127.0.0.1:${server.port} greets over TLS and accepts the login` });
    expect(server.mails).toEqual([]);
  });

  it('says that it is not encrypted where it is not', async () => {
    await using server = await startSmtpServer();
    expect(await probe(mail(server.port))).toEqual({ ok: true, what: `127.0.0.1:${server.port} greets without TLS` });
  });

  it('says what it refuses, and no password', async () => {
    await using server = await startSmtpServer({ login: LOGIN });
    const wrong = secret('wrong-password');
    const probed = await probe(mail(server.port, { auth_username: LOGIN.username, auth_password: wrong }));
    expect(probed).toMatchObject({ ok: false, reason: { kind: 'unauthorized' } });
    expect(JSON.stringify(probed)).not.toContain('wrong-password');
  });

  it('insists on TLS where the options do', async () => {
    await using server = await startSmtpServer();
    expect(await probe(mail(server.port, { require_tls: true }))).toMatchObject({ ok: false, reason: { kind: 'tls' } });
  });

  it('does not trust a certificate that nobody knows', async () => {
    await using server = await startSmtpServer({ tls: 'implicit' });
    expect(await probe(mail(server.port, { implicit_tls: true }))).toMatchObject({ ok: false, reason: { kind: 'tls' } });
  });

  it('ends with its signal, whatever the server does not say', async () => {
    const mute = createTcpServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const controller = new AbortController();
    mute.once('connection', () => controller.abort());
    expect(await probe(mail(port), controller.signal)).toMatchObject({ ok: false, reason: { kind: 'timeout' } });
    mute.close();
  });
});

describe('looking at the host of a URL', () => {
  test.each([
    [
      'slack',
      (url: string) => slackChannel.probe?.({ http: PLAIN_HTTP, url: secret(`${url}/services/T0/very-secret-token`) }, within()),
    ],
    [
      'webhook',
      (url: string) =>
        webhookChannel.probe?.(
          { http: PLAIN_HTTP, url: secret(`${url}/very-secret-token`), signingSecret: undefined, bearerToken: undefined },
          within(),
        ),
    ],
  ])('of %s asks the server as a whole whether it is there, and keeps the path to itself', async (_name, look) => {
    await using server = await startHttpRecorder();
    const probed = await look(server.url);
    expect(probed).toEqual({ ok: true, what: `${new URL(server.url).host} answers without TLS` });
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['OPTIONS *']);
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['another protocol', (socket) => void socket.end('220 mail.example.com ESMTP\r\n'), 'it said "220 mail.example.com ESMTP"'],
    ['nothing, and hangs up', (socket) => void socket.end(), 'it closed the connection'],
  ])('that speaks %s is no HTTP server', async (_name, answer, said) => {
    const server = createTcpServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const probed = await slackChannel.probe?.({ http: PLAIN_HTTP, url: secret(`http://127.0.0.1:${port}/x`) }, within());
    server.close();
    const text = `127.0.0.1:${port} does not speak HTTP: ${said}`;
    expect(probed).toEqual({ ok: false, reason: { kind: 'network', text } });
  });

  it('that is not there says why', async () => {
    const server = await startHttpRecorder();
    await server.close();
    const probed = await slackChannel.probe?.(
      { http: PLAIN_HTTP, url: secret(`${server.url}/services/very-secret-token`) },
      within(),
    );
    expect(probed).toMatchObject({ ok: false, reason: { kind: 'network' } });
    expect(JSON.stringify(probed)).not.toContain('very-secret-token');
  });

  describe('over TLS', () => {
    const server = createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE });
    server.on('tlsClientError', () => undefined);
    let port = 0;
    beforeAll(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    });
    afterAll(() => void server.close());

    it('tells until when its certificate is valid', async () => {
      const reached = await reach({ host: '127.0.0.1', port, tls: true, verify: false }, within());
      expect(reached).toMatchObject({ ok: true, value: { tls: 'TLSv1.3', validTo: expect.any(Number) } });
    });

    it('is refused when nobody knows its certificate', async () => {
      expect(await reach({ host: '127.0.0.1', port, tls: true }, within())).toMatchObject({ ok: false, reason: { kind: 'tls' } });
    });

    it('is known for an error by who speaks no TLS to it', async () => {
      expect(await reach({ host: '127.0.0.1', port, tls: false }, within())).toMatchObject({ ok: true });
    });
  });

  test.each([
    ['https://hooks.example.com/a', { host: 'hooks.example.com', port: 443, tls: true }],
    ['http://hooks.example.com/a', { host: 'hooks.example.com', port: 80, tls: false }],
    ['https://[::1]:8443/a', { host: '::1', port: 8443, tls: true }],
  ])('%s leads to a host and a port', (url, place) => expect(placeOf(new URL(url))).toEqual(place));

  it('is something that every channel does that sends over a network', () => {
    expect(Object.values(channels).flatMap(({ name, probe: look }) => (look === undefined ? [name] : []))).toEqual([
      'exec',
      'console',
    ]);
  });
});
