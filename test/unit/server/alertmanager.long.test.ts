import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer } from '../../../src/server/server.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';
import { type ApiUnderTest, alertmanagerPorts } from '../../support/server/alertmanager-ports.ts';
import { quietStatus } from '../../support/server/quiet-status.ts';
import { webPorts } from '../../support/server/web-ports.ts';

const HOUR = 60 * MINUTE;
const now = NOON + 3 * MINUTE;
const STATUS = quietStatus({ startedAt: NOON, now });
const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical' } });
const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
const LOCAL = { host: '127.0.0.1:9095' };
const posted = {
  matchers: [{ name: 'service', value: 'a', isRegex: false }],
  startsAt: new Date(now).toISOString(),
  endsAt: new Date(now + HOUR).toISOString(),
  createdBy: 'kim',
  comment: 'upgrade',
};

/** Services a and b of one rule fire. */
async function api(given: Partial<ApiUnderTest> = {}) {
  const { engine, add, backend } = world();
  add('logs-app', ...[0, 1, 2].flatMap((minute) => [boom(minute, 'a'), boom(minute, 'b')]));
  await play(engine([RULE]), NOON, now);
  const { ports, audited } = alertmanagerPorts({ silences: backend.silences, now: () => now, ...given });
  const alerts = async () => ({ report: await alertsReport(backend, { namespace: 'default', all: false, now, rules: [RULE] }) });
  const server = createServer({
    ...{
      status: () => STATUS,
      alerts,
      healthy: () => STATUS.healthy,
      metrics: createMetrics(() => STATUS),
      alertmanager: ports,
      web: webPorts(),
    },
  });
  const ask = async (options: InjectOptions) => {
    const answer = await server.inject({ headers: LOCAL, ...options, url: `/api/v2${String(options.url)}` });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : JSON.parse(answer.body), headers: answer.headers };
  };
  const get = async (url: string) => (await ask({ method: 'GET', url })).body;
  const post = (body: object, headers: object = LOCAL) =>
    ask({ method: 'POST', url: '/silences', payload: body, headers: { ...headers } });
  return { ask, get, post, audited, silences: backend.silences };
}

const servicesOf = (alerts: readonly { readonly labels: Record<string, string> }[]) =>
  alerts.map(({ labels }) => labels['service']);

describe("Alertmanager's API", () => {
  it('gives firing alerts with labels, receivers and what silences them', async () => {
    const { get, post } = await api();
    const { body } = await post(posted);
    const alerts = await get('/alerts');
    expect(alerts).toHaveLength(2);
    expect(alerts[0]).toMatchObject({
      labels: { alertname: 'boom', service: 'a', severity: 'critical' },
      annotations: { summary: expect.stringContaining('boom') },
      receivers: [{ name: 'team' }],
      fingerprint: expect.stringMatching(/^[\da-f]{16}$/),
      startsAt: '2026-01-01T12:01:00.000Z',
      status: { state: 'suppressed', silencedBy: [body.silenceID], inhibitedBy: [], mutedBy: [] },
    });
    expect(alerts[1].status).toEqual({ state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] });
    expect(servicesOf(await get('/alerts?silenced=false'))).toEqual(['b']);
    expect(servicesOf(await get('/alerts?active=false'))).toEqual(['a']);
    expect(servicesOf(await get('/alerts?filter=service%3D~%22b%7Cc%22&filter=severity=critical'))).toEqual(['b']);
    expect(await get('/alerts?receiver=other')).toEqual([]);
    expect(servicesOf(await get('/alerts?receiver=te.%2B'))).toEqual(['a', 'b']);
  });

  it('divides them into the groups of the routes', async () => {
    const { get } = await api();
    const groups = await get('/alerts/groups');
    expect(groups).toMatchObject([{ receiver: { name: 'team' }, labels: { alertname: 'boom' }, alerts: [{}, {}] }]);
  });

  it('gives receivers, and the routes as a configuration without destinations', async () => {
    const { get } = await api();
    expect(await get('/receivers')).toEqual([{ name: 'team' }, { name: 'night' }]);
    const status = await get('/status');
    expect(status).toMatchObject({ versionInfo: { version: '1.2.3' }, cluster: { status: 'ready' } });
    expect(JSON.parse(status.config.original)).toEqual({
      route: { receiver: 'team', group_by: ['alertname'], group_wait: '0s', group_interval: '5m', repeat_interval: '4h' },
      receivers: [{ name: 'team' }, { name: 'night' }],
    });
  });

  it('adds, shows, filters and expires silences', async () => {
    const { ask, get, post, audited } = await api();
    const { status, body } = await post({ ...posted, annotations: { link: 'https://tickets.example/42' } });
    expect(status).toBe(200);
    const id = body.silenceID;
    expect(await get(`/silence/${id}`)).toMatchObject({
      ...{
        id,
        status: { state: 'active' },
        createdBy: 'kim',
        comment: 'upgrade',
        annotations: { link: 'https://tickets.example/42' },
      },
      matchers: [{ name: 'service', value: 'a', isRegex: false, isEqual: true }],
    });
    expect(await get('/silences?filter=service=a')).toHaveLength(1);
    expect(await get('/silences?filter=service=b')).toHaveLength(0);
    expect(await get('/silences?active=false')).toHaveLength(0);
    expect((await ask({ method: 'DELETE', url: `/silence/${id}` })).status).toBe(200);
    expect(await get('/silences')).toMatchObject([{ id, status: { state: 'expired' } }]);
    expect(await get('/silences?expired=false')).toEqual([]);
    expect((await ask({ method: 'DELETE', url: `/silence/${id}` })).status).toBe(400);
    expect(audited).toEqual([`${id} saved by localhost`, `${id} expired by localhost`]);
  });

  it('changes the end of a silence in place, and replaces one whose matchers change', async () => {
    const { get, post } = await api();
    const id = (await post(posted)).body.silenceID;
    const longer = { ...posted, id, endsAt: new Date(now + 2 * HOUR).toISOString() };
    expect((await post(longer)).body.silenceID).toBe(id);
    expect(await get(`/silence/${id}`)).toMatchObject({ endsAt: new Date(now + 2 * HOUR).toISOString() });
    const other = await post({ ...longer, matchers: [{ name: 'service', value: 'b', isRegex: false }] });
    expect(other.body.silenceID).not.toBe(id);
    const states = (await get('/silences')).map((one: { id: string; status: { state: string } }) => [one.id, one.status.state]);
    expect(Object.fromEntries(states)).toEqual({ [id]: 'expired', [other.body.silenceID]: 'active' });
    expect((await post({ ...posted, id: 'unknown' })).status).toBe(404);
  });

  it('reads matchers that are negative or expressions', async () => {
    const { get, post } = await api();
    const matchers = [
      { name: 'service', value: 'a|b', isRegex: true, isEqual: true },
      { name: 'service', value: 'b', isRegex: false, isEqual: false },
      { name: 'service', value: 'c.*', isRegex: true, isEqual: false },
    ];
    const { body } = await post({ ...posted, matchers });
    expect((await get(`/silence/${body.silenceID}`)).matchers).toEqual(matchers);
    expect(servicesOf(await get('/alerts?active=false'))).toEqual(['a']);
  });

  it.each<[what: string, change: object, message: RegExp]>([
    ['without matchers', { matchers: [] }, /matchers/],
    ['of everything', { matchers: [{ name: 'x', value: '.*', isRegex: true }] }, /could suppress every alert/],
    ['with a broken expression', { matchers: [{ name: 'x', value: '(', isRegex: true }] }, /cannot be read/],
    ['with a matcher of another type', { matchers: [{ name: 'x', value: {}, isRegex: false }] }, /matchers/],
    ['without an end', { endsAt: undefined }, /endsAt/],
    ['with an end that is no time', { endsAt: 'tomorrow' }, /endsAt is not a time/],
    ['with an end in the past', { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' }, /ends before it starts/],
    ['for ten years', { endsAt: '2036-01-01T00:00:00Z' }, /longer than a year/],
    ['without a comment', { comment: '' }, /needs a reason/],
    ['without an author', { createdBy: '' }, /needs an author/],
    ['with a comment of a megabyte', { comment: 'x'.repeat(1_000_000) }, /too large/],
    ['with a long comment', { comment: 'x'.repeat(3_000) }, /comment/],
    ['with a link that runs code', { annotations: { link: 'javascript:alert(1)' } }, /invalid link/],
    ['with more matchers than allowed', { matchers: Array(101).fill({ name: 'x', value: 'y', isRegex: false }) }, /matchers/],
  ])('refuses a silence %s', async (_what, change, message) => {
    const { get, post } = await api();
    const { status, body } = await post({ ...posted, ...change });
    expect([400, 413]).toContain(status);
    expect(body).toMatch(message);
    expect(await get('/silences')).toEqual([]);
  });

  it.each<[what: string, options: InjectOptions, status: number]>([
    ['a filter that is none', { method: 'GET', url: '/alerts?filter=%7B' }, 400],
    ['an expression that is none', { method: 'GET', url: '/silences?filter=a%3D~%22(%22' }, 400],
    ['a receiver that is no expression', { method: 'GET', url: '/alerts?receiver=(' }, 400],
    ['more filters than anyone has', { method: 'GET', url: `/alerts?${'filter=a%3Db&'.repeat(51)}` }, 400],
    ['an unknown silence', { method: 'GET', url: '/silence/none' }, 404],
    ['an unknown silence to expire', { method: 'DELETE', url: '/silence/none' }, 404],
    ['alerts of others', { method: 'POST', url: '/alerts', payload: [] }, 404],
    [
      'a body that is no JSON',
      { method: 'POST', url: '/silences', payload: '{', headers: { ...LOCAL, 'content-type': 'application/json' } },
      400,
    ],
    [
      'a form',
      {
        method: 'POST',
        url: '/silences',
        payload: 'a=b',
        headers: { ...LOCAL, 'content-type': 'application/x-www-form-urlencoded' },
      },
      415,
    ],
    [
      'plain text, as a form of another page sends it',
      { method: 'POST', url: '/silences', payload: JSON.stringify(posted), headers: { ...LOCAL, 'content-type': 'text/plain' } },
      415,
    ],
    ['an array', { method: 'POST', url: '/silences', payload: [] }, 400],
    [
      'null',
      { method: 'POST', url: '/silences', payload: 'null', headers: { ...LOCAL, 'content-type': 'application/json' } },
      400,
    ],
  ])('answers %s with %#', async (_what, options, status) => {
    const { ask, get } = await api();
    const answer = await ask(options);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(expect.any(String));
    expect(await get('/silences')).toEqual([]);
  });
});

/**
 * What clients send, and what they read of the answers without asking whether it is there: Karma (internal/mapper/v017 of prymitive/karma) and
 * Grafana's data source Alertmanager (public/app/features/alerting/unified/api/alertmanager.ts of grafana/grafana).
 */
describe('clients of Alertmanager', () => {
  const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const SILENCE = {
    ...{
      id: expect.any(String),
      startsAt: ISO,
      endsAt: ISO,
      updatedAt: ISO,
      createdBy: expect.any(String),
      comment: expect.any(String),
    },
    status: { state: expect.stringMatching(/^(?:active|pending|expired)$/) },
    matchers: [{ name: 'service', value: expect.any(String), isRegex: expect.any(Boolean), isEqual: expect.any(Boolean) }],
  };
  const ALERT = {
    ...{ fingerprint: expect.any(String), startsAt: ISO, endsAt: ISO, updatedAt: ISO },
    ...{ labels: expect.any(Object), annotations: expect.any(Object), receivers: [{ name: 'team' }] },
    status: {
      state: expect.stringMatching(/^(?:active|suppressed)$/),
      silencedBy: expect.any(Array),
      inhibitedBy: expect.any(Array),
    },
  };
  const STATUS_READ = {
    ...{ cluster: { status: expect.any(String), peers: expect.any(Array) }, uptime: ISO },
    ...{ versionInfo: { version: expect.any(String) }, config: { original: expect.any(String) } },
  };

  it.each<[client: string, url: string, answer: unknown]>([
    ['Karma', '/status', STATUS_READ],
    ['Karma', '/alerts/groups', [{ receiver: { name: 'team' }, labels: { alertname: 'boom' }, alerts: [ALERT, ALERT] }]],
    ['Karma', '/silences', [SILENCE]],
    ['Grafana', '/status', STATUS_READ],
    ['Grafana', '/alerts?filter=severity%3D%22critical%22&silenced=true&inhibited=true&active=true', [ALERT, ALERT]],
    ['Grafana', '/alerts?silenced=false&inhibited=false&active=true', [ALERT]],
    ['Grafana', '/alerts/groups', [{ receiver: { name: 'team' }, alerts: [ALERT, ALERT] }]],
    ['Grafana', '/silences', [SILENCE]],
    ['Grafana', '/receivers', [{ name: 'team' }, { name: 'night' }]],
  ])('%s asks for %s', async (_client, url, answer) => {
    const { get, post } = await api();
    expect((await post(posted)).status).toBe(200);
    const given = await get(url);
    expect(given).toMatchObject(answer as object);
    if (Array.isArray(answer)) expect(given).toHaveLength(answer.length);
  });

  const BOOM = { name: 'alertname', value: 'boom', isRegex: false, isEqual: true };
  it.each<[client: string, body: object]>([
    ['Karma', { ...posted, matchers: [{ name: 'service', value: 'a|b', isRegex: true, isEqual: true }], id: '' }],
    [
      'Grafana',
      { ...posted, matchers: [BOOM, { name: 'service', value: 'a', isRegex: false, isEqual: false }], annotations: {} },
    ],
  ])('%s adds a silence, changes it and ends it', async (_client, body) => {
    const { ask, get, post } = await api();
    const { silenceID } = (await post(body)).body;
    const changed = await post({ ...body, id: silenceID, comment: 'longer' });
    expect(changed).toMatchObject({ status: 200, body: { silenceID: expect.any(String) } });
    const id = changed.body.silenceID;
    expect((await ask({ method: 'DELETE', url: `/silence/${id}` })).status).toBe(200);
    expect(await get(`/silence/${id}`)).toMatchObject({ comment: 'longer', status: { state: 'expired' } });
  });
});

describe('who may change silences', () => {
  const outcome = async (given: Partial<ApiUnderTest>, headers: object) => {
    const { post, get, audited } = await api(given);
    const { status } = await post(posted, headers);
    expect((await get('/silences')).length).toBe(status === 200 ? 1 : 0);
    return [status, ...audited.map((line) => line.replace(/^.* by /, ''))];
  };
  const tokens = { 'a-token-of-twenty-chars': 'on-call' };
  const bearer = (token: string) => ({ host: 'tocsin.example', authorization: `Bearer ${token}` });

  it.each<[what: string, given: Partial<ApiUnderTest>, headers: object, expected: readonly unknown[]]>([
    ['the machine itself', {}, LOCAL, [200, 'localhost']],
    ['by the name localhost', {}, { host: 'localhost:9095' }, [200, 'localhost']],
    ['by IPv6', { host: '::1' }, { host: '[::1]:9095' }, [200, 'localhost']],
    ['a page whose name was made to lead here', {}, { host: 'evil.example:9095' }, [403]],
    ['a name that begins like localhost', {}, { host: 'localhost.evil.example' }, [403]],
    ['anyone, where the server is open and has no token', { host: '0.0.0.0' }, LOCAL, [403]],
    ['a token', { host: '0.0.0.0', tokens }, bearer('a-token-of-twenty-chars'), [200, 'on-call']],
    ['no token', { host: '0.0.0.0', tokens }, { host: 'tocsin.example' }, [401]],
    ['another token', { host: '0.0.0.0', tokens }, bearer('a-token-of-twenty-charz'), [401]],
    ['the beginning of a token', { host: '0.0.0.0', tokens }, bearer('a-token'), [401]],
    ['a password', { host: '0.0.0.0', tokens }, { ...LOCAL, authorization: 'Basic YTpi' }, [401]],
    ['the machine itself, where there are tokens', { tokens }, LOCAL, [401]],
  ])('%s', async (_what, given, headers, expected) => {
    expect(await outcome(given, headers)).toEqual(expected);
  });
});
