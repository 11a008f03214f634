import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elasticsearchLine } from '../support/e2e/elasticsearch-line.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { startHttpRecorder } from '../support/http-recorder.ts';
import { type LogLine, startTocsin, type TocsinProcess } from '../support/service/tocsin-process.ts';

const STOP_WITHIN = 10_000;
const READY = (line: LogLine) => line.msg.includes('the state is accessible');

/** The address without the account it may carry. */
function cluster(): { readonly url: string; readonly host: string; readonly port: number } {
  const url = new URL(elasticsearchUrl());
  return { url: url.origin, host: url.hostname, port: Number(url.port) };
}

const config = (url: string, hook = 'http://127.0.0.1:9/') => `
namespace: ${uniquePrefix()}run
${elasticsearchLine(url)}
rules: rules.yaml
server: { port: 0 }
reload_interval: 1s
receivers: [{ name: hook, webhook_configs: [{ url: '${hook}' }] }]
`;

const rule = (index: string, name = 'boom') => `
name: ${name}
type: frequency
index: ${index}
every: 1s
delay: 0s
window: 5m
ignore_missing_index: true
condition: count >= 1
`;

async function addDocument(index: string): Promise<void> {
  const { url } = cluster();
  const { username, password } = new URL(elasticsearchUrl());
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  const answer = await fetch(`${url}/${index}/_doc?refresh=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(username !== '' && { authorization }) },
    body: JSON.stringify({ '@timestamp': new Date().toISOString(), message: 'boom' }),
  });
  if (!answer.ok) throw new Error(`${index}: HTTP ${answer.status}`);
}

async function addressOf(tocsin: TocsinProcess): Promise<string> {
  return String((await tocsin.line(({ msg }) => msg === 'tocsin is starting'))['address']);
}

/** Sends SIGTERM and gives how it ended and how long that took, ms. */
async function stop(tocsin: TocsinProcess): Promise<{ readonly end: number | NodeJS.Signals; readonly took: number }> {
  const began = performance.now();
  tocsin.kill('SIGTERM');
  const end = await tocsin.ended;
  return { end, took: performance.now() - began };
}

/** A TCP server on a free port that does what it is told with each connection. */
async function tcpServer(serve: (socket: Socket) => void, port = 0): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('tocsin run', () => {
  it('evaluates, tells, takes changed rules and stops in order within 10 s', async () => {
    await using hook = await startHttpRecorder();
    const index = `${uniquePrefix()}logs`;
    await using tocsin = await startTocsin({ 'tocsin.yaml': config(cluster().url, hook.url), 'rules.yaml': rule(index) });
    await tocsin.line(READY);
    await addDocument(index);
    await hook.received(1);
    expect(JSON.parse(hook.requests[0]?.body ?? '')).toMatchObject({ status: 'firing' });
    const address = await addressOf(tocsin);
    expect((await fetch(`${address}/-/ready`)).status).toBe(200);
    expect(await (await fetch(`${address}/metrics`)).text()).toContain('tocsin_store_up 1');

    // As a ConfigMap does it: the new file takes the old one's place at once.
    await writeFile(join(tocsin.folder, 'next'), `${rule(index)}---${rule(index, 'second')}`);
    await rename(join(tocsin.folder, 'next'), join(tocsin.folder, 'rules.yaml'));
    await tocsin.line(({ msg }) => msg === 'rules reloaded');
    await tocsin.line(({ msg, rule: named }) => msg === 'firing' && named === 'second');

    const { end, took } = await stop(tocsin);
    expect(end).toBe(0);
    expect(took).toBeLessThan(STOP_WITHIN);
    expect(tocsin.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(tocsin.other).toEqual([]);
  });

  it('starts without Elasticsearch, says so, and is ready when it appears', async () => {
    const { host, port } = cluster();
    const reserved = await tcpServer((socket) => socket.destroy());
    await reserved[Symbol.asyncDispose]();
    const files = { 'tocsin.yaml': config(`http://127.0.0.1:${reserved.port}`), 'rules.yaml': rule('logs-none') };
    await using tocsin = await startTocsin(files);
    const away = await tocsin.line(({ msg }) => msg.startsWith('the store does not answer'));
    expect(away['problem']).toContain('ECONNREFUSED');
    const address = await addressOf(tocsin);
    expect([(await fetch(`${address}/-/ready`)).status, (await fetch(`${address}/-/healthy`)).status]).toEqual([503, 200]);

    await using _elasticsearch = await tcpServer((socket) => {
      const behind = connect(port, host).on('error', () => socket.destroy());
      socket.pipe(behind).pipe(socket);
    }, reserved.port);
    await tocsin.line(READY);
    expect((await fetch(`${address}/-/ready`)).status).toBe(200);
    expect((await stop(tocsin)).end).toBe(0);
  });

  it('stops within 10 s although Elasticsearch never answers, and at once when notified twice', async () => {
    const asked: (() => void)[] = [];
    const firstQuestion = () => new Promise<void>((resolve) => void asked.push(resolve));
    await using silent = await tcpServer((socket) => void socket.on('data', () => asked.shift()?.()));
    const files = { 'tocsin.yaml': config(`http://127.0.0.1:${silent.port}`), 'rules.yaml': rule('logs-none') };
    for (const twice of [false, true]) {
      const question = firstQuestion();
      await using tocsin = await startTocsin(files);
      await question;
      if (twice) {
        tocsin.kill('SIGTERM');
        await tocsin.line(({ msg }) => msg.startsWith('stopping'));
      }
      const { end, took } = await stop(tocsin);
      expect(took).toBeLessThan(STOP_WITHIN);
      expect([0, 143]).toContain(end);
      if (!twice) expect(end).toBe(0);
    }
  });

  it('stops within 10 s although Elasticsearch has gone silent under its running turns', async () => {
    const { host, port } = cluster();
    let mute = false;
    let swallowed = () => {};
    const unanswered = new Promise<void>((resolve) => {
      swallowed = resolve;
    });
    await using proxy = await tcpServer((socket) => {
      const behind = connect(port, host).on('error', () => socket.destroy());
      socket.on('data', (data) => void (mute ? swallowed() : behind.write(data)));
      behind.on('data', (data) => void (mute || socket.write(data)));
      socket.on('close', () => behind.destroy());
    });
    const files = { 'tocsin.yaml': config(`http://127.0.0.1:${proxy.port}`), 'rules.yaml': rule('logs-none') };
    await using tocsin = await startTocsin(files);
    await tocsin.line(READY);
    mute = true;
    await unanswered;
    const { end, took } = await stop(tocsin);
    expect(end).toBe(0);
    expect(took).toBeLessThan(STOP_WITHIN);
  });

  it('does not start with a rule file that does not load when it is notified to be strict', async () => {
    const files = { 'tocsin.yaml': config(cluster().url), 'rules.yaml': rule('logs-none').replace('count', 'cuont') };
    await using tocsin = await startTocsin(files, ['--strict']);
    expect(await tocsin.ended).toBe(2);
    expect(tocsin.lines.at(-1)?.msg).toContain('--strict');
  });

  it('evaluates once and ends with --once', async () => {
    await using hook = await startHttpRecorder();
    const index = `${uniquePrefix()}logs`;
    await addDocument(index);
    await using tocsin = await startTocsin({ 'tocsin.yaml': config(cluster().url, hook.url), 'rules.yaml': rule(index) }, [
      '--once',
    ]);
    expect(await tocsin.ended).toBe(0);
    expect(hook.requests).toHaveLength(1);
  });
});
