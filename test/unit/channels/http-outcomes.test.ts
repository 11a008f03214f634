import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ChannelIo, Outcome } from '../../../src/channels/channel.ts';
import { parseReset, parseRetryAfter } from '../../../src/channels/http-client/answer.ts';
import { channels } from '../../../src/channels/registry.ts';
import { secret } from '../../../src/core/secret.ts';
import { type HttpRecorder, type Reply, startHttpRecorder } from '../../support/http-recorder.ts';
import { AT, sampleMessage } from './samples.ts';

const CHANNELS = {
  slack: (url: string) => ({ api_url: secret(url) }),
  webhook: (url: string) => ({ url: secret(url), signing_secret: secret('signing-key'), bearer_token: secret('bearer') }),
};

const io: ChannelIo = { fetch, print: () => undefined, now: AT };

async function sendTo(name: keyof typeof CHANNELS, url: string, signal = AbortSignal.timeout(10_000)): Promise<Outcome> {
  const channel = channels[name];
  if (channel === undefined) throw new Error(`no channel ${name}`);
  const options = channel.read(CHANNELS[name](url));
  return channel.send(channel.render(sampleMessage(), undefined, options), options, io, signal);
}

/** A URL of this machine where nobody listens any more. */
async function closedUrl(): Promise<string> {
  const server = await startHttpRecorder();
  await server.close();
  return `${server.url}/x`;
}

async function outcomeOf(name: keyof typeof CHANNELS, reply: Reply): Promise<Outcome> {
  await using server = await startHttpRecorder(reply);
  // Awaited here: the server must not stop before the answer.
  return await sendTo(name, `${server.url}/services/T0/B0/token`);
}

const names = ['slack', 'webhook'] as const;

describe.each(names)('%s: what the server does decides what becomes of the message', (name) => {
  test.each<[string, Reply, object]>([
    ['200 is delivered', { status: 200, body: 'ok' }, { kind: 'delivered' }],
    [
      '400 is rejected',
      { status: 400, body: 'invalid_blocks' },
      { kind: 'rejected', reason: { kind: 'invalid_payload', text: 'HTTP 400: invalid_blocks' } },
    ],
    ['401 is rejected', { status: 401 }, { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 401' } }],
    [
      '403 is rejected',
      { status: 403, body: 'invalid_token' },
      { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 403: invalid_token' } },
    ],
    [
      '404 is rejected',
      { status: 404, body: 'no_service' },
      { kind: 'rejected', reason: { kind: 'not_found', text: 'HTTP 404: no_service' } },
    ],
    ['418 is rejected', { status: 418 }, { kind: 'rejected', reason: { kind: 'client_error', text: 'HTTP 418' } }],
    ...[
      '<html>please log in</html>',
      '<!DOCTYPE html><title>Sign in</title>',
      '\n<!-- gateway -->\n<HTML lang="en"><head>',
      '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">',
      '<script>location = "/login"</script>',
    ].map((body): [string, Reply, object] => [
      `200 with the page ${JSON.stringify(body)} is tried again`,
      { status: 200, body },
      { kind: 'retry', reason: { kind: 'client_error', text: expect.stringContaining('answered 200 with a web page') } },
    ]),
    ['408 is tried again', { status: 408 }, { kind: 'retry', reason: { kind: 'timeout', text: 'HTTP 408' } }],
    [
      '429 is tried again when it says',
      { status: 429, headers: { 'retry-after': '30' } },
      { kind: 'retry', reason: { kind: 'rate_limited', text: 'HTTP 429' }, after: 30_000 },
    ],
    [
      '503 with a date is tried again then',
      { status: 503, headers: { 'retry-after': new Date(AT + 90_000).toUTCString() } },
      { kind: 'retry', reason: { kind: 'server_error', text: 'HTTP 503' }, after: 90_000 },
    ],
    [
      '500 is tried again',
      { status: 500, body: '<b>\nfault</b>' },
      { kind: 'retry', reason: { kind: 'server_error', text: 'HTTP 500: <b> fault</b>' } },
    ],
    ['a dropped line may have arrived', 'drop', { kind: 'unknown', reason: { kind: 'network' } }],
    [
      'a redirect is a mistake in the configuration',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      { kind: 'rejected', reason: { kind: 'config' } },
    ],
    ['an answer without end is read to 64 KiB', { endless: 500 }, { kind: 'retry', reason: { kind: 'server_error' } }],
  ])('%s', async (_name, reply, expected) => {
    expect(await outcomeOf(name, reply)).toMatchObject(expected);
  });

  test.each([
    ['out of time', new DOMException('too late', 'TimeoutError'), 'timeout'],
    ['called off', new Error('stop'), 'aborted'],
  ])('a server that never answers, %s: the message may have arrived', async (_name, reason, kind) => {
    await using server = await startHttpRecorder('hang');
    const stop = new AbortController();
    const sent = sendTo(name, server.url, stop.signal);
    await server.received(1);
    stop.abort(reason);
    expect(await sent).toMatchObject({ kind: 'unknown', reason: { kind } });
  });

  test('an answer whose body never ends has been an answer', async () => {
    await using server = await startHttpRecorder('hang-in-body');
    const stop = new AbortController();
    const sent = sendTo(name, server.url, stop.signal);
    await server.received(1);
    // The head of the answer is on its way; whichever comes first, the outcome must not be a retry, which would tell twice.
    stop.abort(new DOMException('too late', 'TimeoutError'));
    expect(['delivered', 'unknown']).toContain((await sent).kind);
  });

  test.each([
    ['nobody listens', closedUrl],
    ['the name is unknown', async () => 'http://nowhere.invalid/x'],
  ])('%s: it is tried again', async (_name, url) => {
    expect(await sendTo(name, await url())).toMatchObject({ kind: 'retry', reason: { kind: 'network' } });
  });

  test('a port that fetch refuses to use is a mistake in the configuration', async () => {
    expect(await sendTo(name, 'http://127.0.0.1:25/x')).toMatchObject({ kind: 'rejected', reason: { kind: 'config' } });
  });

  test('a server that speaks no TLS where it should: it is tried again, and nothing was sent', async () => {
    await using server = await startHttpRecorder();
    const outcome = await sendTo(name, server.url.replace('http:', 'https:'));
    expect(outcome).toMatchObject({ kind: 'retry', reason: { kind: 'tls' } });
    expect(server.requests).toEqual([]);
  });
});

test('slack: 200 without its "ok" is delivered with a warning', async () => {
  const outcome = await outcomeOf('slack', { status: 200, body: 'no_text' });
  expect(outcome).toMatchObject({ kind: 'delivered', warning: { kind: 'client_error' } });
});

test('slack: what is posted is the rendered payload, as JSON', async () => {
  await using server = await startHttpRecorder();
  await sendTo('slack', `${server.url}/services/x`);
  const [request] = requestsOf(server);
  expect(request).toMatchObject({ method: 'POST', path: '/services/x', headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(request?.body ?? '')).toEqual(channels['slack']?.render(sampleMessage(), undefined, {}));
});

test('webhook: a token that cannot stand in a header is a mistake in the configuration, and is not notified', async () => {
  const channel = channels['webhook'];
  const options = channel?.read({ url: secret('http://127.0.0.1:1/'), bearer_token: secret('two\nlines') });
  const outcome = await channel?.send({ id: 'x' }, options, io, AbortSignal.timeout(5_000));
  expect(outcome).toMatchObject({ kind: 'rejected', reason: { kind: 'config' } });
  expect(JSON.stringify(outcome)).not.toContain('two');
});

test.each([
  { status: 204 },
  { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' },
  { status: 200, body: '{"page":"<html>"}' },
  { status: 200, body: '<?xml version="1.0"?><headers/>' },
])('webhook: %j is delivered', async (reply) => {
  expect(await outcomeOf('webhook', reply)).toEqual({ kind: 'delivered' });
});

test('webhook: a receiver can check who sent it and whether it has it already', async () => {
  await using server = await startHttpRecorder();
  await sendTo('webhook', server.url);
  const [request] = requestsOf(server);
  const timestamp = request?.headers['x-tocsin-timestamp'];
  const expected = createHmac('sha256', 'signing-key').update(`${timestamp}.${request?.body}`).digest('hex');
  expect(timestamp).toBe(String(AT / 1_000));
  expect(request?.headers['x-tocsin-signature']).toBe(`sha256=${expected}`);
  expect(request?.headers['idempotency-key']).toBe('message-1');
  expect(request?.headers.authorization).toBe('Bearer bearer');
});

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    ['0', 0],
    [' 5 ', 5_000],
    ['999999999', 86_400_000],
    [new Date(AT + 60_000).toUTCString(), 60_000],
    [new Date(AT - 60_000).toUTCString(), 0],
    ['0.25', 250],
    ['64.57', 64_570],
    ['9'.repeat(400), 86_400_000],
    [new Date(AT + 60_000).toISOString(), 60_000],
    // `Date.parse` takes these for dates of the past: nothing would be waited for.
    ['-5', undefined],
    ['1e3', undefined],
    ['12 monkeys', undefined],
    ['try again: 5', undefined],
    ['Wednesday, 01-Jan-20 00:00:00 GMT', 0],
    ['Wed Jan  1 00:00:00 2020', 0],
    ['1, 2', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (text, expected) => {
    expect(parseRetryAfter(text, AT)).toBe(expected);
  });
});

describe('X-RateLimit-Reset', () => {
  test.each([
    ['seconds', String((AT + 60_000) / 1_000), 60_000],
    ['milliseconds', String(AT + 60_000), 60_000],
    ['a date', new Date(AT + 60_000).toISOString(), 60_000],
    ['the past', String(AT / 1_000 - 60), 0],
    ['another year', String(AT / 1_000 + 400 * 86_400), 86_400_000],
    ['seconds from now, or from midnight', '30', undefined],
    ['words', 'soon', undefined],
    ['a number below zero', '-1', undefined],
    ['more digits than a number has', '9'.repeat(400), 86_400_000],
    ['two numbers', '10, 11', undefined],
    ['nothing', undefined, undefined],
  ])('as %s', (_form, text, expected) => {
    expect(parseReset(text, AT)).toBe(expected);
  });

  test.each([
    [429, '0', 60_000],
    [429, '12', undefined],
    [503, '0', undefined],
  ])('counts with %i and %s left: after %s', async (status, left, after) => {
    const headers = { 'x-ratelimit-remaining': left, 'x-ratelimit-reset': String((AT + 60_000) / 1_000) };
    const outcome = await outcomeOf('webhook', { status, headers });
    expect([outcome.kind, 'after' in outcome ? outcome.after : undefined]).toEqual(['retry', after]);
  });
});

function requestsOf(server: HttpRecorder) {
  expect(server.requests).toHaveLength(1);
  return server.requests;
}
