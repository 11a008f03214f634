import { describe, expect, it } from 'vitest';
import type { AlertsReport, ReportedAlert } from '../../../src/engine/alert-list/alert-list.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer } from '../../../src/server/server.ts';
import type { PresentAlerts, ServiceStatus } from '../../../src/server/status.ts';
import { alertmanagerPorts } from '../../support/server/alertmanager-ports.ts';
import { quietStatus } from '../../support/server/quiet-status.ts';
import { webPorts } from '../../support/server/web-ports.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

function status(parts: Partial<ServiceStatus> = {}): ServiceStatus {
  return quietStatus({
    ...{ startedAt: NOON - 3_600_000, now: NOON },
    rules: { loaded: 3, enabled: 2, failing: 1 },
    alerts: [{ status: 'firing', severity: 'critical', count: 2 }],
    shards: { held: 16, of: 32, replicas: 2 },
    oldestUndelivered: 90_000,
    ...parts,
  });
}

const NO_ALERTS: AlertsReport = { now: NOON, namespace: 'shop', rules: 3, matchers: [], alerts: [], unreadable: [] };

function serverWith(parts: Partial<ServiceStatus> = {}, present: PresentAlerts = { report: NO_ALERTS }) {
  const read = () => status(parts);
  return createServer({
    status: read,
    alerts: async () => present,
    healthy: () => read().healthy,
    metrics: createMetrics(read),
    alertmanager: alertmanagerPorts().ports,
    web: webPorts(),
  });
}

const get = async (path: string, parts: Partial<ServiceStatus> = {}) => serverWith(parts).inject({ method: 'GET', url: path });

describe('the server', () => {
  it('lists its own health alerts on the page and in JSON, with their text escaped', async () => {
    const parts = { healthAlerts: [{ kind: 'file', subject: '<b>.yaml', since: NOON }] };
    expect((await get('/', parts)).body).toContain('<li>file &#60;b&#62;.yaml, since 2026-01-01 12:00:00 UTC<br>');
    expect((await get('/api/v1/status', parts)).json()).toMatchObject({
      health_alerts: [{ kind: 'file', subject: '<b>.yaml', since: '2026-01-01T12:00:00.000Z' }],
    });
  });

  it.each([
    ['/-/healthy', {}, 200, 'healthy\n'],
    ['/-/healthy', { healthy: { ok: false, why: 'no poll for 20 s' } }, 503, 'not healthy: no poll for 20 s\n'],
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

  it('says that signing in does not work, on the page and in JSON, and stays well and ready', async () => {
    const server = serverWith({ signIn: ['Example <Inc.> cannot be used now'] });
    const page = (await server.inject('/')).body;
    expect(page).toContain('<th scope="row">signing in</th><td>Example &#60;Inc.&#62; cannot be used now</td>');
    const json = (await server.inject('/api/v1/status')).json<{ sign_in_problems: string[] }>();
    expect(json.sign_in_problems).toEqual(['Example <Inc.> cannot be used now']);
    const codes = await Promise.all(['/-/healthy', '/-/ready'].map(async (path) => (await server.inject(path)).statusCode));
    expect(codes).toEqual([200, 200]);
  });

  it('says nothing of an error of its own', async () => {
    const broken = createServer({
      status: () => {
        throw new Error('inner words');
      },
      alerts: async () => ({ report: NO_ALERTS }),
      healthy: () => ({ ok: true }),
      metrics: { contentType: 'text/plain', text: async () => '' },
      alertmanager: alertmanagerPorts().ports,
      web: webPorts(),
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

describe('the alerts on the page and in JSON', () => {
  const alert = (parts: Partial<ReportedAlert> = {}): ReportedAlert => ({
    ...{ rule: 'stub-5xx', id: 'a1', status: 'firing', severity: 'critical', group: { 'service.name': 'stub' } },
    ...{
      title: 'stub: 28 % of requests fail',
      labels: { severity: 'critical' },
      values: { errors: 17 },
      condition: 'errors > 5',
    },
    ...{ since: NOON - 90 * 60_000, episode: 'e1' },
    notified: [{ receiver: 'todo', destination: 'todo/slack/0', state: 'notified', at: NOON - 60_000 }],
    ...parts,
  });
  const page = async (alerts: readonly ReportedAlert[], parts: Partial<ServiceStatus> = {}, problem?: string) => {
    const present = { report: { ...NO_ALERTS, alerts }, ...(problem !== undefined && { problem }) };
    const server = serverWith(parts, present);
    const [html, json] = await Promise.all(['/', '/api/v1/status'].map((url) => server.inject({ method: 'GET', url })));
    return { html: html?.body ?? '', json: json?.json() };
  };

  it('has each with its rule, group, severity, value, title, since when, and who was notified', async () => {
    const { html, json } = await page([alert(), alert({ status: 'pending', severity: 'warning', rule: 'slow', notified: [] })]);
    expect(html).toContain('<h2 class="bad">1 firing of 2 alerts</h2>');
    for (const text of [
      'stub-5xx',
      'service.name: stub',
      '28 % of requests fail',
      'errors 17',
      '2026-01-01 10:30:00 UTC',
      '1h 30m',
      'todo/slack 1m ago',
      '<th scope="col">Title</th>',
      'pending',
    ])
      expect(html).toContain(text);
    expect(json.alert_list).toMatchObject({
      total: 2,
      alerts: [
        { rule: 'stub-5xx', severity: 'critical', values: { errors: 17 }, since: '2026-01-01T10:30:00.000Z' },
        { rule: 'slow' },
      ],
    });
  });

  it('of very many shows the worst hundred and counts the rest', async () => {
    const { html, json } = await page(
      Array.from({ length: 5_000 }, (_, index) => alert({ id: `a${index}`, rule: `rule-${index}` })),
    );
    expect(html.match(/<tr><td>/g)).toHaveLength(100);
    expect(html).toContain('and 4,900 more');
    expect([json.alert_list.total, json.alert_list.alerts.length]).toEqual([5_000, 100]);
  });

  it('shows texts of documents as text: no markup, nothing invisible, nothing endless', async () => {
    const evil = `<img src=x onerror=alert(1)>\u202e\u0007${'a'.repeat(100_000)}`;
    const group = { [evil]: evil };
    const notified = [{ receiver: evil, destination: evil, state: 'dead', at: undefined, note: evil }] as const;
    const { html } = await page([alert({ rule: evil, title: evil, group, values: { [evil]: evil }, severity: evil, notified })]);
    for (const hidden of ['<img', '\u202e', '\u0007']) expect(html).not.toContain(hidden);
    expect(html.length).toBeLessThan(30_000);
  });

  it('says why a rule and a receiver are red, since when, and what to do next', async () => {
    const failing = { rule: 'slow', since: NOON, failures: 3, reason: 'timeout: too <slow>', hint: 'a shorter window' };
    const notified = [
      { receiver: 'ops', destination: 'ops/email/0', state: 'dead', at: undefined, note: 'no such <hook>' },
    ] as const;
    const health = alert({
      ...{ rule: 'TocsinHealth', group: { kind: 'receiver', subject: 'ops/email/0' }, since: NOON - 60_000, notified: [] },
      values: { problem: 'a notification failed' },
    });
    const { html, json } = await page([alert({ notified }), health], {
      failingRules: [failing],
      healthAlerts: [{ kind: 'receiver', subject: 'ops/email/0', since: NOON - 60_000 }],
    });
    for (const text of [
      'rule slow, since 2026-01-01 12:00:00 UTC (3 evaluations in a row failed)',
      'timeout: too &#60;slow&#62;',
      'Next: a shorter window',
    ])
      expect(html).toContain(text);
    for (const text of [
      'receiver ops/email/0, since 2026-01-01 11:59:00 UTC (one alert is not delivered)',
      'no such &#60;hook&#62;',
      'tocsin explain --receiver ops',
    ])
      expect(html).toContain(text);
    expect(html).toContain('a notification failed');
    expect(json).toMatchObject({
      failing_rules: [{ rule: 'slow', since: '2026-01-01T12:00:00.000Z', reason: 'timeout: too <slow>' }],
      failing_receivers: [
        { receiver: 'ops', destination: 'ops/email/0', reason: 'no such <hook>', alerts: 1, since: '2026-01-01T11:59:00.000Z' },
      ],
    });
  });

  it('says when the store does not answer, and that nothing fires when nothing does', async () => {
    expect((await page([alert()], {}, 'the state cannot be read')).html).toContain(
      'the state cannot be read: showing the alerts',
    );
    expect((await page([])).html).toContain('<h2>No alert is pending or firing</h2>');
  });
});
