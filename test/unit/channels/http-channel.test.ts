import { describe, expect, it } from 'vitest';
import { httpChannel } from '../../../src/channels/http/http.ts';
import { webhookBody } from '../../../src/channels/webhook/body.ts';
import { secret } from '../../../src/core/secret.ts';
import { type Reply, startHttpRecorder } from '../../support/http-recorder.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from './samples.ts';

const io = { fetch, print: () => undefined, now: AT };

async function sent(keys: Readonly<Record<string, unknown>>, reply: Reply = { status: 200 }, message = sampleMessage()) {
  await using server = await startHttpRecorder(reply);
  const options = httpChannel.read({ url: secret(`${server.url}/own`), ...keys });
  const outcome = await httpChannel.send(
    httpChannel.render(message, undefined, options),
    options,
    io,
    AbortSignal.timeout(10_000),
  );
  return { outcome, request: server.requests[0], requests: server.requests.length };
}

describe('a request of one\u2019s own', () => {
  it('has the JSON of webhooks without a body of its own', async () => {
    const { outcome, request } = await sent({});
    expect(outcome).toEqual({ kind: 'delivered' });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'message-1' });
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ version: 1, dedup_key: 'alert-group-1' });
  });

  it('has JSON whose texts are templates: what they say can break nothing', async () => {
    const evil = '"}, {"x": "\n';
    const json = { text: '{{ headline }}', list: ['{{ alerts[0].title }}', 7, null, true], deep: { at: '{{ at }}' } };
    const { request } = await sent(
      { json },
      { status: 200 },
      sampleMessage({ title: firingTitle(evil), alerts: [sampleAlert({ title: 'a"b' })] }),
    );
    const body = JSON.parse(request?.body ?? '') as Readonly<Record<string, unknown>>;
    expect(Object.keys(body)).toEqual(['text', 'list', 'deep']);
    expect(body['list']).toEqual(['a"b', 7, null, true]);
  });

  it('has a text of its own, with its type, by another method', async () => {
    const { request } = await sent({
      method: 'PUT',
      body: '{{ severity | upcase }}: {{ title }}',
      content_type: 'text/markdown',
    });
    expect(request).toMatchObject({ method: 'PUT', body: 'CRITICAL: [FIRING] stub fails on /todos/' });
    expect(request?.headers['content-type']).toBe('text/markdown');
  });

  it('by GET has no body', async () => {
    const { request } = await sent({ method: 'GET' });
    expect(request).toMatchObject({ method: 'GET', body: '' });
  });

  it.each<[object, Reply, object]>([
    [{}, { status: 204 }, { kind: 'delivered' }],
    [{ success_status: [409] }, { status: 409 }, { kind: 'delivered' }],
    [
      { success_status: [201] },
      { status: 200 },
      { kind: 'rejected', reason: { text: expect.stringContaining('success_status') } },
    ],
    [{ success_contains: '"ok":true' }, { status: 200, body: '{"ok":true}' }, { kind: 'delivered' }],
    [{}, { status: 200, body: '<html>Queued</html>' }, { kind: 'retry', reason: { text: expect.stringContaining('web page') } }],
    [{ success_contains: 'Queued' }, { status: 200, body: '<html>Queued</html>' }, { kind: 'delivered' }],
    [{ success_status: [200] }, { status: 200, body: '<html>Queued</html>' }, { kind: 'delivered' }],
    [
      { success_contains: '"ok":true' },
      { status: 200, body: '{"ok":false}' },
      { kind: 'rejected', reason: { text: expect.stringContaining('success_contains') } },
    ],
    [{ success_status: [200] }, { status: 503 }, { kind: 'retry' }],
    [{}, { status: 429, headers: { 'retry-after': '3' } }, { kind: 'retry', after: 3_000 }],
    [{}, { status: 404 }, { kind: 'rejected', reason: { kind: 'not_found' } }],
  ])('with %j: %j', async (keys, reply, expected) => {
    expect((await sent({ ...keys }, reply)).outcome).toMatchObject(expected);
  });

  it('whose template fails at a message is refused, and says why', async () => {
    const { outcome, requests } = await sent({ body: '{% for x in (1..9000) %}{{ title }}{% endfor %}' });
    expect(outcome).toMatchObject({
      kind: 'rejected',
      reason: { kind: 'invalid_payload', text: expect.stringContaining('the template failed') },
    });
    expect(requests).toBe(0);
  });

  it.each<[object, RegExp]>([
    [{ body: '{{ headlin }}' }, /unknown variable `headlin`/],
    [{ json: { a: { b: ['{{ x }}'] } } }, /unknown variable `x`/],
    [{ body: '{% render "/etc/passwd" %}' }, /unknown tag/],
    [{ method: 'GET', body: 'x' }, /a GET request has no body/],
  ])('%j is refused where it is read', (keys, expected) => {
    expect(() => httpChannel.read({ url: secret('https://example.com/x'), ...keys })).toThrow(expected);
  });

  it('is not nested without end', () => {
    let json: unknown = 'x';
    for (let depth = 0; depth < 30; depth++) json = { json };
    expect(() => httpChannel.read({ url: secret('https://example.com/x'), json })).toThrow(/nested too deeply/);
  });
});

it('templates may use every key of the JSON of webhooks', () => {
  const json = Object.fromEntries(Object.keys(webhookBody(sampleMessage())).map((key) => [key, `{{ ${key} }}`]));
  expect(() => httpChannel.read({ url: secret('https://example.com/x'), json })).not.toThrow();
});
