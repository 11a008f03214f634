import { describe, expect, it } from 'vitest';
import { PLAIN_HTTP } from '../../../src/channels/http-client/config.ts';
import { textSocketOpener } from '../../../src/channels/http-client/web-socket.ts';
import { slackWebApi } from '../../../src/channels/slack/web-api.ts';
import { secret } from '../../../src/core/secret.ts';
import { manualClock } from '../../../src/core/time.ts';
import { openedAt } from '../../../src/slack-app/address.ts';
import { slackConnection } from '../../../src/slack-app/connection.ts';
import { acknowledgementOf, type Envelope } from '../../../src/slack-app/frame.ts';
import { NOON } from '../../support/engine/world.ts';
import { APP_TOKEN, type SlackSocket, startSlackSocket } from '../../support/slack-socket.ts';

const SECOND = 1_000;

/** A connection to the server, polled by hand. */
function connect(slack: SlackSocket) {
  const clock = manualClock(NOON);
  const url = secret(slack.url);
  const api = slackWebApi(
    { url, token: secret(APP_TOKEN), http: PLAIN_HTTP },
    { fetch, now: NOON },
    new AbortController().signal,
  );
  const received: Envelope[] = [];
  const connection = slackConnection({
    ...{ clock, http: PLAIN_HTTP, open: textSocketOpener({}) },
    address: async () => openedAt(await api.call('apps.connections.open', {}), url),
    received: (envelope, send) => {
      received.push(envelope);
      send(acknowledgementOf(envelope));
    },
  });
  /** Polls once a second of the clock until it holds; real time passes between polls. */
  const until = async (holds: () => boolean, seconds = 120): Promise<number> => {
    for (let polls = 0; polls <= seconds; polls++) {
      connection.poll();
      for (let wait = 0; wait < 10 && !holds(); wait++) await new Promise((resolve) => setTimeout(resolve, 5));
      if (holds()) return polls;
      clock.set(clock.now() + SECOND);
    }
    throw new Error(`it did not come to that; problem: ${connection.problem()}`);
  };
  return { connection, clock, received, until, [Symbol.dispose]: connection.end };
}

const envelope = (id: string, payload: unknown = {}) => ({
  ...{ envelope_id: id, type: 'interactive', payload, accepts_response_payload: false },
});

describe('a connection to Slack', () => {
  it('is up once Slack greets, and acknowledges each envelope by its ID', async () => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    expect(stage.connection.problem()).toBe('not connected yet');
    await stage.until(stage.connection.isUp);
    slack.connections[0]?.send(envelope('e-1', { type: 'block_actions' }));
    slack.connections[0]?.send(envelope('e-2'));
    await stage.until(() => slack.connections[0]?.said.length === 2);
    expect(slack.connections[0]?.said).toEqual([{ envelope_id: 'e-1' }, { envelope_id: 'e-2' }]);
    expect(stage.received.map(({ id, type }) => [id, type])).toEqual([
      ['e-1', 'interactive'],
      ['e-2', 'interactive'],
    ]);
    expect(stage.connection.problem()).toBeUndefined();
  });

  it('is replaced when Slack says that it ends, and what still comes by the old one is answered there', async () => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    await stage.until(stage.connection.isUp);
    stage.clock.set(stage.clock.now() + 20 * SECOND);
    slack.connections[0]?.send({ type: 'disconnect', reason: 'refresh_requested' });
    await stage.until(() => slack.connections.length === 2 && stage.connection.isUp());
    slack.connections[0]?.send(envelope('late'));
    await stage.until(() => slack.connections[0]?.said.length === 1);
    expect(slack.connections[0]?.said).toEqual([{ envelope_id: 'late' }]);
    slack.connections[0]?.close();
    await stage.until(() => slack.connections[0]?.isOpen() === false);
    expect(stage.connection.isUp()).toBe(true);
    expect(slack.connections).toHaveLength(2);
  });

  it('answers pings, which show that it is there, and is opened again when they stop', async () => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    await stage.until(stage.connection.isUp);
    for (let round = 0; round < 3; round++) {
      stage.clock.set(stage.clock.now() + 30 * SECOND);
      slack.connections[0]?.ping();
      await stage.until(() => slack.connections[0]?.pongs() === round + 1);
    }
    expect(slack.connections).toHaveLength(1);
    await stage.until(() => slack.connections.length === 2 && stage.connection.isUp());
    await stage.until(() => slack.connections[0]?.isOpen() === false);
  });

  it.each([
    ['is cut', (slack: SlackSocket) => slack.connections[0]?.cut()],
    ['is closed', (slack: SlackSocket) => slack.connections[0]?.close()],
    ['breaks the protocol', (slack: SlackSocket) => slack.connections[0]?.sendRaw('x'.repeat(2 * 1024 * 1024))],
  ])('is opened again when it %s', async (_name, harm) => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    await stage.until(stage.connection.isUp);
    harm(slack);
    await stage.until(() => slack.connections.length === 2 && stage.connection.isUp());
    expect(stage.received).toEqual([]);
  });

  it('waits longer and longer while Slack refuses, says why, and shows no token', async () => {
    await using slack = await startSlackSocket();
    slack.answer('apps.connections.open', ...Array.from({ length: 6 }, () => ({ ok: false, error: 'invalid_auth' })));
    using stage = connect(slack);
    const polls = await stage.until(() => slack.callsOf('apps.connections.open').length === 6);
    // 1 + 2 + 4 + 8 + 16 seconds.
    expect(polls).toBeGreaterThanOrEqual(31);
    await stage.until(() => stage.connection.problem()?.startsWith('Slack refused') === true);
    expect(stage.connection.problem()).toBe('Slack refused: invalid_auth');
    await stage.until(stage.connection.isUp, 40);
  });

  it('does not ask Slack without a pause when each connection ends as it begins', async () => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    for (let seconds = 0; seconds < 60; seconds++) {
      stage.connection.poll();
      await new Promise((resolve) => setTimeout(resolve, 15));
      slack.connections.at(-1)?.send({ type: 'disconnect', reason: 'warning' });
      await new Promise((resolve) => setTimeout(resolve, 5));
      stage.clock.set(stage.clock.now() + SECOND);
    }
    expect(slack.connections.length).toBeLessThan(9);
  });

  it.each([
    ['no address', { ok: true }],
    ['an address that is none', { ok: true, url: 'not a url' }],
    ['another kind of address', { ok: true, url: 'file:///etc/passwd' }],
    ['a page instead', 'garbage' as const],
  ])('goes on after %s', async (_name, answer) => {
    await using slack = await startSlackSocket();
    slack.answer('apps.connections.open', answer);
    using stage = connect(slack);
    await stage.until(stage.connection.isUp);
    expect(slack.callsOf('apps.connections.open')).toHaveLength(2);
  });

  it('does not wait for a greeting that does not come', async () => {
    await using slack = await startSlackSocket();
    slack.greets = false;
    using stage = connect(slack);
    await stage.until(() => slack.connections.length === 1);
    slack.greets = true;
    await stage.until(stage.connection.isUp);
    expect(slack.connections).toHaveLength(2);
  });

  it('waits as long as Slack asks it to', async () => {
    await using slack = await startSlackSocket();
    slack.answer('apps.connections.open', { ok: false, error: 'ratelimited', retry_after: 30 });
    using stage = connect(slack);
    await stage.until(() => stage.connection.problem()?.includes('429') === true);
    const polls = await stage.until(stage.connection.isUp);
    expect([polls >= 29, polls <= 40]).toEqual([true, true]);
  });

  it('says so when the app has more connections than Slack permits, and does not ask for one again and again', async () => {
    await using slack = await startSlackSocket();
    const others = Array.from({ length: 10 }, () => connect(slack));
    for (const { connection, until } of others) await until(connection.isUp);
    using stage = connect(slack);
    await stage.until(() => stage.connection.problem()?.startsWith('Slack permits at most ten') === true);
    for (let seconds = 0; seconds < 60; seconds++) {
      stage.connection.poll();
      await new Promise((resolve) => setTimeout(resolve, 5));
      stage.clock.set(stage.clock.now() + SECOND);
    }
    expect(slack.connections.length).toBeLessThan(18);
    for (const { connection } of others) connection.end();
    await stage.until(stage.connection.isUp);
  });

  it('says that Socket Mode is switched off', async () => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    await stage.until(stage.connection.isUp);
    slack.connections[0]?.send({ type: 'disconnect', reason: 'link_disabled' });
    await stage.until(() => stage.connection.problem() === 'Socket Mode is switched off for the app');
  });

  it('leaves alone what is no envelope', async () => {
    await using slack = await startSlackSocket();
    using stage = connect(slack);
    await stage.until(stage.connection.isUp);
    const [one] = slack.connections;
    const texts = ['', 'null', '[]', '{', '"hello"', '{"type":7}', '{"type":"interactive"}', '{"type":"x","envelope_id":""}'];
    for (const text of [...texts, JSON.stringify({ type: 'x', envelope_id: 'e'.repeat(500) })]) one?.sendRaw(text);
    one?.sendBinary(Buffer.from([1, 2, 3]));
    one?.sendRaw(JSON.stringify({ ...envelope('e-3'), payload: 'text' }));
    await stage.until(() => one?.said.length === 1);
    expect(one?.said).toEqual([{ envelope_id: 'e-3' }]);
    expect(stage.received).toEqual([{ id: 'e-3', type: 'interactive', payload: {}, takesAnswer: false }]);
    expect(stage.connection.isUp()).toBe(true);
  });
});
