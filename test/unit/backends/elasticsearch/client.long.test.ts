import { X509Certificate } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../../../../src/backends/elasticsearch/client.ts';
import { serverInfo } from '../../../../src/backends/elasticsearch/server-info.ts';
import type { WireRequest } from '../../../../src/backends/elasticsearch/wire.ts';
import type { ElasticsearchConfig } from '../../../../src/config/config.ts';
import { secret } from '../../../../src/core/secret.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../support/certificate.ts';
import { testConfig } from '../../../support/elasticsearch-backend/config.ts';
import { asElasticsearch, fakeServer } from '../../../support/elasticsearch-backend/fake-server.ts';

const read: WireRequest = { method: 'POST', path: '/_msearch', lines: ['{}', '{"size":0}'], timeout: 5_000, repeatable: true };
const write: WireRequest = {
  method: 'POST',
  path: '/i/_bulk',
  lines: ['{"create":{}}', '{"a":1}'],
  timeout: 5_000,
  repeatable: false,
};

async function send(url: string, request: WireRequest, given: Partial<ElasticsearchConfig> = {}) {
  const client = createClient(testConfig(url, given));
  try {
    return await client.send(request);
  } finally {
    await client.close();
  }
}

function* zeros(megabytes: number): Generator<Buffer> {
  for (let i = 0; i < megabytes; i += 1) yield Buffer.alloc(1024 * 1024);
}

describe('a request to the cluster', () => {
  it.each([
    ['nobody', { kind: 'none' }, undefined],
    ['an API key', { kind: 'apiKey', apiKey: secret('a2V5') }, 'ApiKey a2V5'],
    [
      'a user',
      { kind: 'basic', username: 'ann', password: secret('pass') },
      `Basic ${Buffer.from('ann:pass').toString('base64')}`,
    ],
    ['a token', { kind: 'bearer', token: secret('token') }, 'Bearer token'],
  ] as const)('is sent by %s', async (_name, auth, header) => {
    await using server = await fakeServer((response) => asElasticsearch(response, { ok: true }));
    expect(await send(server.url, read, { auth })).toEqual({ kind: 'answered', status: 200, body: { ok: true } });
    expect(server.sent[0]?.headers.authorization).toBe(header);
  });

  it('is written in lines, and asks for the shapes of Elasticsearch 8', async () => {
    await using server = await fakeServer((response) => asElasticsearch(response, {}));
    await send(server.url, read);
    expect(server.sent[0]).toMatchObject({ method: 'POST', path: '/_msearch' });
    expect(server.sent[0]?.body.toString()).toBe('{}\n{"size":0}\n');
    expect(server.sent[0]?.headers['content-type']).toBe('application/vnd.elasticsearch+x-ndjson; compatible-with=8');
    expect(server.sent[0]?.headers.accept).toBe('application/vnd.elasticsearch+json; compatible-with=8');
  });

  it('goes below the path of its address, with its query', async () => {
    await using server = await fakeServer((response) => asElasticsearch(response, {}));
    await send(`${server.url}/search/`, {
      method: 'PUT',
      path: '/i',
      query: { timeout: '5s' },
      body: { a: 1 },
      timeout: 5_000,
      repeatable: false,
    });
    expect(server.sent[0]).toMatchObject({ method: 'PUT', path: '/search/i?timeout=5s' });
    expect(server.sent[0]?.body.toString()).toBe('{"a":1}');
  });

  it('is compressed where that is asked for, and so is its answer', async () => {
    await using server = await fakeServer((response) => {
      const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch', 'content-encoding': 'gzip' };
      response.writeHead(200, headers).end(gzipSync('{"packed":true}'));
    });
    expect(await send(server.url, read, { compression: true })).toMatchObject({ body: { packed: true } });
    expect(server.sent[0]?.headers['accept-encoding']).toBe('gzip');
    expect(server.sent[0]?.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(server.sent[0]?.body ?? Buffer.alloc(0)).toString()).toBe('{}\n{"size":0}\n');
  });

  it('that reads goes to another node when one is away', async () => {
    await using server = await fakeServer((response) => asElasticsearch(response, { ok: true }));
    const gone = await fakeServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    const replies = await Promise.all([1, 2, 3].map(() => send(server.url, read, { urls: [gone.url, server.url] })));
    expect(replies.map(({ kind }) => kind)).toEqual(['answered', 'answered', 'answered']);
  });
});

describe('a request that fails', () => {
  it('in the server’s own words is answered with its status', async () => {
    const error = { error: { type: 'security_exception', reason: 'no' }, status: 403 };
    await using server = await fakeServer((response) => asElasticsearch(response, error, 403));
    expect(await send(server.url, read)).toEqual({ kind: 'answered', status: 403, body: error });
  });

  it.each([
    ['that writes is sent once', write, 1],
    ['that reads is sent three times', read, 3],
  ] as const)('for a broken connection and %s', async (_name, request, times) => {
    await using server = await fakeServer((response) => response.destroy());
    expect(await send(server.url, request)).toMatchObject({ kind: 'unreachable' });
    expect(server.sent).toHaveLength(times);
  });

  it('for want of time says how long it waited', async () => {
    await using server = await fakeServer(() => undefined);
    expect(await send(server.url, { ...write, timeout: 40 })).toEqual({
      kind: 'timeout',
      message: 'POST /i/_bulk: no answer within 40 ms',
    });
  });

  it('for want of time in the middle of an answer is a timeout too', async () => {
    await using server = await fakeServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }).write('{"a":');
    });
    expect(await send(server.url, { ...write, timeout: 200 })).toMatchObject({ kind: 'timeout' });
  });

  it('because it was called off says so', async () => {
    const ended = new AbortController();
    await using server = await fakeServer(() => ended.abort());
    const reply = await send(server.url, { ...read, signal: ended.signal });
    expect(reply).toEqual({ kind: 'timeout', message: 'POST /_msearch: cancelled by the caller before a response arrived' });
  });

  it('because it was called off before is not sent', async () => {
    await using server = await fakeServer((response) => asElasticsearch(response, {}));
    expect(await send(server.url, { ...read, signal: AbortSignal.abort() })).toMatchObject({ kind: 'timeout' });
    expect(server.sent).toHaveLength(0);
  });

  it.each([
    ['and says so', { 'content-length': 100 * 1024 * 1024 }],
    ['and does not say so', {}],
  ])('for an answer that is larger than anything asked for, %s, reads no more of it', async (_name, length) => {
    await using server = await fakeServer((response) => {
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', ...length });
      Readable.from(zeros(100))
        .on('error', () => undefined)
        .pipe(response);
    });
    expect(await send(server.url, read)).toMatchObject({ kind: 'oversized' });
    expect(server.sent).toHaveLength(1);
  });

  it('for a small answer that unpacks to a large one reads no more of it', async () => {
    const small = gzipSync(Buffer.concat([...zeros(70)]));
    await using server = await fakeServer((response) => {
      response.writeHead(200, { 'x-elastic-product': 'Elasticsearch', 'content-encoding': 'gzip' });
      response.end(small);
    });
    expect(await send(server.url, read, { compression: true })).toMatchObject({ kind: 'oversized' });
  });

  it('for an answer that ends too early is unreachable', async () => {
    await using server = await fakeServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.write('{"a":', () => response.destroy());
    });
    expect(await send(server.url, write)).toMatchObject({ kind: 'unreachable' });
  });

  it('for an answer that is no JSON is garbled', async () => {
    await using server = await fakeServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }).end('{"a":');
    });
    expect(await send(server.url, write)).toMatchObject({ kind: 'garbled' });
  });

  it('for an answer of something that is no Elasticsearch is garbled', async () => {
    await using server = await fakeServer((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    expect(await send(server.url, write)).toMatchObject({ kind: 'garbled' });
  });

  it('never shows a credential', async () => {
    await using server = await fakeServer((response) => response.destroy());
    const auth = { kind: 'apiKey', apiKey: secret('c2VjcmV0LWtleQ==') } as const;
    const urls = [server.url.replace('://', '://ann:hidden-word@')];
    const reply = await send(server.url, { ...write, path: '/c2VjcmV0LWtleQ==' }, { auth, urls });
    expect(JSON.stringify(reply)).not.toMatch(/c2VjcmV0|hidden-word/);
    expect(reply).toMatchObject({ message: expect.stringContaining('[redacted]') });
  });
});

describe('an encrypted connection', () => {
  const answer = { ok: true };
  const reach = async (given: Partial<ElasticsearchConfig>) => {
    await using server = await fakeServer((response) => asElasticsearch(response, answer), { tls: true });
    return await send(server.url, write, given);
  };

  it('is trusted by the authority that is given', async () => {
    expect(await reach({ ca: TEST_CERTIFICATE })).toMatchObject({ kind: 'answered', body: answer });
  });

  it('is refused without one', async () => {
    expect(await reach({})).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/self-signed certificate/) });
  });

  it('is trusted unseen where that is asked for', async () => {
    expect(await reach({ verifyCertificate: false })).toMatchObject({ kind: 'answered' });
  });

  it('is trusted by the fingerprint of its authority', async () => {
    const caFingerprint = new X509Certificate(TEST_CERTIFICATE).fingerprint256;
    expect(await reach({ caFingerprint })).toMatchObject({ kind: 'answered' });
  });

  it('is refused when the fingerprint is another one', async () => {
    const caFingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
    expect(await reach({ caFingerprint })).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/fingerprint/),
    });
  });
});

describe('a cluster that asks for a certificate', () => {
  const reach = async (given: Partial<ElasticsearchConfig>) => {
    await using server = await fakeServer((response) => asElasticsearch(response, {}), { tls: true, asks: true });
    return await send(server.url, write, { ca: TEST_CERTIFICATE, ...given });
  };

  it('is shown it', async () => {
    const certificate = { cert: TEST_CERTIFICATE, key: secret(TEST_KEY) };
    expect(await reach({ certificate })).toMatchObject({ kind: 'answered' });
  });

  it('refuses who has none', async () => {
    expect(await reach({})).toMatchObject({ kind: 'unreachable' });
  });
});

describe('a login that is replaced', () => {
  const apiKey = (text: string) => ({ kind: 'apiKey', apiKey: secret(text) }) as const;

  it('holds for the next request, while one under way ends as it began', async () => {
    const waiting: ServerResponse[] = [];
    await using server = await fakeServer((response, _sent, count) => {
      if (count === 1) waiting.push(response);
      else asElasticsearch(response, { second: true });
      if (count === 2) for (const first of waiting) asElasticsearch(first, { first: true });
    });
    const client = createClient(testConfig(server.url, { auth: apiKey('b2xk') }));
    const first = client.send(write);
    await vi.waitUntil(() => server.sent.length === 1);
    client.renew(testConfig(server.url, { auth: apiKey('bmV3'), requestTimeout: 7_000 }));
    expect(await client.send(write)).toMatchObject({ body: { second: true } });
    expect(await first).toMatchObject({ body: { first: true } });
    expect(server.sent.map(({ headers }) => headers.authorization)).toEqual(['ApiKey b2xk', 'ApiKey bmV3']);
    expect(client.requestTimeout).toBe(7_000);
    await client.close();
  });

  it('is, like a certificate that is replaced, what a refused server takes from then on', async () => {
    await using server = await fakeServer((response) => asElasticsearch(response, {}), { tls: true });
    const client = createClient(testConfig(server.url));
    expect(await client.send(write)).toMatchObject({ kind: 'unreachable' });
    client.renew(testConfig(server.url, { ca: TEST_CERTIFICATE }));
    expect(await client.send(write)).toMatchObject({ kind: 'answered' });
    await client.close();
  });
});

describe('what the server says of itself', () => {
  it.each(['8.19.21', '9.5.3'])('is read from %s', async (number) => {
    const root = { cluster_name: 'c', cluster_uuid: 'u', version: { number, build_flavor: 'default' } };
    await using server = await fakeServer((response) => asElasticsearch(response, root));
    const client = createClient(testConfig(server.url));
    const value = { version: number, cluster: 'c', clusterId: 'u', flavor: 'default' };
    expect(await serverInfo(client)).toEqual({ ok: true, value });
    await client.close();
  });

  it('may be a problem', async () => {
    await using server = await fakeServer((response) =>
      asElasticsearch(response, { error: { type: 'security_exception', reason: 'no' } }, 401),
    );
    const client = createClient(testConfig(server.url));
    expect(await serverInfo(client)).toMatchObject({ ok: false, problem: { code: 'unauthorized' } });
    await client.close();
  });
});
