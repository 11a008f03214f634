import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/server/api/v1/operations.ts';
import { type ShownService, shownService } from '../../support/server/shown-service.ts';

const NO_ALERT = '0'.repeat(32);
const HOST = { host: '127.0.0.1:9095' };

interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly operationId: string; readonly responses: Record<string, { readonly content: object }> }>>
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let shop: ShownService;
let document: OpenApi;
let alert = '';
let silence = '';
let notification = '';
beforeAll(async () => {
  shop = await shownService();
  document = (await ask('GET', '/openapi.json')).body as OpenApi;
  alert = (await items('/alerts?matcher=alertname%3Dhttp-errors'))[0]?.['id'] as string;
  notification = (await items('/notifications?limit=1'))[0]?.['id'] as string;
  silence = (await items('/silences'))[0]?.['id'] as string;
});

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  payload?: object,
  headers: Readonly<Record<string, string>> = HOST,
) {
  const answer = await shop.server.inject({
    method,
    url: `/api/v1${path}`,
    headers: { ...headers },
    ...(payload !== undefined && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() as unknown, type: String(answer.headers['content-type']) };
}

async function items(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return ((await ask('GET', path)).body as { items: readonly Readonly<Record<string, unknown>>[] }).items;
}

/** The problems of an answer with the OpenAPI document; none: it is as the document says. */
function problemsOf(body: unknown, reference: string): unknown {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'openapi');
  const validate = ajv.compile({ $ref: `openapi${reference}` });
  return validate(body) ? [] : validate.errors;
}

/** A request for each operation. */
const REQUESTS: Readonly<Record<string, () => readonly [path: string, payload?: object]>> = {
  listRules: () => ['/rules?limit=2'],
  getRule: () => ['/rules/http-errors'],
  listEvaluations: () => ['/rules/http-errors/evaluations?changed=true'],
  getSeries: () => ['/rules/http-errors/series?group=%7B%22service.name%22%3A%22checkout%22%7D'],
  explain: () => ['/rules/queue-grows/explain'],
  listAlerts: () => ['/alerts?matcher=team%3Dshop&matcher=severity%3Dcritical'],
  getAlert: () => [`/alerts/${alert}`],
  listEpisodes: () => ['/episodes?rule=http-errors&limit=3'],
  listNotifications: () => ['/notifications?receiver=shop&limit=3'],
  getNotification: () => [`/notifications/${notification}`],
  acknowledgeAlert: () => [`/alerts/${alert}/acknowledgement`, { comment: 'restarting it', by: 'kim' }],
  expireAcknowledgement: () => [`/alerts/${alert}/acknowledgement`],
  listSilences: () => ['/silences'],
  getSilence: () => [`/silences/${silence}`],
  previewSilence: () => ['/silences/preview', { matchers: ['team=shop'] }],
  addSilence: () => ['/silences', { matchers: ['team=shop'], duration: '2h', comment: 'upgrade', created_by: 'kim' }],
  extendSilence: () => [`/silences/${silence}/extend`, { duration: '4h' }],
  expireSilence: () => [`/silences/${silence}`],
  listReceivers: () => ['/receivers'],
};

describe("Tocsin's own API", () => {
  it('has an OpenAPI document in which each reference leads somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((name) => !Object.hasOwn(document.components.schemas, name))).toEqual([]);
    expect(Object.values(document.components.schemas)).not.toContain(undefined);
  });

  it.each(OPERATIONS.map(({ id, method, path }) => [id, method, path] as const))(
    '%s answers as the document says',
    async (id, method, path) => {
      const [url, payload] = REQUESTS[id]?.() ?? [''];
      const { status, body, type } = await ask(method, url, payload);
      expect([status, type, body]).toEqual([200, 'application/json; charset=utf-8', expect.anything()]);
      const pointer = `#/paths/${`/api/v1${path}`.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${method.toLowerCase()}/responses/200/content/application~1json/schema`;
      expect(problemsOf(body, pointer)).toEqual([]);
    },
  );

  it.each<[string, 'GET' | 'POST' | 'DELETE', string, object | undefined, number, RegExp]>([
    ['an unknown rule', 'GET', '/rules/none', undefined, 404, /GET \/api\/v1\/rules/],
    ['an unknown message', 'GET', `/notifications/${NO_ALERT}`, undefined, 404, /GET \/api\/v1\/notifications/],
    ['an unknown path', 'GET', '/nothing', undefined, 404, /openapi\.json/],
    ['an unknown parameter', 'GET', '/rules?colour=red', undefined, 400, /openapi\.json/],
    ['too large a page', 'GET', '/alerts?limit=100000', undefined, 400, /openapi\.json/],
    ['an invalid matcher', 'GET', '/alerts?matcher=team%3D~', undefined, 400, /such as severity/],
    ['an invalid time', 'GET', '/episodes?from=yesterday', undefined, 400, /ISO 8601/],
    ['a range that ends before it begins', 'GET', '/episodes?from=2026-01-02&to=2026-01-01', undefined, 400, /earlier `from`/],
    ['a group that is none', 'GET', '/rules/http-errors/series?group=%7B%22a%22%3A1%7D', undefined, 400, /such as/],
    [
      'a group of another rule',
      'GET',
      '/rules/http-errors/explain?group=%7B%22host%22%3A%22a%22%7D',
      undefined,
      400,
      /service\.name/,
    ],
    ['a silence without an end', 'POST', '/silences', { matchers: ['a=b'], comment: 'c', created_by: 'd' }, 400, /duration/],
    [
      'a silence of everything',
      'POST',
      '/silences',
      { matchers: ['a=~".*"'], comment: 'c', created_by: 'd', duration: '1h' },
      400,
      /labels/,
    ],
    [
      'a silence for a length of time that is not one',
      'POST',
      '/silences',
      { matchers: ['a=b'], comment: 'c', created_by: 'd', duration: '2 hours' },
      400,
      /write 2h/,
    ],
    ['a silence without an author', 'POST', '/silences', { matchers: ['a=b'], comment: 'c', duration: '1h' }, 400, /created_by/],
    [
      'an unknown member',
      'POST',
      '/silences',
      { matchers: ['a=b'], comment: 'c', duration: '1h', forever: true },
      400,
      /openapi\.json/,
    ],
    ['an acknowledgement without an author', 'POST', `/alerts/${NO_ALERT}/acknowledgement`, { comment: 'c' }, 400, /`by`/],
    [
      'an acknowledgement without a comment',
      'POST',
      `/alerts/${NO_ALERT}/acknowledgement`,
      { comment: ' ', by: 'kim' },
      400,
      /`comment`/,
    ],
    [
      'an acknowledgement of no alert',
      'POST',
      `/alerts/${NO_ALERT}/acknowledgement`,
      { comment: 'c', by: 'kim' },
      409,
      /see its state/,
    ],
    [
      'an acknowledgement with a shortened ID',
      'POST',
      '/alerts/0/acknowledgement',
      { comment: 'c', by: 'kim' },
      404,
      /v1\/alerts/,
    ],
    [
      'the end of an acknowledgement that is not there',
      'DELETE',
      `/alerts/${NO_ALERT}/acknowledgement`,
      undefined,
      409,
      /see its state/,
    ],
    ['an extension that is none', 'POST', '/silences/none/extend', { duration: 'long' }, 400, /such as 2h/],
    ['an extension of an unknown silence', 'POST', '/silences/none/extend', { duration: '2h' }, 404, /expired=true/],
    ['an unknown silence', 'DELETE', '/silences/none', undefined, 404, /expired=true/],
  ])('%s is a problem with the next step', async (_name, method, path, payload, status, next) => {
    const answer = await ask(method, path, payload);
    expect([answer.status, answer.type]).toEqual([status, expect.stringContaining('application/problem+json')]);
    expect(answer.body).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
      next: expect.stringMatching(next),
    });
    expect(problemsOf(answer.body, '#/components/schemas/Problem')).toEqual([]);
  });

  it('names the key that there is not', async () => {
    const { body } = await ask('GET', '/rules?colour=red');
    expect(body).toMatchObject({ detail: 'unknown key "colour"' });
  });

  it('gives lists page by page, each item once', async () => {
    const names: unknown[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const { body } = await ask('GET', `/episodes?limit=4&after=${after}`);
      const page = body as { items: { start: string; alert: string }[]; next: number | null };
      names.push(...page.items.map(({ start, alert: of }) => `${of} ${start}`));
      after = page.next;
    }
    expect(names.length).toBeGreaterThan(8);
    expect(new Set(names).size).toBe(names.length);
  });

  it('acknowledges an alert and takes it back: in the alert, the history and the list', async () => {
    const place = `/alerts/${alert}/acknowledgement`;
    const done = await ask('POST', place, { comment: 'restarting it', by: 'kim' });
    const work = { acknowledged: { by: 'kim', at: expect.any(String), comment: 'restarting it' } };
    expect([done.status, done.body]).toEqual([200, expect.objectContaining(work)]);
    expect((await ask('GET', `/alerts/${alert}`)).body).toMatchObject(work);
    expect((await items('/alerts?state=acknowledged')).map(({ id }) => id)).toEqual([alert]);
    const back = await ask('DELETE', place);
    expect([back.status, Object.hasOwn(back.body as object, 'acknowledged')]).toEqual([200, false]);
    expect(await items('/alerts?state=acknowledged')).toEqual([]);
    expect((await ask('DELETE', place)).status).toBe(409);
    const recorded = shop.world.backend.history.written('alerts').filter(({ body }) => body['event.kind'] === 'event');
    expect(recorded.map(({ body }) => [body['event.action'], body['message']])).toEqual(
      expect.arrayContaining([
        ['alert-acknowledged', 'an alert of http-errors is acknowledged by kim: restarting it'],
        ['acknowledgement-expired', 'an alert of http-errors is no longer acknowledged by localhost'],
      ]),
    );
  });

  it('says who silenced what in the history', async () => {
    const { silences: _silences, history } = shop.world.backend;
    const audited = history.written('alerts').filter(({ body }) => body['event.kind'] === 'event');
    expect(audited.map(({ body }) => [body['event.action'], body['message']])).toEqual(
      expect.arrayContaining([['silence-expired', expect.stringMatching(/^silence .* expired by localhost$/)]]),
    );
    // They are no episodes.
    const episodes = await shop.world.backend.runHistory.episodes({ range: { from: 0, to: Date.now() }, limit: 1_000 });
    expect(episodes.ok && episodes.value.every(({ alert: of }) => of !== '')).toBe(true);
  });
});
