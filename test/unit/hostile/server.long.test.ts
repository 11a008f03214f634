import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer, type Server } from '../../../src/server/server.ts';
import { alertmanagerPorts } from '../../support/server/alertmanager-ports.ts';
import { quietStatus } from '../../support/server/quiet-status.ts';
import { webPorts } from '../../support/server/web-ports.ts';

const STATUS = quietStatus({ now: 60_000 });

const NO_ALERTS = { now: 0, namespace: 'shop', rules: 0, matchers: [], alerts: [], unreadable: [] };

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer({
    status: () => STATUS,
    alerts: async () => ({ report: NO_ALERTS }),
    healthy: () => STATUS.healthy,
    metrics: createMetrics(() => STATUS),
    alertmanager: alertmanagerPorts().ports,
    web: webPorts(),
  });
  port = Number(new URL(await server.listen('127.0.0.1', 0)).port);
});
afterAll(() => server.close());

/** The first bytes that the server answers to some; empty when it only hangs up. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(request);
  const [chunk] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as [Buffer | string];
  socket.destroy();
  return chunk.toString();
}

const HOST = 'Host: tocsin\r\n';

describe('a request of bad will', () => {
  it.each<[string, string, RegExp]>([
    ['a path out of the folder', `GET /../../etc/passwd HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404/],
    ['the same in disguise', `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 404/],
    ['a path that cannot be read', `GET /%zz HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 400/],
    ['a header of a megabyte', `GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(1_048_576)}\r\n\r\n`, /^(HTTP\/1\.1 431|$)/],
    ['ten thousand headers', `GET / HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(10_000)}\r\n`, /^(HTTP\/1\.1 431|$)/],
    [
      'two lengths',
      `GET / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400/,
    ],
    ['a body where none is taken', `POST / HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nsome body`, /^HTTP\/1\.1 404/],
    ['an order to connect elsewhere', `CONNECT 169.254.169.254:80 HTTP/1.1\r\n${HOST}\r\n`, /^$/],
    ['another protocol', `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, /^HTTP\/1\.1 200/],
    ['a method that nobody knows', `FOO / HTTP/1.1\r\n${HOST}\r\n`, /^HTTP\/1\.1 400/],
    ['an echo', `TRACE / HTTP/1.1\r\n${HOST}X: secret\r\n\r\n`, /^HTTP\/1\.1 404(?![\s\S]*secret)/],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    ['no HTTP', `${'\u0000'.repeat(1_000)}\r\n\r\n`, /^(HTTP\/1\.1 400|$)/],
  ])('%s', async (_name, request, answer) => {
    expect(await answerTo(request)).toMatch(answer);
    expect(await answerTo(`GET /-/healthy HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200/);
  });
});

describe('slow clients', () => {
  it('get no more than 600 connections of the process, and others are served as soon as one is free', async () => {
    const sockets: Socket[] = [];
    let closed = 0;
    const all = 640;
    const dropped = new Promise<void>((resolve) => {
      for (let i = 0; i < all; i++) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.on('close', () => {
          closed++;
          if (closed === all - 600) resolve();
        });
        socket.write(`GET / HTTP/1.1\r\n${HOST}X: `);
        sockets.push(socket);
      }
    });
    await dropped;
    const freed = sockets.filter((socket) => !socket.closed).slice(0, 10);
    expect(sockets.filter((socket) => !socket.closed)).toHaveLength(600);
    await Promise.all(
      freed.map((socket) => {
        socket.destroy();
        return once(socket, 'close');
      }),
    );
    // The server hears of it a moment later.
    let answer = '';
    while (answer === '') answer = await answerTo(`GET /-/healthy HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    for (const socket of sockets) socket.destroy();
  });
});
