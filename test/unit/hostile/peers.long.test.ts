import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../../src/backends/elasticsearch/client.ts';
import type { Outcome } from '../../../src/channels/channel.ts';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { webhookChannel } from '../../../src/channels/webhook/webhook.ts';
import { secret } from '../../../src/core/secret.ts';
import { onRequest, type Peer, pour, startPeer } from '../../support/hostile/peer.ts';
import { AT, sampleMessage } from '../channels/samples.ts';

const io = { fetch, print: () => undefined, now: AT };
const MEBIBYTE = 'a'.repeat(1_048_576);
/** 64 MiB of blanks in 64 KiB. */
const BOMB = gzipSync(Buffer.alloc(64 * 1_048_576, 32));

/** What an attempt gave, how long it took and by how much the memory grew. */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly took: number; readonly grown: number }> {
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const value = await work();
  return { value, took: performance.now() - began, grown: process.memoryUsage().rss - before };
}

function viaHttp(kind: 'slack' | 'webhook', { port }: Peer, wait: number): Promise<Outcome> {
  const signal = AbortSignal.timeout(wait);
  const url = secret(`http://127.0.0.1:${port}/hook`);
  if (kind === 'slack') {
    const options = slackChannel.read({ api_url: url });
    return slackChannel.send(slackChannel.render(sampleMessage(), undefined, options), options, io, signal);
  }
  const options = webhookChannel.read({ url });
  return webhookChannel.send(webhookChannel.render(sampleMessage(), undefined, options), options, io, signal);
}

const HTTP: readonly (readonly [name: string, answer: (socket: Socket) => void, kind: Outcome['kind'], wait: number])[] = [
  [
    'a body of gigabytes',
    (socket) => {
      socket.write('HTTP/1.1 500 no\r\n\r\n');
      pour(socket, MEBIBYTE);
    },
    'retry',
    10_000,
  ],
  [
    'a body of gigabytes as a success',
    (socket) => {
      socket.write('HTTP/1.1 200 ok\r\n\r\n');
      pour(socket, MEBIBYTE);
    },
    'delivered',
    10_000,
  ],
  [
    'a bomb of gzip',
    (socket) =>
      socket.end(
        Buffer.concat([Buffer.from(`HTTP/1.1 500 no\r\ncontent-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`), BOMB]),
      ),
    'retry',
    10_000,
  ],
  [
    'headers of megabytes',
    (socket) => {
      socket.write('HTTP/1.1 200 ok\r\nx: ');
      pour(socket, MEBIBYTE);
    },
    'unknown',
    10_000,
  ],
  [
    'headers without end',
    (socket) => {
      socket.write('HTTP/1.1 200 ok\r\n');
      pour(socket, 'x: y\r\n'.repeat(1_000));
    },
    'unknown',
    10_000,
  ],
  ['no HTTP at all', (socket) => pour(socket, MEBIBYTE), 'unknown', 10_000],
  ['a status a byte at a time', (socket) => drip(socket, 'HTTP/1.1 200 ok'), 'unknown', 300],
];

/** A byte at a time, and never the last one. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ' '), 20);
  socket.on('close', () => clearInterval(timer));
}

describe.each(['slack', 'webhook'] as const)('the %s channel is held up or filled up by nobody', (kind) => {
  test.each(HTTP)('%s', async (_name, answer, expected, wait) => {
    await using peer = await startPeer((socket) => onRequest(socket, () => answer(socket)));
    const { value, took, grown } = await measured(() => viaHttp(kind, peer, wait));
    expect(value.kind).toBe(expected);
    expect(took).toBeLessThan(12_000);
    expect(grown).toBeLessThan(256 * 1_048_576);
  });

  test.each([301, 302, 303, 307, 308])('a redirect (%i) leads nowhere: nobody else is asked', async (status) => {
    await using inner = await startPeer((socket) =>
      onRequest(socket, () => socket.end('HTTP/1.1 200 ok\r\ncontent-length: 2\r\n\r\nok')),
    );
    const location = `http://127.0.0.1:${inner.port}/latest/meta-data`;
    await using peer = await startPeer((socket) =>
      onRequest(socket, () => socket.end(`HTTP/1.1 ${status} there\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`)),
    );
    expect(await viaHttp(kind, peer, 5_000)).toMatchObject({ kind: 'rejected', reason: { kind: 'config' } });
    expect(inner.connections()).toBe(0);
  });
});

const SMTP: readonly (readonly [name: string, treat: (socket: Socket) => void, wait: number])[] = [
  ['greets with a line that never ends', (socket) => pour(socket, MEBIBYTE), 10_000],
  ['greets with lines that never end', (socket) => pour(socket, '220-welcome\r\n'.repeat(50_000)), 10_000],
  ['answers more often than it is asked', (socket) => pour(socket, '250 ok\r\n'.repeat(100)), 10_000],
  ['greets a byte at a time', (socket) => drip(socket, '220 '), 300],
  [
    'answers EHLO for ever',
    (socket) => {
      socket.write('220 hi\r\n');
      socket.once('data', () => pour(socket, `250-${'A'.repeat(1_000)}\r\n`.repeat(100)));
    },
    10_000,
  ],
];

describe('an SMTP server', () => {
  test.each(SMTP)('that %s does not hold up or fill up Tocsin', async (_name, treat, wait) => {
    await using peer = await startPeer(treat);
    const options = emailChannel.read({
      smarthost: `127.0.0.1:${peer.port}`,
      require_tls: false,
      from: 'a@example.com',
      to: 'b@example.com',
    });
    const payload = emailChannel.render(sampleMessage(), undefined, options);
    const { value, took, grown } = await measured(() => emailChannel.send(payload, options, io, AbortSignal.timeout(wait)));
    expect(['retry', 'unknown', 'rejected']).toContain(value.kind);
    expect(JSON.stringify(value).length).toBeLessThan(1_000);
    expect(took).toBeLessThan(12_000);
    expect(grown).toBeLessThan(256 * 1_048_576);
  });
});

describe('an Elasticsearch', () => {
  const ok = (headers: string) =>
    `HTTP/1.1 200 OK\r\nx-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n${headers}\r\n`;
  test.each<readonly [string, (socket: Socket) => void, string, number]>([
    [
      'answers with a gigabyte',
      (socket) => {
        socket.write(ok(''));
        pour(socket, MEBIBYTE);
      },
      'oversized',
      10_000,
    ],
    [
      'answers with a bomb of gzip',
      (socket) => {
        socket.write(ok('content-encoding: gzip\r\n'));
        pour(socket, BOMB);
      },
      'oversized',
      10_000,
    ],
    [
      'answers with half a gzip',
      (socket) => socket.end(`${ok('content-encoding: gzip\r\ncontent-length: 3\r\n')}\u001f`),
      'unreachable',
      5_000,
    ],
    [
      'answers with the page of a proxy',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>'),
      'garbled',
      5_000,
    ],
    ['answers with no JSON', (socket) => socket.end(`${ok('content-length: 3\r\n')}no!`), 'garbled', 5_000],
    [
      'drips',
      (socket) => {
        socket.write(ok(''));
        drip(socket, ' ');
      },
      'timeout',
      300,
    ],
    [
      'has headers of megabytes',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx: ');
        pour(socket, MEBIBYTE);
      },
      'unreachable',
      5_000,
    ],
    [
      'redirects',
      (socket) =>
        socket.end(
          'HTTP/1.1 302 x\r\nx-elastic-product: Elasticsearch\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
        ),
      'answered',
      5_000,
    ],
  ])('that %s is a problem of one request, in bounded time and memory', async (_name, answer, kind, timeout) => {
    await using peer = await startPeer((socket) => onRequest(socket, () => answer(socket)));
    const client = createClient({
      urls: [`http://127.0.0.1:${peer.port}`],
      auth: { kind: 'none' },
      verifyCertificate: true,
      compression: true,
      requestTimeout: timeout,
    });
    const { value, took, grown } = await measured(() => client.send({ method: 'GET', path: '/', timeout, repeatable: false }));
    await client.close();
    expect(value.kind).toBe(kind);
    if (value.kind === 'answered') expect(value.status).toBe(302);
    else expect(value.message.length).toBeLessThan(1_000);
    expect(took).toBeLessThan(12_000);
    expect(grown).toBeLessThan(512 * 1_048_576);
  });
});
