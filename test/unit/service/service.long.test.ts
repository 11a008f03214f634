import { afterEach, describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import type { Config } from '../../../src/config/config.ts';
import { defaultConfig } from '../../../src/config/load.ts';
import type { Problem } from '../../../src/core/problems.ts';
import { secret } from '../../../src/core/secret.ts';
import type { StoreAnswer, StoreProbe } from '../../../src/core/stored.ts';
import { manualClock } from '../../../src/core/time.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import type { Search } from '../../../src/search/search.ts';
import type { FileSources } from '../../../src/service/reload/reload.ts';
import { runOnce } from '../../../src/service/scheduler/once.ts';
import { type Service, startService } from '../../../src/service/service.ts';
import type { ServiceBackend } from '../../../src/service/store.ts';
import { NOON } from '../../support/engine/world.ts';
import { startHttpRecorder } from '../../support/http-recorder.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const RULE = 'name: boom\ntype: frequency\nindex: logs-*\ndelay: 0s\nwindow: 5m\ncondition: count >= 1\n';
const AWAY: StoreAnswer<never> = { ok: false, message: 'connection refused' };
const FINE: StoreAnswer<void> = { ok: true, value: undefined };
const NO_RECEIVER: Problem = { code: 'config/unknown-receiver', severity: 'error', message: 'there is no receiver "ops"' };
const WELL: StoreProbe = { state: new Map(), history: new Map() };

let running: Service | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** A service over the embedded backend whose ticker is beaten by hand. */
async function stage(
  options: { readonly search?: Search; readonly text?: string; readonly heartbeat?: Config['heartbeat'] } = {},
) {
  const checked = await defaultConfig({});
  if (!checked.ok) throw new Error('the default configuration is not valid');
  const config: Config = {
    ...checked.value,
    server: { enabled: true, host: '127.0.0.1', port: 0, tokens: [] },
    ...(options.heartbeat !== undefined && { heartbeat: options.heartbeat }),
  };
  const embedded = embeddedBackend({ freeze: true });
  embedded.documents.add([{ index: 'logs-app', source: { '@timestamp': new Date(NOON - SECOND).toISOString(), message: 'x' } }]);
  const store = {
    answer: FINE as StoreAnswer<void>,
    probe: WELL as StoreProbe,
    clockAhead: 0,
    closed: 0,
    renewed: [] as Config['elasticsearch'][],
  };
  const backend: ServiceBackend = {
    ...embedded,
    ...(options.search && { search: options.search }),
    ensureIndices: async () => store.answer,
    probe: async () => store.probe,
    clockAhead: async () => store.clockAhead,
    describe: async () => ({ ok: true, value: 'a store in memory' }),
    renew: (next) => void store.renewed.push(next),
    close: async () => void store.closed++,
  };
  const now = { text: options.text ?? RULE, more: {} as Readonly<Record<string, string>>, config, broken: false };
  const sources: FileSources = {
    config: async () => (now.broken ? { ok: false, problems: [NO_RECEIVER] } : { ok: true, value: now.config, problems: [] }),
    rules: async (_config, previous) => {
      const texts = { ...(now.text !== '' && { 'a.yaml': now.text }), ...now.more };
      const files = Object.entries(texts).map(([file, text]) => ({ file, text }));
      return compileRules(files, {}, previous);
    },
  };
  const clock = manualClock(NOON);
  const captured = capturedLog();
  const printed: string[] = [];
  const io = { fetch, print: (text: string) => void printed.push(text.split('\n')[0] ?? '') };
  const base = { config, ruleSet: await sources.rules(config), backend, clock, log: captured.log, io };
  let poll = () => {};
  const start = async () => {
    const ticker = (given: () => void) => {
      poll = given;
      const stop = () => {
        poll = () => {};
      };
      return { silentFor: () => 0, stop };
    };
    running = await startService({ ...base, version: '1.2.3', sources, ticker });
    return running;
  };
  /** Polls each second until a time; between polls everything that can go on does. */
  const pollUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      poll();
      for (let round = 0; round < 20; round++) await new Promise(setImmediate);
    }
  };
  return { base, clock, store, embedded, now, start, pollUntil, printed, lines: captured.lines };
}

const code = async (service: Service, path: string) => (await fetch(`${service.address}${path}`)).status;

describe('a service', () => {
  it('opens the store, evaluates, tells, is ready, and stops in order', async () => {
    const { start, pollUntil, printed, lines, store, embedded } = await stage();
    const service = await start();
    await pollUntil(NOON + 10 * SECOND);
    expect(printed).toEqual([expect.stringContaining('Warning: boom')]);
    expect([await code(service, '/-/ready'), await code(service, '/-/healthy')]).toEqual([200, 200]);
    expect(service.status()).toMatchObject({
      rules: { enabled: 1 },
      shards: { held: 32, of: 32, replicas: 1 },
      alerts: [{ status: 'firing', severity: 'warning', count: 1 }],
    });
    await service.stop();
    await service.stop();
    expect(store.closed).toBe(1);
    expect(lines()).toContain('info: firing');
    expect(lines().slice(-2)).toEqual(['info: stopping: running turns may finish', 'info: stopped']);
    await expect(fetch(`${service.address}/-/healthy`)).rejects.toThrow();
    const loaded = await embedded.ruleStates.load(['boom'], new Map());
    expect(loaded.ok && loaded.value.get('boom')?.document.evaluated_through).toBe(NOON);
    const leases = await embedded.leases.load();
    expect(leases.ok && new Set([...leases.value.values()].map(({ document }) => document.until))).toEqual(new Set([0]));
  });

  it('starts without the store, says so, and begins when it is there', async () => {
    const { start, pollUntil, printed, lines, store } = await stage();
    store.answer = AWAY;
    const service = await start();
    await pollUntil(NOON + 10 * SECOND);
    expect([await code(service, '/-/ready'), await code(service, '/-/healthy')]).toEqual([503, 200]);
    expect(await (await fetch(`${service.address}/-/ready`)).text()).toBe('not ready: connection refused\n');
    expect(lines()).toContain('warn: the store does not answer: nothing is evaluated or notified');
    store.answer = FINE;
    await pollUntil(NOON + 40 * SECOND);
    expect(await code(service, '/-/ready')).toBe(200);
    expect(printed).toHaveLength(1);
  });

  it('takes changed rules while it runs, and keeps their state', async () => {
    const { start, pollUntil, now, printed, lines } = await stage();
    const service = await start();
    await pollUntil(NOON + 10 * SECOND);
    now.text = RULE.replace('>= 1', '>= 2');
    await pollUntil(NOON + 70 * SECOND);
    expect(lines()).toContain('info: rules reloaded');
    expect(lines()).toContain('info: resolved');
    expect(service.status().alerts).toEqual([]);
    expect(printed).toHaveLength(1);
  });

  it('goes on with the login and the certificates that replace those it began with', async () => {
    const { start, now, store } = await stage();
    const service = await start();
    const elasticsearch = { ...now.config.elasticsearch, ca: 'the next authority' };
    now.config = { ...now.config, elasticsearch };
    await service.reload();
    now.config = { ...now.config, reloadInterval: 5 * SECOND };
    await service.reload();
    expect(store.renewed).toEqual([elasticsearch]);
  });

  it('says that no rule is loaded where alerts of other systems keep it ready', async () => {
    const one = await stage({ text: '' });
    const config: Config = { ...one.base.config, receivedAlerts: { resolveTimeout: 300_000, max: 10 } };
    Object.assign(one.base, { config });
    one.now.config = config;
    const service = await one.start();
    await one.pollUntil(NOON + 20 * SECOND);
    const empty = { badFiles: [{ file: 'all rule files', message: expect.stringContaining('no rule is loaded') }] };
    expect(service.status()).toMatchObject({ ...empty, ready: { ok: true } });
    expect(one.printed.at(-1)).toContain('Warning: Tocsin: file all rule files cannot be loaded');
    one.now.text = RULE;
    await service.reload();
    expect(service.status().badFiles).toEqual([]);
  });

  it('keeps evaluating a rule whose file broke, and reports the file', async () => {
    const { start, pollUntil, now, printed, lines } = await stage();
    const service = await start();
    await pollUntil(NOON + 10 * SECOND);
    now.text = RULE.replace('count', 'cuont');
    await service.reload();
    await pollUntil(NOON + 20 * SECOND);
    expect(service.status()).toMatchObject({ rules: { enabled: 1 }, badFiles: [{ file: 'a.yaml' }], ready: { ok: true } });
    expect(printed.at(-1)).toContain('Warning: Tocsin: file a.yaml cannot be loaded');
    expect(lines().filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('ends the alerts of a deleted rule within minutes also while the file of another does not load', async () => {
    const { start, pollUntil, now, printed, embedded } = await stage();
    const calm = RULE.replace('boom', 'calm').replace('>= 1', '>= 100');
    const service = await start();
    now.more = { 'b.yaml': calm };
    await service.reload();
    await pollUntil(NOON + 10 * SECOND);
    now.more = { 'b.yaml': calm.replace('count', 'cuont') };
    now.text = '';
    await service.reload();
    await pollUntil(NOON + 420 * SECOND);
    expect(printed.filter((title) => title.includes('boom'))).toEqual([
      expect.stringContaining('Warning: boom'),
      expect.any(String),
    ]);
    const loaded = await embedded.ruleStates.load(['boom'], new Map());
    expect(loaded.ok && loaded.value.get('boom')?.document).toMatchObject({ removed: true, alerts: {} });
    expect(service.status()).toMatchObject({ rules: { enabled: 1 }, badFiles: [{ file: 'b.yaml' }] });
  });

  it('keeps its configuration when the file no longer loads, and reports it until it loads again', async () => {
    const { start, pollUntil, now, printed } = await stage();
    const service = await start();
    await pollUntil(NOON + 10 * SECOND);
    now.broken = true;
    await service.reload();
    await pollUntil(NOON + 20 * SECOND);
    expect(service.status()).toMatchObject({
      ready: { ok: true },
      config: { loaded: false, loadedAt: NOON + 10 * SECOND },
      badFiles: [{ file: 'tocsin.yaml', message: expect.stringContaining('no receiver') }],
    });
    expect(printed.at(-1)).toContain('Warning: Tocsin: file tocsin.yaml cannot be loaded');
    const text = async (path: string) => (await fetch(`${service.address}${path}`)).text();
    const metrics = await text('/metrics');
    expect(metrics).toMatch(/^tocsin_config_last_reload_successful 0$/m);
    expect(metrics).toMatch(/^tocsin_rule_files_bad 0$/m);
    expect(metrics).toContain(`tocsin_config_last_reload_success_timestamp_seconds ${NOON / SECOND + 10}`);
    expect(JSON.parse(await text('/api/v1/status'))).toMatchObject({
      config: { loaded: false, loaded_at: new Date(NOON + 10 * SECOND).toISOString() },
    });
    expect(await text('/')).toContain('does not load');
    now.broken = false;
    await service.reload();
    await pollUntil(NOON + 400 * SECOND);
    expect(service.status()).toMatchObject({ config: { loaded: true }, badFiles: [] });
    expect(printed.at(-1)).toMatch(/Resolved after .*: Tocsin: file tocsin\.yaml/);
    expect(await text('/metrics')).toMatch(/^tocsin_config_last_reload_successful 1$/m);
  });

  it('is neither ready nor up while its store cannot be written, holds its heartbeat, and reports the history by itself', async () => {
    await using receiver = await startHttpRecorder();
    const url = secret(`${receiver.url}/alive`);
    const { start, pollUntil, store, printed } = await stage({
      heartbeat: { url, method: 'POST', every: 10_000, timeout: 5_000 },
    });
    const service = await start();
    await pollUntil(NOON + 20 * SECOND);
    store.probe = {
      state: new Map([['tocsin-leases', { kind: 'unwritable', message: 'blocked by: [12]' }]]),
      history: new Map(),
    };
    await pollUntil(NOON + 40 * SECOND);
    expect([await code(service, '/-/ready'), await code(service, '/-/healthy')]).toEqual([503, 200]);
    expect(await (await fetch(`${service.address}/-/ready`)).text()).toContain('tocsin-leases: blocked by: [12]');
    const metrics = await (await fetch(`${service.address}/metrics`)).text();
    expect(metrics).toMatch(/^tocsin_store_up 0$/m);
    expect(metrics).toMatch(/^tocsin_store_problems_total [1-9]/m);
    const polls = receiver.requests.length;
    await pollUntil(NOON + 100 * SECOND);
    expect(receiver.requests).toHaveLength(polls);
    store.probe = { state: new Map(), history: new Map([['tocsin-alerts', { kind: 'unwritable', message: 'blocked' }]]) };
    await pollUntil(NOON + 160 * SECOND);
    await receiver.received(polls + 1);
    expect([await code(service, '/-/ready'), service.status().history]).toEqual([
      200,
      [{ index: 'tocsin-alerts', problem: 'blocked' }],
    ]);
    expect(printed.at(-1)).toContain('Warning: Tocsin: history index tocsin-alerts cannot be written');
  });

  it('is not ready while reading the store throws in every turn, and is so when it does not', async () => {
    const { start, pollUntil, embedded } = await stage();
    const { list } = embedded.silences;
    const service = await start();
    await pollUntil(NOON + 70 * SECOND);
    embedded.silences.list = () => Promise.reject(new TypeError('matchers is not iterable'));
    await pollUntil(NOON + 160 * SECOND);
    expect([await code(service, '/-/ready'), await code(service, '/-/healthy')]).toEqual([503, 200]);
    embedded.silences.list = list;
    await pollUntil(NOON + 200 * SECOND);
    expect([await code(service, '/-/ready'), service.status().tasks]).toEqual([200, []]);
  });

  it('says when its clock and that of the store are apart', async () => {
    const { start, pollUntil, store } = await stage();
    const service = await start();
    await pollUntil(NOON + 70 * SECOND);
    store.clockAhead = -90_000;
    await pollUntil(NOON + 130 * SECOND);
    expect(service.status().tasks).toEqual([{ task: 'clock', problem: expect.stringContaining('1m 30s ahead of') }]);
    store.clockAhead = 2_000;
    await pollUntil(NOON + 190 * SECOND);
    expect(service.status().tasks).toEqual([]);
  });

  it('stops in bounded time while a search hangs, and leaves what it was about outstanding', async () => {
    const hanging: Search = {
      ask: (queries, signal) =>
        new Promise((resolve) => {
          const problem = { code: 'timeout', message: 'called off', hint: '', transient: true } as const;
          const failed = () => resolve(queries.map(() => ({ kind: 'failed', problem, cost: { took: 0, shards: 0, merged: 1 } })));
          signal.addEventListener('abort', failed, { once: true });
        }),
    };
    const { start, pollUntil, clock, lines, embedded } = await stage({ search: hanging });
    const service = await start();
    await pollUntil(NOON + 10 * SECOND);
    const stopped = service.stop();
    for (let waited = 0; waited < 10 && !lines().includes('info: stopped'); waited++) {
      clock.set(clock.now() + SECOND);
      for (let round = 0; round < 20; round++) await new Promise(setImmediate);
    }
    await stopped;
    expect(clock.now() - NOON).toBeLessThanOrEqual(20 * SECOND);
    expect(lines()).toContain('warn: some turns did not finish in time and were cancelled; their work is retried');
    const loaded = await embedded.ruleStates.load(['boom'], new Map());
    expect(loaded.ok && loaded.value.get('boom')?.document.evaluated_through).not.toBe(NOON);
  });

  it('posts its heartbeat once the store is there, and none while the store is away or every rule fails', async () => {
    await using receiver = await startHttpRecorder();
    const url = secret(`${receiver.url}/alive`);
    const { start, pollUntil, store, now } = await stage({ heartbeat: { url, method: 'POST', every: 20_000, timeout: 5_000 } });
    store.answer = AWAY;
    const service = await start();
    await pollUntil(NOON + 60 * SECOND);
    expect(receiver.requests).toEqual([]);
    store.answer = FINE;
    await pollUntil(NOON + 100 * SECOND);
    await receiver.received(1);
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({ namespace: 'default', version: '1.2.3', rules: 1 });
    now.text = RULE.replace('logs-*', 'gone-*');
    await pollUntil(NOON + 200 * SECOND);
    const before = receiver.requests.length;
    await pollUntil(NOON + 300 * SECOND);
    expect(receiver.requests).toHaveLength(before);
    const metrics = await (await fetch(`${service.address}/metrics`)).text();
    expect(metrics).toMatch(/tocsin_heartbeat_total\{outcome="held"\} \d/);
  });

  it('does not start on a port that is taken', async () => {
    const first = await stage();
    const service = await first.start();
    const second = await stage();
    const port = Number(new URL(service.address ?? '').port);
    const config = { ...second.base.config, server: { enabled: true, host: '127.0.0.1', port, tokens: [] } };
    const sources: FileSources = {
      config: async () => ({ ok: true, value: config, problems: [] }),
      rules: async () => second.base.ruleSet,
    };
    const starting = startService({
      ...second.base,
      config,
      version: '1',
      sources,
      ticker: () => ({ silentFor: () => 0, stop: () => undefined }),
    });
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('evaluating once', () => {
  const signal = new AbortController().signal;

  it('evaluates and tells what is due, and ends', async () => {
    const { base, printed, store } = await stage();
    expect(await runOnce(base, signal)).toBe('done');
    expect(printed).toEqual([expect.stringContaining('Warning: boom')]);
    expect(store.closed).toBe(1);
  });

  it('says how much it evaluated and sent', async () => {
    const { base } = await stage();
    const { log, raw } = capturedLog();
    await runOnce({ ...base, log }, signal);
    const last = raw.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'evaluated once');
    expect(last).toMatchObject({ rules: 1, evaluated: 1, failed: 0, delivered: 1, undelivered: 0 });
  });

  it('says that the store is away', async () => {
    const { base, store } = await stage();
    store.answer = AWAY;
    expect(await runOnce(base, signal)).toBe('away');
    expect(store.closed).toBe(1);
  });

  it('says that something could not be evaluated', async () => {
    const { base } = await stage({ text: RULE.replace('logs-*', 'gone-*') });
    expect(await runOnce(base, signal)).toBe('failing');
  });
});
