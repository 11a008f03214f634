import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { secret } from '../../../src/core/secret.ts';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { receivedAlertId } from '../../../src/received/received-rule.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer } from '../../../src/server/server.ts';
import { plainRouting, turnAt, world } from '../../support/engine/world.ts';
import { type ApiUnderTest, alertmanagerPorts } from '../../support/server/alertmanager-ports.ts';
import { quietStatus } from '../../support/server/quiet-status.ts';
import { webPorts } from '../../support/server/web-ports.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const LOCAL = { host: '127.0.0.1:9095' };
const TAKES = { receivedConfig: { resolveTimeout: 300_000, max: 3 } };
const TOKEN = 'prometheus-token-0123456789';

/** The request of Prometheus 3.5 for one alert, with its headers and the order of its members. */
const PROMETHEUS: InjectOptions = {
  method: 'POST',
  url: '/alerts',
  headers: { ...LOCAL, 'user-agent': 'Prometheus/3.5.0', 'content-type': 'application/json', 'accept-encoding': 'gzip' },
  payload:
    '[{"annotations":{"description":"a of job node has been down for more than 5 minutes.","summary":"Instance a down"},"endsAt":"2026-03-01T12:04:00.000Z","startsAt":"2026-03-01T11:59:00.500Z","generatorURL":"http://prometheus:9090/graph?g0.expr=up+%3D%3D+0\\u0026g0.tab=1","labels":{"alertname":"InstanceDown","instance":"a","job":"node","region":"","severity":"page"}}]',
};
const LABELS = { alertname: 'InstanceDown', instance: 'a', job: 'node', severity: 'page' };

async function api(given: Partial<ApiUnderTest> = {}) {
  const one = world();
  const engine = one.engine([], { receives: { max: 100 }, routing: plainRouting() });
  const { ports, received, counted } = alertmanagerPorts({ received: one.backend.received, now: () => NOW, ...given });
  const status = () => quietStatus({ startedAt: NOW, now: NOW, rules: { loaded: 0, enabled: 0, failing: 0 } });
  const alerts = async () => ({
    report: await alertsReport(one.backend, { namespace: 'default', all: false, now: NOW, rules: [] }),
  });
  const server = createServer({
    ...{ status, alerts, healthy: () => status().healthy, metrics: createMetrics(status), alertmanager: ports },
    web: webPorts({ engine, now: NOW, backend: one.backend }),
  });
  const ask = async (options: InjectOptions) => {
    const answer = await server.inject({ headers: LOCAL, ...options, url: `/api/v2${String(options.url)}` });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : JSON.parse(answer.body), headers: answer.headers };
  };
  const post = (...payload: readonly object[]) => ask({ method: 'POST', url: '/alerts', payload: payload as object[] });
  const page = async (url: string) => (await server.inject({ url, headers: LOCAL })).body;
  return { ask, post, page, received, counted, evaluate: () => turnAt(engine, NOW) };
}

describe('POST /api/v2/alerts', () => {
  it('takes what Prometheus sends, and shows it as it was sent', async () => {
    const { ask, evaluate, counted } = await api(TAKES);
    expect(await ask(PROMETHEUS)).toMatchObject({ status: 200, body: undefined });
    await evaluate();
    const { body } = await ask({ url: '/alerts' });
    expect(body).toMatchObject([
      {
        labels: LABELS,
        annotations: { description: 'a of job node has been down for more than 5 minutes.', summary: 'Instance a down' },
        generatorURL: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
        startsAt: '2026-03-01T11:59:00.500Z',
        endsAt: '2026-03-01T12:04:00.000Z',
        updatedAt: '2026-03-01T12:00:00.000Z',
        receivers: [{ name: 'team' }],
        status: { state: 'active' },
      },
    ]);
    expect(counted).toMatchObject({ firing: 1, invalid: 0, refused: 0 });
    expect((await ask({ url: '/alerts?filter=alertname=InstanceDown' })).body).toHaveLength(1);
    expect((await ask({ url: '/alerts/groups' })).body).toMatchObject([{ labels: { alertname: 'InstanceDown' } }]);
  });

  it('stores the valid ones, and names each of the others', async () => {
    const { post, received, counted } = await api(TAKES);
    const bad = { labels: { '': 'x' } };
    const { status, body } = await post({ labels: { alertname: 'fine' } }, bad, { labels: { a: '' } });
    expect(status).toBe(400);
    expect(body).toBe(
      'alert 2: "" is not a valid label name; alert 3: at least one label that is not empty is required (the other one is stored)',
    );
    expect(await received.count(NOW)).toEqual({ ok: true, value: 1 });
    expect(counted).toMatchObject({ firing: 1, invalid: 2 });
    const many = await post(...Array.from({ length: 30 }, () => bad));
    expect(many.body).toMatch(/alert 10: .*; and 20 more \(none is stored\)$/);
  });

  it('refuses more than may fire at once, and takes their ends', async () => {
    const { post, counted } = await api(TAKES);
    const alert = (name: number, given: object = {}) => ({ labels: { alertname: `a${name}` }, ...given });
    expect(await post(alert(1), alert(2), alert(3), alert(4))).toMatchObject({
      status: 429,
      body: 'one alert was refused: 3 received alerts fire already (`received_alerts.max_alerts`)',
    });
    expect(counted).toMatchObject({ firing: 3, refused: 1 });
    expect((await post(alert(5), alert(6), { labels: {} })).body).toMatch(
      /^2 alerts were refused: .*; alert 3: at least one label/,
    );
    const over = { startsAt: '2026-03-01T11:00:00Z', endsAt: '2026-03-01T12:00:00Z' };
    expect((await post(alert(1, over))).status).toBe(200);
    expect((await post(alert(4))).status).toBe(200);
  });

  it('takes none unless that is configured', async () => {
    const { ask } = await api();
    expect(await ask(PROMETHEUS)).toMatchObject({ status: 404, body: expect.stringContaining('`received_alerts: {}`') });
  });

  it('says that nothing is stored where the store does not answer', async () => {
    const one = world();
    const received = { ...one.backend.received, load: async () => ({ ok: false as const, message: 'no shard' }) };
    const { ask, counted } = await api({ ...TAKES, received });
    expect(await ask(PROMETHEUS)).toMatchObject({ status: 503, body: 'the alerts cannot be stored: no shard' });
    expect(counted).toMatchObject({ failed: 1 });
  });

  it.each<[what: string, options: InjectOptions, status: number]>([
    ['no JSON', { payload: '[{' }, 400],
    ['one alert', { payload: '{"labels":{"a":"b"}}' }, 400],
    ['a prototype', { payload: '[{"labels":{"__proto__":{"a":"b"}}}]' }, 400],
    ['five megabytes', { payload: `[${' '.repeat(5_000_000)}]` }, 413],
    ['a form', { payload: 'a=b', headers: { ...LOCAL, 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['a text of another page', { payload: '[]', headers: { ...LOCAL, 'content-type': 'text/plain' } }, 415],
    [
      'a request of another page',
      { headers: { ...LOCAL, ...{ 'content-type': 'application/json', origin: 'http://evil' } } },
      403,
    ],
    ['a request for another name', { headers: { host: 'evil.example.com', 'content-type': 'application/json' } }, 403],
  ])('refuses %s', async (_what, options, status) => {
    const { ask, received } = await api(TAKES);
    const answer = await ask({ ...PROMETHEUS, ...options });
    expect(answer.status).toBe(status);
    expect(typeof answer.body).toBe('string');
    expect(await received.count(0)).toEqual({ ok: true, value: 0 });
  });
});

describe('the page of an alert of another system', () => {
  it('says each thing once: name and summary in its title, the labels as labels, since when its sender says', async () => {
    const { ask, evaluate, page } = await api(TAKES);
    await ask(PROMETHEUS);
    await evaluate();
    const body = await page(`/alerts/${receivedAlertId('default', { labels: LABELS })}`);
    expect(body).toContain('<h1>InstanceDown: Instance a down</h1>');
    // Buttons and the list of messages repeat the title; what is said of the alert does not.
    const said = body.slice(body.indexOf('<table class="state">'), body.indexOf('<h2>Who was notified'));
    const words = said.replace(/<[^>]+>/g, '\n');
    const times = (text: string) => words.split(text).length - 1;
    expect(times('Instance a down')).toBe(0);
    expect(times('more than 5 minutes.')).toBe(1);
    expect(times('http://prometheus:9090/graph')).toBe(1);
    expect(body).toContain('<th scope="row">rule</th><td>InstanceDown <span class="faint">');
    expect(body).toContain('<th scope="row">since</th><td><time datetime="2026-03-01T11:59:00.500Z">');
    expect(words).not.toMatch(/ReceivedAlert|starts.at|generator.url|job: node/);
  });

  it('keeps a summary that its title has no room for', async () => {
    const { post, evaluate, page } = await api(TAKES);
    const summary = `${'Disk is full. '.repeat(25)}Call the owner.`;
    const labels = { alertname: 'DiskFull' };
    await post({ labels, annotations: { summary } });
    await evaluate();
    const body = await page(`/alerts/${receivedAlertId('default', { labels })}`);
    expect(body).toMatch(/<th scope="row">summary<\/th><td>Disk is full\./);
  });
});

describe('who may send alerts', () => {
  const tokens = { [TOKEN]: 'prometheus', 'on-call-token-0123456789': 'on-call' };
  const scopes = { prometheus: ['alerts'], 'on-call': ['read', 'silence'] } as const;
  const by = (token: string | undefined): InjectOptions => ({
    ...PROMETHEUS,
    headers: { ...PROMETHEUS.headers, host: 'tocsin:9095', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });

  it('is the bearer of a token with the scope `alerts`, whose name is kept with the alert', async () => {
    const { ask, received } = await api({ ...TAKES, host: '0.0.0.0', tokens, scopes });
    expect((await ask(by(undefined))).status).toBe(401);
    expect((await ask(by('wrong'))).status).toBe(401);
    expect(await ask(by('on-call-token-0123456789'))).toMatchObject({ status: 403, body: expect.stringContaining('`alerts`') });
    expect(await received.count(0)).toEqual({ ok: true, value: 0 });
    expect((await ask(by(TOKEN))).status).toBe(200);
    const stored = await received.list(0);
    expect(stored.ok && stored.value.map(({ source }) => source)).toEqual(['prometheus']);
  });

  it('needs to read nothing, and may change no silence', async () => {
    const { ask } = await api({ ...TAKES, host: '0.0.0.0', tokens, scopes, requireLogin: true });
    expect((await ask(by(TOKEN))).status).toBe(200);
    const open = await api({ ...TAKES, host: '0.0.0.0', tokens, scopes });
    const headers = { host: 'tocsin:9095', authorization: `Bearer ${TOKEN}` };
    const expire: InjectOptions = { method: 'DELETE', url: '/silence/x', headers };
    expect(await open.ask(expire)).toMatchObject({ status: 403, body: expect.stringContaining('`silence`') });
  });

  const proxyAuth = { trusted: ['127.0.0.1'], userHeader: 'x-user', scopes: ['read', 'silence'] } as const;
  const oidc = { sessionKey: secret('a-key-of-sessions-0123456789'), sessionLength: 3_600_000 };
  const user = { headers: { ...PROMETHEUS.headers, host: 'tocsin:9095', 'x-user': 'kim' } };
  const elsewhere = { headers: { ...PROMETHEUS.headers, host: 'tocsin:9095' } };
  it.each<[who: string, given: Partial<ApiUnderTest>, request: InjectOptions, status: number, message: RegExp]>([
    ['without a token', { tokens, scopes }, elsewhere, 401, /needs a token of `server\.tokens`/],
    ['with a token for something else', { tokens, scopes }, by('on-call-token-0123456789'), 403, /scope `alerts`/],
    ['whom no proxy names', { auth: { proxyAuth } }, elsewhere, 401, /a user named by the proxy .*, or a token/],
    [
      'whose proxy may not send',
      { auth: { proxyAuth } },
      user,
      403,
      /the scope `alerts`, which `server\.proxy_auth\.scopes` does not/,
    ],
    ['who has not signed in', { auth: { oidc } }, elsewhere, 401, /needs a token: set `server\.tokens`$/],
    ['on a server without tokens', {}, elsewhere, 403, /needs a token: the server can be reached/],
    ['under another name', { host: '127.0.0.1' }, elsewhere, 403, /^alerts can be sent only under the address localhost$/],
  ])('is refused in words about alerts: a sender %s', async (_who, given, request, status, message) => {
    const { ask } = await api({ ...TAKES, host: '0.0.0.0', ...given });
    const answer = await ask({ ...PROMETHEUS, ...request });
    expect(answer).toMatchObject({ status, body: expect.stringMatching(message) });
    expect(answer.body).not.toMatch(/silence|acknowledge/);
  });

  it('is no one on a server that others can reach and that has no token', async () => {
    const { ask } = await api({ ...TAKES, host: '0.0.0.0' });
    expect((await ask(by(undefined))).status).toBe(403);
  });
});
