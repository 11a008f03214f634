import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer } from '../../../src/server/server.ts';
import type { ServiceStatus } from '../../../src/server/status.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

function status(parts: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    version: '1.2.3',
    namespace: 'shop',
    startedAt: NOON - 3_600_000,
    now: NOON,
    healthy: { ok: true },
    ready: { ok: true },
    rules: { loaded: 3, enabled: 2, failing: 1 },
    flapping: 0,
    outages: { rules: 0, held: 0 },
    healthAlerts: [],
    badFiles: [],
    alerts: [{ status: 'firing', severity: 'critical', count: 2 }],
    shards: { held: 16, of: 32, replicas: 2 },
    history: [],
    config: { loaded: true, loadedAt: 0 },
    tasks: [],
    store: { up: true },
    oldestUndelivered: 90_000,
    ...parts,
  };
}

function serverWith(parts: Partial<ServiceStatus> = {}) {
  const read = () => status(parts);
  return createServer({ status: read, healthy: () => read().healthy, metrics: createMetrics(read) });
}

const get = async (path: string, parts: Partial<ServiceStatus> = {}) => serverWith(parts).inject({ method: 'GET', url: path });

describe('the server', () => {
  it('lists its own health alerts on the page and in JSON, with their text escaped', async () => {
    const parts = { healthAlerts: [{ kind: 'file', subject: '<b>.yaml', since: NOON }] };
    expect((await get('/', parts)).body).toContain('<li>file &#60;b&#62;.yaml, since 2026-01-01T12:00:00.000Z</li>');
    expect((await get('/api/v1/status', parts)).json()).toMatchObject({
      health_alerts: [{ kind: 'file', subject: '<b>.yaml', since: '2026-01-01T12:00:00.000Z' }],
    });
  });

  it.each([
    ['/-/healthy', {}, 200, 'healthy\n'],
    ['/-/healthy', { healthy: { ok: false, why: 'no beat for 20 s' } }, 503, 'not healthy: no beat for 20 s\n'],
    ['/-/healthy', { ready: { ok: false, why: 'the store is away' } }, 200, 'healthy\n'],
    ['/-/ready', {}, 200, 'ready\n'],
    ['/-/ready', { ready: { ok: false, why: 'the store is away' } }, 503, 'not ready: the store is away\n'],
    ['/nothing', {}, 404, 'not found\n'],
  ] as const)('answers %s with %o by %i', async (path, parts, code, body) => {
    const answer = await get(path, parts);
    expect([answer.statusCode, answer.body]).toEqual([code, body]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'] as const)('changes nothing: %s is answered like an unknown page', async (method) => {
    const answer = await serverWith().inject({
      method,
      url: '/-/ready',
      payload: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  });

  it('shows its status as JSON', async () => {
    const answer = await get('/api/v1/status', { badFiles: [{ file: 'a.yaml', message: 'a.yaml:1:1: no' }] });
    expect(answer.json()).toMatchObject({
      version: '1.2.3',
      ready: { ok: true },
      started_at: '2026-01-01T11:00:00.000Z',
      bad_files: [{ file: 'a.yaml', message: 'a.yaml:1:1: no' }],
      oldest_undelivered_seconds: 90,
    });
  });

  it('shows a page in which texts of files and clusters are only text', async () => {
    const evil = '<script>alert("x")</script>';
    const answer = await get('/', {
      namespace: evil,
      store: { up: false, problem: evil },
      flapping: 0,
      outages: { rules: 0, held: 0 },
      badFiles: [{ file: evil, message: evil }],
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).not.toContain('<script');
    expect(answer.body.match(/&#60;script&#62;/g)?.length).toBeGreaterThanOrEqual(4);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });

  it('says nothing of an error of its own', async () => {
    const broken = createServer({
      status: () => {
        throw new Error('inner words');
      },
      healthy: () => ({ ok: true }),
      metrics: { contentType: 'text/plain', text: async () => '' },
    });
    const answer = await broken.inject({ method: 'GET', url: '/-/ready' });
    expect([answer.statusCode, answer.body]).toEqual([500, 'internal error\n']);
    // An orchestrator must not restart what lives because of the data that it shows.
    expect((await broken.inject({ method: 'GET', url: '/-/healthy' })).statusCode).toBe(200);
  });

  it('echoes no path that cannot be read', async () => {
    const answer = await serverWith().inject({ method: 'GET', url: '/%zz<script>' });
    expect([answer.statusCode, answer.body]).toEqual([400, 'bad request\n']);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' });
  });

  it('listens on a free port and is gone when closed', async () => {
    const server = serverWith();
    const address = await server.listen('127.0.0.1', 0);
    expect((await fetch(`${address}/-/healthy`)).status).toBe(200);
    await server.close();
    await expect(fetch(`${address}/-/healthy`)).rejects.toThrow();
  });
});
