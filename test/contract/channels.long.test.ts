import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel, ChannelIo, Outcome } from '../../src/channels/channel.ts';
import { channels } from '../../src/channels/registry.ts';
import { isObject } from '../../src/core/json.ts';
import { cpuTime } from '../../src/core/time.ts';
import type { Message } from '../../src/messages/message.ts';
import { channelWithOptions, SECRET } from '../support/channel-options.ts';
import { type RecordedRequest, type Reply, startHttpRecorder } from '../support/http-recorder.ts';
import { INCIDENT } from '../support/messages/incident.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { runs } from '../support/thorough.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from '../unit/channels/samples.ts';

/** What servers answer that are asked for something: an open issue. */
const ANSWERS: Readonly<Record<string, (request: RecordedRequest) => Reply>> = {
  github: () => ({ status: 200, body: '{"items":[{"number":7}]}' }),
  gitlab: ({ method }) => ({ status: 200, body: method === 'GET' ? '[{"iid":7}]' : '{"iid":7}' }),
  jira: () => ({ status: 200, body: '{"issues":[{"key":"OPS-7"}]}' }),
  servicenow: ({ method }) => ({
    status: 200,
    body: method === 'GET' ? '{"result":[{"sys_id":"7"}]}' : '{"result":{"sys_id":"7"}}',
  }),
  thehive: () => ({ status: 200, body: '[{"_id":"~7"}]' }),
};

function optionsOf(name: string, http = 'http://127.0.0.1:9', smtp = 9): unknown {
  return channelWithOptions(name, { http, smtp: `127.0.0.1:${smtp}` }).options;
}

function io(print: (text: string) => void = () => undefined): ChannelIo {
  return { fetch, print, now: AT, programs: new Set([process.execPath]) };
}

const hostile =
  '<!channel> </td><script>alert(1)</script> <https://evil.example|x> `*_~` ``` \r\nBcc: evil@example.com\r\n\r\n\u0000\u202e\ud800';

function huge(): Message {
  const text = `${hostile}${'<&>"\'`*_~\n'.repeat(100_000)}`;
  const labels = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`label${index}`, text]));
  const fields = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field${index}`, text]));
  const alert = sampleAlert({
    title: text,
    text,
    group: labels,
    labels,
    values: { count: 7, text },
    facts: Array.from({ length: 300 }, () => ({ label: text, value: text })),
    evidence: {
      documents: Array.from({ length: 50 }, () => ({ at: AT, fields })),
      top: Array.from({ length: 50 }, () => ({
        field: text,
        values: Array.from({ length: 50 }, () => ({ value: text, count: 1 })),
      })),
      traceIds: Array.from({ length: 100 }, () => text),
      logs: Array.from({ length: 100 }, () => ({ at: AT, level: text, service: text, text, traceId: text, count: 9 })),
    },
    links: Array.from({ length: 100 }, () => ({ label: text, url: `https://example.com/${'a'.repeat(1_900)}` })),
  });
  return sampleMessage({
    title: firingTitle(text),
    text,
    alerts: Array.from({ length: 40 }, () => alert),
    more: 10_000,
    groupLabels: labels,
    links: alert.links,
    notes: Array.from({ length: 100 }, () => text),
  });
}

const HUGE = huge();

describe.each(Object.entries(channels))('the channel %s', (name, channel) => {
  test('is described: its name is its key in the registry, every option has a description, every secret is an option', () => {
    const properties = channel.schema['properties'];
    expect(channel.name).toBe(name);
    expect(channel.description).not.toBe('');
    expect(channel.schema['additionalProperties']).toBe(false);
    for (const option of Object.values(isObject(properties) ? properties : {})) {
      expect(isObject(option) && typeof option['description'] === 'string' && option['description'] !== '').toBe(true);
    }
    expect(Object.keys(isObject(properties) ? properties : {})).toEqual(expect.arrayContaining([...channel.secrets]));
  });

  test.each(Object.entries(INCIDENT))('renders %s the same each time, as JSON', (_kind, message) => {
    const options = optionsOf(name);
    const payload = channel.render(message, { message_id: '<first@example.com>' }, options);
    expect(channel.render(structuredClone(message), { message_id: '<first@example.com>' }, options)).toEqual(payload);
    expect(JSON.parse(JSON.stringify(payload))).toEqual(payload);
  });

  test('renders a message of megabytes in a moment, into one of at most 512 KiB without invisible characters', () => {
    const began = cpuTime();
    const payload = channel.render(HUGE, undefined, optionsOf(name));
    expect(cpuTime() - began).toBeLessThan(5_000);
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(512 * 1024);
    expect(JSON.stringify(payload)).toMatch(/10[0-9]{3}/);
    // No invisible characters, wherever they stood.
    expect(JSON.stringify(payload)).not.toMatch(/\\u0000|\\r(?!\\n)|\u202e|\\ud800/);
  });

  test('says of any texts whatever without an exception', () => {
    const options = optionsOf(name);
    const text = fc.string({ unit: 'binary', maxLength: 50 });
    fc.assert(
      fc.property(text, text, text, (title, body, value) => {
        const alert = sampleAlert({ title, text: body, group: { [value]: value }, facts: [{ label: value, value }] });
        expect(
          channel.render(
            sampleMessage({ title: firingTitle(title), text: body, alerts: [alert, alert], notes: [value] }),
            undefined,
            options,
          ),
        ).toBeDefined();
      }),
      { numRuns: runs(50) },
    );
  });

  test('puts no secret into a payload', () => {
    const options = optionsOf(name);
    for (const message of Object.values(INCIDENT))
      expect(JSON.stringify(channel.render(message, undefined, options))).not.toContain(SECRET);
  });

  test('delivers', async () => {
    await using http = await startHttpRecorder(ANSWERS[name] ?? { status: 200, body: 'ok' });
    await using smtp = await startSmtpServer({ login: { username: 'tocsin', password: `${SECRET}-password` } });
    const options = optionsOf(name, http.url, smtp.port);
    const outcome = await channel.send(
      channel.render(sampleMessage(), undefined, options),
      options,
      io(),
      AbortSignal.timeout(5_000),
    );
    expect(outcome.kind).toBe('delivered');
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  test('called off before it begins, it sends nothing and may be tried again', async () => {
    await using http = await startHttpRecorder();
    await using smtp = await startSmtpServer();
    const printed: string[] = [];
    const options = optionsOf(name, http.url, smtp.port);
    const payload = channel.render(sampleMessage(), undefined, options);
    const outcome = await channel.send(
      payload,
      options,
      io((line) => printed.push(line)),
      AbortSignal.abort(),
    );
    expect(outcome).toMatchObject({ kind: 'retry', reason: { kind: 'aborted' } });
    expect([http.requests.length, smtp.mails.length, printed.length]).toEqual([0, 0, 0]);
  });

  test.each([
    ['says no', { status: 400, body: `no: ${SECRET} ${SECRET}-query ${SECRET}-signing ${SECRET}-bearer` }],
    ['has a fault', { status: 500, body: `/services/T0/B0/${SECRET}`.repeat(10_000) }],
    ['drops the line', 'drop' as const],
    ['redirects', { status: 302, headers: { location: `http://127.0.0.1:9/${SECRET}` } }],
  ])('tells no secret when the server %s', async (_what, reply) => {
    await using http = await startHttpRecorder(reply);
    await using smtp = await startSmtpServer({ login: { username: 'tocsin', password: 'another' } });
    expectNoSecret(await attempt(name, channel, http.url, smtp.port));
  });

  test('tells no secret when nobody listens', async () => {
    const server = await startHttpRecorder();
    await server.close();
    expectNoSecret(await attempt(name, channel, server.url, Number(new URL(server.url).port)));
  });

  test('stopped while the server is silent, it ends at once with an outcome', async () => {
    await using http = await startHttpRecorder('hang');
    await using smtp = await startSmtpServer();
    smtp.fail({ at: 'connect', how: 'hang' });
    const options = optionsOf(name, http.url, smtp.port);
    const stop = new AbortController();
    const sent = channel.send(channel.render(sampleMessage(), undefined, options), options, io(), stop.signal);
    if (name !== 'exec') await Promise.race([http.received(1), smtp.failed(), sent]);
    stop.abort(new DOMException('too late', 'TimeoutError'));
    const outcome = await sent;
    expect(outcome).toMatchObject(name === 'console' ? { kind: 'delivered' } : { reason: { kind: 'timeout' } });
    expectNoSecret(outcome);
  });

  test('tells no secret when what it is given to use fails with one', async () => {
    const failing = () => {
      throw new Error(
        `could not reach https://hooks.example.com/services/T0/B0/${SECRET} with ${SECRET}-signing, ${SECRET}-bearer`,
      );
    };
    const options = optionsOf(name, 'http://127.0.0.1:9', 9);
    const payload = channel.render(sampleMessage(), undefined, options);
    const print = name === 'console' ? () => undefined : failing;
    expectNoSecret(await channel.send(payload, options, { fetch: failing, print, now: AT }, AbortSignal.timeout(5_000)));
  });
});

test('the options of every channel print without their secrets', () => {
  for (const name of Object.keys(channels)) {
    const options = optionsOf(name);
    expect(`${JSON.stringify(options)}${String(options)}`).not.toContain(SECRET);
  }
});

async function attempt(name: string, channel: Channel<unknown>, http: string, smtp: number): Promise<Outcome> {
  const options = optionsOf(name, http, smtp);
  return channel.send(channel.render(sampleMessage(), undefined, options), options, io(), AbortSignal.timeout(5_000));
}

function expectNoSecret(outcome: Outcome): void {
  expect(JSON.stringify(outcome)).not.toContain(SECRET);
  if (outcome.kind !== 'delivered') expect(outcome.reason.text.length).toBeLessThanOrEqual(400);
}
