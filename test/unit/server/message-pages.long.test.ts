import { beforeAll, describe, expect, it } from 'vitest';
import { keptPayload, MOST_KEPT_OF_PAYLOAD } from '../../../src/engine/history/kept-payload.ts';
import { SECRET } from '../../support/channel-options.ts';
import { type ShownService, shownService } from '../../support/server/shown-service.ts';

const HEADERS = { host: 'localhost:9095' };

let shop: ShownService;
beforeAll(async () => {
  shop = await shownService();
});

const get = (url: string, from: ShownService = shop) => from.server.inject({ method: 'GET', url, headers: HEADERS });

async function idFor(receiver: string, from: ShownService = shop): Promise<string> {
  const answer = await get(`/api/v1/notifications?receiver=${receiver}&limit=1`, from);
  return answer.json<{ items: { id: string }[] }>().items[0]?.id ?? '';
}

describe('a message', () => {
  it('is led to by the list of notifications and by the page of its alert', async () => {
    const id = await idFor('shop');
    expect((await get('/notifications')).body).toContain(`<a href="/notifications/${id}">`);
    const alerts = (await get('/api/v1/alerts?matcher=alertname%3Dhttp-errors')).json<{ items: { id: string }[] }>();
    expect((await get(`/alerts/${alerts.items[0]?.id}`)).body).toMatch(/<a href="\/notifications\/[0-9a-f]{32}">/);
  });

  it('shows its status apart from its title, in lists and on its own page', async () => {
    const list = (await get('/notifications')).body;
    const alerts = (await get('/api/v1/alerts?matcher=alertname%3Dhttp-errors')).json<{ items: { id: string }[] }>();
    const alert = (await get(`/alerts/${alerts.items[0]?.id}`)).body;
    const own = (await get(`/notifications/${await idFor('shop')}`)).body;
    for (const body of [list, alert, own]) {
      expect(body).toMatch(/<span class="tag">(\d+ )?(firing|resolved)(, still)?<\/span>/);
      expect(body.replace(/<pre[\s\S]*?<\/pre>/g, '')).not.toMatch(/\[(FIRING|RESOLVED)/);
    }
    expect(own).toMatch(/<h1>(?!\[)/);
    expect((await get('/api/v1/notifications')).json<{ items: { title: string }[] }>().items[0]?.title).toMatch(/^\[/);
  });

  it('of Slack shows its blocks as JSON, and about as its readers see it', async () => {
    const id = await idFor('shop');
    const { body, statusCode } = await get(`/notifications/${id}`);
    expect(statusCode).toBe(200);
    expect(body).toContain('&#34;blocks&#34;: [');
    expect(body).toContain(`<iframe class="look" sandbox src="/notifications/${id}/look"`);
    const look = await get(`/notifications/${id}/look`);
    expect(look.body).toContain('class="attachment"');
  });

  it('of a mail shows subject, text and HTML', async () => {
    const id = await idFor('platform');
    expect((await get(`/notifications/${id}`)).body).toMatch(/<pre tabindex="0">Subject: .*node-1: disk nearly full/);
    const look = await get(`/notifications/${id}/look`);
    expect(look.body).toMatch(/^<!doctype html>[\s\S]*node-1: disk nearly full/i);
  });

  it('shown as its readers see it runs nothing, asks for nothing, and can only be framed by these pages', async () => {
    const policy = String((await get(`/notifications/${await idFor('platform')}/look`)).headers['content-security-policy']);
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", 'img-src data:', "frame-ancestors 'self'", "form-action 'none'", 'sandbox']),
    );
    expect(policy).not.toMatch(/script-src|connect-src|allow-/);
    expect(String((await get('/notifications')).headers['content-security-policy'])).toContain("frame-ancestors 'none'");
  });

  it.each(['shop', 'platform'])('for %s has no secret of its destination, on the page and in the API', async (receiver) => {
    const id = await idFor(receiver);
    const answers = [`/notifications/${id}`, `/notifications/${id}/look`, `/api/v1/notifications/${id}`].map((url) => get(url));
    for (const { body, statusCode } of await Promise.all(answers)) {
      expect(statusCode).toBe(200);
      expect(body).not.toContain(SECRET);
    }
  });

  it('is shown without what was sent, which has samples of documents, to those without a login', async () => {
    const id = await idFor('shop');
    const ask = (url: string) => shop.server.inject({ method: 'GET', url, headers: { host: 'tocsin.example.com' } });
    const { body, statusCode } = await ask(`/notifications/${id}`);
    expect([statusCode, body.includes('class="state"'), body.includes('Sign in to see it')]).toEqual([200, true, true]);
    expect(body).not.toMatch(/iframe|<pre|blocks/);
    const look = await ask(`/notifications/${id}/look`);
    expect([look.statusCode, look.body]).toEqual([403, 'sign in to see what was sent\n']);
    expect((await ask(`/api/v1/notifications/${id}`)).statusCode).toBe(401);
    expect((await ask('/api/v1/notifications')).statusCode).toBe(200);
  });

  it('of which nothing was kept says so', async () => {
    const bare = await shownService({ keepsPayloads: false });
    const id = await idFor('shop', bare);
    expect((await get(`/notifications/${id}`, bare)).body).toContain('It was not stored: <code>history.payloads</code>');
    expect((await get(`/notifications/${id}/look`, bare)).statusCode).toBe(404);
    expect((await get(`/api/v1/notifications/${id}`, bare)).json()).toMatchObject({ id, payload: null, cut: false });
  });

  it.each(['0'.repeat(32), 'x', '..%2F..%2Fetc', '%00', 'a'.repeat(1_400), '__proto__'])(
    'with the ID %s is not there',
    async (id) => {
      expect([(await get(`/notifications/${id}`)).statusCode, (await get(`/notifications/${id}/look`)).statusCode]).toEqual([
        404, 404,
      ]);
    },
  );
});

describe('what history keeps of a payload', () => {
  it('is all of it but pictures', () => {
    const kept = keptPayload({ subject: 's', images: [{ cid: 'c', png: 'A'.repeat(500_000) }], n: 2n ** 60n });
    expect(kept).toEqual({
      text: `{"subject":"s","images":[{"cid":"c","png":"(picture, not kept)"}],"n":${2n ** 60n}}`,
      cut: false,
    });
  });

  it.each<[string, Parameters<typeof keptPayload>[0]]>([
    ['a long text', { text: '😀'.repeat(200_000) }],
    ['many texts', { blocks: Array.from({ length: 400 }, (_, n) => ({ text: `${n}`.repeat(2_000) })) }],
    ['endless data', { blocks: Array.from({ length: 100_000 }, () => 'x') }],
  ])('is bounded, and says that it was cut: %s', (_name, payload) => {
    const { text, cut } = keptPayload(payload);
    expect(text.length).toBeLessThanOrEqual(MOST_KEPT_OF_PAYLOAD);
    expect(cut).toBe(true);
    expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
});
