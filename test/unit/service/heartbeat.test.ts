import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeartbeatConfig } from '../../../src/config/config.ts';
import { secret } from '../../../src/core/secret.ts';
import { iso, manualClock } from '../../../src/core/time.ts';
import { type HeartbeatOutcome, startHeartbeat } from '../../../src/service/health/heartbeat.ts';
import { NOON } from '../../support/engine/world.ts';
import { type HttpRecorder, startHttpRecorder } from '../../support/http-recorder.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PATH = '/ping/a-path-that-is-a-secret';

let receiver: HttpRecorder;
beforeEach(async () => {
  receiver = await startHttpRecorder();
});
afterEach(() => receiver.close());

/** A heartbeat whose clock, health and deadlines a test has in its hands. */
function stage(changes: Partial<HeartbeatConfig> = {}) {
  const clock = manualClock(NOON);
  const captured = capturedLog();
  const now = { unwell: undefined as string | undefined };
  const configured: { config: HeartbeatConfig | undefined } = {
    config: { url: secret(`${receiver.url}${PATH}`), method: 'POST', every: MINUTE, timeout: 10 * SECOND, ...changes },
  };
  const outcomes: HeartbeatOutcome[] = [];
  const life = new AbortController();
  const deadlines: { readonly ms: number; readonly controller: AbortController }[] = [];
  const heartbeat = startHeartbeat({
    clock,
    log: captured.log,
    fetch,
    config: () => configured.config,
    unwell: () => now.unwell,
    body: () => ({ namespace: 'shop', version: '1.2.3', rules: 2, at: iso(clock.now()) }),
    count: (outcome) => void outcomes.push(outcome),
    deadline: (ms, parent) => {
      const controller = new AbortController();
      deadlines.push({ ms, controller });
      return { signal: AbortSignal.any([controller.signal, parent]), end: () => {} };
    },
    signal: life.signal,
  });
  /** Polls each second until a time; a request is over before the next poll. */
  const pollUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      await heartbeat.poll();
    }
  };
  return { heartbeat, clock, now, configured, outcomes, life, deadlines, pollUntil, ...captured };
}

describe('a heartbeat while all is well', () => {
  it('is posted at once and then once each interval, as JSON that says who is alive', async () => {
    const { pollUntil, outcomes, lines } = stage();
    await pollUntil(NOON + 3 * MINUTE);
    expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
    expect(receiver.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(3).fill(`POST ${PATH}`));
    expect(receiver.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Tocsin' });
    expect(receiver.requests.map(({ body }) => JSON.parse(body))).toEqual(
      [1, 61, 121].map((second) => ({
        namespace: 'shop',
        version: '1.2.3',
        rules: 2,
        at: iso(NOON + second * SECOND),
      })),
    );
    expect(lines()).toEqual([]);
  });

  it('as GET has no body', async () => {
    const { pollUntil } = stage({ method: 'GET' });
    await pollUntil(NOON + SECOND);
    expect(receiver.requests).toMatchObject([{ method: 'GET', path: PATH, body: '' }]);
    expect(receiver.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('is none where none is configured, and begins with the configuration that has one', async () => {
    const { pollUntil, configured, outcomes } = stage();
    const { config } = configured;
    configured.config = undefined;
    await pollUntil(NOON + 5 * MINUTE);
    expect([receiver.requests, outcomes]).toEqual([[], []]);
    configured.config = config;
    await pollUntil(NOON + 5 * MINUTE + SECOND);
    expect(outcomes).toEqual(['delivered']);
  });
});

describe('a heartbeat while not all is well', () => {
  it('is not posted; the word that it is held back is one line, and another when it goes on', async () => {
    const { pollUntil, now, outcomes, lines, raw } = stage();
    await pollUntil(NOON + SECOND);
    now.unwell = 'the store does not answer';
    await pollUntil(NOON + 10 * MINUTE);
    expect(receiver.requests).toHaveLength(1);
    expect(outcomes).toEqual(['delivered', ...Array(8).fill('held')]);
    now.unwell = undefined;
    await pollUntil(NOON + 10 * MINUTE + 5 * SECOND);
    expect(receiver.requests).toHaveLength(2);
    expect(lines().filter((line) => !line.startsWith('debug'))).toEqual([
      'warn: heartbeat suspended: Tocsin is not healthy',
      'info: heartbeat resumed: Tocsin is healthy again',
    ]);
    expect(raw[0]).toContain('the store does not answer');
  });

  it('waits for what is over before its interval is, without a word', async () => {
    const { pollUntil, now, outcomes, lines } = stage();
    now.unwell = 'the store does not answer';
    await pollUntil(NOON + 30 * SECOND);
    now.unwell = undefined;
    await pollUntil(NOON + 40 * SECOND);
    expect([outcomes, lines()]).toEqual([['delivered'], []]);
  });
});

describe('a heartbeat that does not arrive', () => {
  it('is not sent again before its next time, and is one warning until it arrives again', async () => {
    const { pollUntil, outcomes, lines, raw } = stage();
    receiver.script({ status: 500, body: `no ${PATH}` }, 'drop', { status: 404 });
    await pollUntil(NOON + 4 * MINUTE);
    expect(outcomes).toEqual(['failed', 'failed', 'failed', 'delivered']);
    expect(receiver.requests).toHaveLength(4);
    expect(lines().filter((line) => !line.startsWith('debug'))).toEqual([
      'warn: the heartbeat cannot be delivered: its monitor will report that Tocsin is down',
      'info: the heartbeat is delivered again',
    ]);
    expect(raw.join()).toContain('HTTP 500');
    expect(raw.join()).not.toContain('a-path-that-is-a-secret');
  });

  it('because the receiver redirects is not sent to where it leads', async () => {
    const { pollUntil, outcomes, raw } = stage();
    receiver.script({ status: 302, headers: { location: `${receiver.url}/elsewhere` } });
    await pollUntil(NOON + SECOND);
    expect(outcomes).toEqual(['failed']);
    expect(receiver.requests.map(({ path }) => path)).toEqual([PATH]);
    expect(raw[0]).toContain('the server redirects');
  });

  it('in time is given up, and no second one is sent meanwhile', async () => {
    const { heartbeat, clock, deadlines, outcomes, raw } = stage();
    receiver.script('hang');
    const first = heartbeat.poll();
    await receiver.received(1);
    clock.set(NOON + 5 * MINUTE);
    expect(heartbeat.poll()).toBeUndefined();
    expect(deadlines.map(({ ms }) => ms)).toEqual([10 * SECOND]);
    deadlines[0]?.controller.abort(new DOMException('late', 'TimeoutError'));
    await first;
    expect(outcomes).toEqual(['failed']);
    expect(raw[0]).toContain('no answer in time');
    await heartbeat.poll();
    expect(outcomes).toEqual(['failed', 'delivered']);
  });

  it('because the service stops is no failure', async () => {
    const { heartbeat, life, outcomes, raw } = stage();
    receiver.script('hang');
    const first = heartbeat.poll();
    await receiver.received(1);
    life.abort();
    await first;
    expect([outcomes, raw]).toEqual([[], []]);
  });
});
