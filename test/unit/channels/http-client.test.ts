import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { type HttpConfig, PLAIN_HTTP } from '../../../src/channels/http-client/config.ts';
import { channelFetch, machineOf } from '../../../src/channels/http-client/fetch.ts';
import { proxiesOf, proxyFor, proxyLogin } from '../../../src/channels/http-client/proxy.ts';
import { httpSender, sendOnce, withConfigured } from '../../../src/channels/http-client/send.ts';
import { probeUrl } from '../../../src/channels/probe-url.ts';
import { secret } from '../../../src/core/secret.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../support/certificate.ts';
import { startHttpRecorder } from '../../support/http-recorder.ts';
import { AT } from './samples.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const within = () => AbortSignal.timeout(10_000);

/** A forward proxy that notes the targets it is asked for; with a login it wants one. */
async function startProxy(login?: string) {
  const targets: string[] = [];
  const open = new Set<Socket>();
  const server = createHttpServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    open.add(client);
    client.on('error', () => undefined);
    const given = request.headers['proxy-authorization'];
    if (login !== undefined && given !== `Basic ${Buffer.from(login).toString('base64')}`) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    targets.push(request.url ?? '');
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    open.add(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, targets };
}

/** An HTTPS server with the certificate of the tests; `mutual`: it wants one of the client too. */
async function startHttps(mutual = false) {
  const server = createHttpsServer(
    { cert: TEST_CERTIFICATE, key: TEST_KEY, requestCert: mutual, rejectUnauthorized: mutual, ca: TEST_CERTIFICATE },
    (_request, response) => response.end('ok'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

function post(url: string, http: Partial<HttpConfig> = {}, environment = {}) {
  const io = { fetch: channelFetch(environment), now: AT };
  const sender = httpSender({ ...PLAIN_HTTP, ...http }, [secret(url)], io, within());
  return sendOnce(sender, { url, json: { hello: 'world' } });
}

describe('a proxy', () => {
  it('of http_config, and of the environment, is what a request goes through', async () => {
    await using server = await startHttpRecorder();
    const proxy = await startProxy();
    expect(await post(`${server.url}/x`, { proxy: secret(proxy.url) })).toEqual({ kind: 'delivered' });
    expect(await post(`${server.url}/x`, {}, { http: proxy.url })).toEqual({ kind: 'delivered' });
    expect(proxy.targets).toEqual([new URL(server.url).host, new URL(server.url).host]);
    expect(server.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Tocsin' });
    expect(server.requests.map(({ body }) => body)).toEqual(['{"hello":"world"}', '{"hello":"world"}']);
  });

  it('gets the login of its URL; without it the message is tried again, and no password is shown', async () => {
    await using server = await startHttpRecorder();
    const proxy = await startProxy('us er:p@ss-w0rd');
    const { host } = new URL(proxy.url);
    expect(await post(server.url, { proxy: secret(`http://us%20er:p%40ss-w0rd@${host}`) })).toEqual({ kind: 'delivered' });
    const refused = await post(server.url, {
      proxy: secret(`http://user:wr0ng-passw0rd@${host}`),
      secrets: [secret('wr0ng-passw0rd')],
    });
    expect(refused).toMatchObject({ kind: 'retry', reason: { kind: 'network', text: expect.stringContaining('407') } });
    expect(JSON.stringify(refused)).not.toContain('wr0ng');
  });

  it('that is not there is tried again', async () => {
    expect(await post('http://127.0.0.1:8089/x', { proxy: secret('http://127.0.0.1:1') })).toMatchObject({ kind: 'retry' });
  });

  it('is what is looked at, where there is one', async () => {
    await using server = await startHttpRecorder();
    const proxy = await startProxy();
    const { host } = new URL(server.url);
    const looked = await probeUrl({ url: secret(server.url) }, within(), { proxies: { http: proxy.url } });
    expect(looked).toEqual({ ok: true, what: `${host} through the proxy ${new URL(proxy.url).host} can be reached` });
    expect(server.requests).toEqual([]);
    const closed = await startProxy('a:b');
    expect(await probeUrl({ url: secret(server.url) }, within(), { proxies: { http: closed.url } })).toMatchObject({
      ok: false,
      reason: { kind: 'unauthorized' },
    });
  });
});

test('the login of a proxy is decoded, or taken as it is written', () => {
  const login = (url: string) => Buffer.from((proxyLogin(new URL(url)) ?? '').replace('Basic ', ''), 'base64').toString();
  expect(login('http://a:b%40c@proxy')).toBe('a:b@c');
  expect(login('http://a:100%@proxy')).toBe('a:100%');
  expect(proxyLogin(new URL('http://proxy'))).toBeUndefined();
});

describe('which proxy a URL is reached by', () => {
  const environment = { https: 'http://proxy.example.com:3128', http: 'http://plain.example.com:3128' };
  const through = (url: string, http: Partial<HttpConfig> = {}, no?: string) =>
    proxyFor(new URL(url), { ...PLAIN_HTTP, ...http }, { ...environment, ...(no !== undefined && { no }) })?.host;

  test.each<[string, string | undefined, boolean]>([
    ['https://hooks.example.com/x', undefined, true],
    ['https://hooks.example.com/x', '*', false],
    ['https://hooks.example.com/x', 'example.com', false],
    ['https://hooks.example.com/x', '.example.com', false],
    ['https://hooks.example.com/x', '*.example.com', false],
    ['https://hooks.example.com/x', 'ooks.example.com', true],
    ['https://hooks.example.com/x', 'other.org, hooks.example.com:443', false],
    ['https://hooks.example.com/x', 'hooks.example.com:8443', true],
    ['https://HOOKS.example.com/x', 'hooks.EXAMPLE.com', false],
    ['https://10.1.2.3/x', '10.0.0.0/8', false],
    ['https://11.1.2.3/x', '10.0.0.0/8', true],
    ['https://10.1.2.3/x', '10.1.2.3', false],
    ['https://[2001:db8::1]/x', '2001:db8::/32', false],
    ['https://[2001:db8::1]/x', '2001:db8::1', false],
    ['https://10.1.2.3/x', '10.0.0.0/99', true],
    ['https://hooks.example.com/x', ' , ', true],
  ])('%s with NO_PROXY=%j', (url, no, proxied) => {
    expect(through(url, {}, no)).toBe(proxied ? 'proxy.example.com:3128' : undefined);
  });

  it('is that of the scheme, that of http_config first, and none where the environment is not to be used', () => {
    expect(through('http://hooks.example.com')).toBe('plain.example.com:3128');
    expect(through('https://hooks.example.com', { proxy: secret('http://own.example.com:1') }, '*')).toBe('own.example.com:1');
    expect(through('https://hooks.example.com', { proxy: secret('http://own.example.com:1'), noProxy: '*' })).toBeUndefined();
    expect(through('https://hooks.example.com', { proxyFromEnvironment: false })).toBeUndefined();
  });

  it('is read in either case, and not from what a web server sets', () => {
    expect(proxiesOf({ https_proxy: 'a', HTTPS_PROXY: 'b', HTTP_PROXY: 'c', NO_PROXY: ' ' })).toEqual({ https: 'a', http: 'c' });
    expect(proxiesOf({ REQUEST_METHOD: 'GET', HTTP_PROXY: 'evil' })).toEqual({});
  });

  it('without a scheme is an HTTP proxy, and what is no proxy is none', () => {
    expect(proxyFor(new URL('https://a.example.com'), PLAIN_HTTP, { https: 'proxy:3128' })?.host).toBe('proxy:3128');
    expect(proxyFor(new URL('https://a.example.com'), PLAIN_HTTP, { https: 'socks5://proxy:1' })).toBeUndefined();
  });
});

describe('TLS of http_config', () => {
  it('trusts its own CA, and nobody without it', async () => {
    const url = await startHttps();
    expect(await post(url)).toMatchObject({ kind: 'retry', reason: { kind: 'tls' } });
    expect(await post(url, { tls: { ca: TEST_CERTIFICATE, verify: true } })).toEqual({ kind: 'delivered' });
    expect(await post(url, { tls: { verify: false } })).toEqual({ kind: 'delivered' });
  });

  it('wants the name that it is told', async () => {
    const url = await startHttps();
    const tls = { ca: TEST_CERTIFICATE, verify: true };
    expect(await post(url, { tls: { ...tls, serverName: 'localhost' } })).toEqual({ kind: 'delivered' });
    expect(await post(url, { tls: { ...tls, serverName: 'other.example.com' } })).toMatchObject({
      kind: 'retry',
      reason: { kind: 'tls' },
    });
  });

  it('shows a client certificate to a server that wants one, also when it looks only', async () => {
    const url = await startHttps(true);
    const tls = { ca: TEST_CERTIFICATE, verify: true };
    const client = { ...tls, cert: TEST_CERTIFICATE, key: secret(TEST_KEY) };
    expect(await post(url, { tls: client })).toEqual({ kind: 'delivered' });
    expect((await post(url, { tls })).kind).not.toBe('delivered');
    expect(await probeUrl({ url: secret(url), http: { ...PLAIN_HTTP, tls: client } }, within())).toMatchObject({ ok: true });
  });

  it('holds through a proxy too', async () => {
    const url = await startHttps();
    const proxy = await startProxy();
    const through = { proxy: secret(proxy.url) };
    expect(await post(url, { ...through, tls: { ca: TEST_CERTIFICATE, verify: true } })).toEqual({ kind: 'delivered' });
    expect((await post(url, through)).kind).not.toBe('delivered');
  });

  it('follows no redirect', async () => {
    await using server = await startHttpRecorder({ status: 302, headers: { location: 'http://127.0.0.1:9/' } });
    const proxy = await startProxy();
    expect(await post(server.url, { proxy: secret(proxy.url) })).toMatchObject({ kind: 'rejected', reason: { kind: 'config' } });
  });
});

test('the environment names the proxies and the programs that may be run', () => {
  const { proxies, programs } = machineOf({ https_proxy: 'http://proxy:3128', TOCSIN_ALLOW_EXEC: '/usr/bin/a:relative::/opt/b' });
  expect([proxies, [...(programs ?? [])]]).toEqual([{ https: 'http://proxy:3128' }, ['/usr/bin/a', '/opt/b']]);
  expect(machineOf({}).programs?.size).toBe(0);
});

test('headers of http_config replace those of the channel, and none breaks the line', async () => {
  const http: HttpConfig = {
    ...PLAIN_HTTP,
    authorization: secret('Bearer t'),
    headers: [
      ['User-Agent', secret('mine')],
      ['X-A', secret('1')],
      ['X-A', secret('2')],
    ],
  };
  expect(Object.fromEntries(withConfigured({ 'x-a': 'channel', authorization: 'channel' }, true, http))).toEqual({
    'user-agent': 'mine',
    'content-type': 'application/json',
    authorization: 'Bearer t',
    'x-a': '1, 2',
  });
  await using server = await startHttpRecorder();
  const torn = { headers: [['X-B', secret('a\r\nX-Evil: 1')] as const] };
  expect(await post(server.url, torn)).toMatchObject({ kind: 'rejected', reason: { kind: 'config' } });
  expect(server.requests).toEqual([]);
});
