import { beforeAll, describe, expect, it } from 'vitest';
import { secret } from '../../../src/core/secret.ts';
import { OPERATIONS } from '../../../src/server/api/v1/operations.ts';
import { HELD_BACK } from '../../support/server/held-back.ts';
import { type ShownService, shownService } from '../../support/server/shown-service.ts';

const FORM = 'form-text-of-this-browser-0123';
const HEADERS = { host: 'localhost:9095', cookie: `tocsin_form=${FORM}` };

let shop: ShownService;
beforeAll(async () => {
  shop = await shownService(HELD_BACK);
});

async function get(url: string) {
  const answer = await shop.server.inject({ method: 'GET', url, headers: HEADERS });
  return { status: answer.statusCode, text: wordsOf(answer.body), body: answer.body };
}

async function post(url: string, fields: Readonly<Record<string, string>>) {
  const payload = new URLSearchParams({ form: FORM, ...fields }).toString();
  const headers = { ...HEADERS, 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await shop.server.inject({ method: 'POST', url, payload, headers });
  return { status: answer.statusCode, to: answer.headers.location, text: wordsOf(answer.body) };
}

/** The words of a page, as they are read. */
function wordsOf(body: string): string {
  return body
    .replace(/<[^>]+>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
    .replace(/ (?=[:,] )/g, '');
}

async function idOf(rule: string): Promise<string> {
  const answer = await shop.server.inject({ url: `/api/v1/alerts?matcher=alertname%3D${rule}`, headers: HEADERS });
  return answer.json<{ items: { id: string }[] }>().items[0]?.id ?? '';
}

describe('an alert is acknowledged on the pages', () => {
  it('in its story, which says who, when and why, until that is taken back', async () => {
    const id = await idOf('http-errors');
    const place = `/alerts/${id}`;
    expect((await get(place)).body).toContain(`action="${place}/acknowledge"`);
    const done = await post(`${place}/acknowledge`, { author: 'kim', comment: 'restarting <b>it</b>', next: place });
    expect([done.status, done.to]).toEqual([303, place]);
    const story = await get(place);
    expect(story.text).toContain('Acknowledged by kim, 2026-01-01 15:00:00 UTC: restarting <b>it</b>');
    expect(story.text).toContain('No reminders and no escalation until it gets worse or ends.');
    expect(story.body).not.toContain('<b>it</b>');
    expect(story.body).not.toContain(`action="${place}/acknowledge"`);
    expect((await get('/')).text).toMatch(/1 acknowledged/);
    expect((await get('/alerts?status=acknowledged')).text).toContain('1 of ');
    expect((await get('/alerts?status=acknowledged')).text).toContain('acknowledged by kim');
    expect((await post(`${place}/acknowledge/expire`, { next: place })).status).toBe(303);
    const after = await get(place);
    expect(after.text).not.toContain('Acknowledged by kim');
    // What was said stays in its story.
    expect(after.text).toMatch(/Acknowledgements .* kim restarting/);
    expect(shop.audited).toEqual(['acknowledged by kim', 'acknowledgement expired by localhost']);
  });

  it('in the list, and comes back to where it was', async () => {
    const list = '/alerts?q=team%3D%22platform%22';
    const id = await idOf('disk-nearly-full');
    const { body } = await get(list);
    expect(body).toContain(`action="/alerts/${id}/acknowledge"`);
    expect(body).toContain(`name="next" value="/alerts?q=team%3D%22platform%22"`);
    const done = await post(`/alerts/${id}/acknowledge`, { author: 'sam', comment: 'cleaning up', next: list });
    expect([done.status, done.to]).toEqual([303, list]);
    expect((await get(list)).text).toContain('acknowledged by sam: cleaning up');
    await post(`/alerts/${id}/acknowledge/expire`, { next: list });
  });

  it('not without a name and a comment, not when it is over, and never another one', async () => {
    const id = await idOf('disk-nearly-full');
    expect((await post(`/alerts/${id}/acknowledge`, { author: 'kim', comment: ' ' })).text).toContain('A name and a comment');
    expect((await post(`/alerts/${id}/acknowledge`, { comment: 'c' })).status).toBe(409);
    expect((await post(`/alerts/${'0'.repeat(32)}/acknowledge`, { author: 'kim', comment: 'c' })).status).toBe(409);
    expect((await post(`/alerts/${id.slice(0, 8)}/acknowledge`, { author: 'kim', comment: 'c' })).status).toBe(404);
    const away = await post(`/alerts/${id}/acknowledge`, { author: 'kim', comment: 'c', next: 'https://evil.example.com' });
    expect([away.status, away.to]).toEqual([303, '/']);
    await post(`/alerts/${id}/acknowledge/expire`, {});
  });

  it('and counts in the noise', async () => {
    expect((await get('/noise')).text).toContain('Never acknowledged');
    const before = /disk-nearly-full (\d+) (\d+) (\d+) (?:\d+ % )?(\d+)/.exec((await get('/noise')).text);
    // It was acknowledged above, and taken back: someone had looked.
    expect(before?.[4]).toBe('0');
  });

  it('only by who may', async () => {
    const open = await shownService({
      access: { host: '0.0.0.0', tokens: [{ name: 'kim', token: secret('a-token-0123456789') }] },
    });
    const answer = await open.server.inject({ url: '/alerts', headers: { host: 'tocsin.example.com' } });
    expect(answer.body).not.toContain('/acknowledge');
  });
});

describe('what holds an alert back is named on its page, with a link to it', () => {
  it('a silence', async () => {
    const { text, body } = await get(`/alerts/${await idOf('queue-grows')}`);
    expect(text).toContain('silenced by kim until 2026-01-01 16:00:00 UTC: Workers are being replaced');
    const [, link = ''] = /href="(\/silences\/7c1e[^"]+)"/.exec(body) ?? [];
    const silence = await get(link);
    expect([silence.status, silence.text]).toEqual([200, expect.stringMatching(/Alerts that it matches .*queue-grows/)]);
  });

  it('an alert that inhibits it', async () => {
    const { text, body } = await get(`/alerts/${await idOf('slow-requests')}`);
    expect(text).toMatch(/inhibited while checkout fails: \d+ server errors in 5m fires/);
    expect(body).toContain(`href="/alerts/${await idOf('http-errors')}"`);
  });

  it('nothing, where nothing does', async () => {
    expect((await get(`/alerts/${await idOf('http-errors')}`)).text).not.toContain('Held back now');
  });
});

describe('silences', () => {
  it('are extended, from now', async () => {
    const place = '/silences/7c1e9a52-0000-4000-8000-000000000001';
    expect((await post(`${place}/extend`, { length: '4h' })).status).toBe(303);
    expect((await get(place)).text).toContain('2026-01-01 19:00:00 UTC');
    expect((await post(`${place}/extend`, { length: 'long' })).status).toBe(400);
    expect((await post('/silences/none/extend', { length: '1h' })).status).toBe(404);
  });

  it('of files show where they are planned, and are changed there alone', async () => {
    const { text, body } = await get('/silences');
    expect(text).toContain('planned in silences/backup.yaml:2: change it there');
    expect(body).not.toContain('/silences/file%3Anightly-backup/expire');
    const refused = await post('/silences/file%3Anightly-backup/extend', { length: '1h' });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('is planned in silences/backup.yaml:2')]);
    const page = await get('/silences/file%3Anightly-backup');
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Silence silences/backup.yaml:2')]);
    const api = await shop.server.inject({ url: '/api/v1/silences', headers: HEADERS });
    expect(api.json<{ items: { origin: string | null }[] }>().items.map(({ origin }) => origin)).toEqual(
      expect.arrayContaining([null, 'silences/backup.yaml:2']),
    );
    const ended = await shop.server.inject({ method: 'DELETE', url: '/api/v1/silences/file%3Anightly-backup', headers: HEADERS });
    expect([ended.statusCode, ended.json<{ detail: string }>().detail]).toEqual([400, expect.stringContaining('planned in')]);
  });
});

it('the API has a page with each operation and its parameters', async () => {
  const { text } = await get('/api');
  for (const { method, path } of OPERATIONS) expect(text).toContain(`${method} /api/v1${path}`);
  expect(text).toMatch(/GET \/api\/v1\/alerts .*matcher query/);
});

it('no page for people shows the backticks that texts for terminals have', async () => {
  const paths = [
    '/',
    '/alerts',
    '/alerts?q=team%3D~',
    '/rules',
    '/rules/http-errors',
    '/rules/nope',
    '/silences',
    '/silences/new',
    '/notifications',
    '/receivers',
    '/login',
    '/api',
    '/noise',
  ];
  const reader = await shownService({
    access: { tokens: [{ name: 'reader', token: secret('a-token-that-only-reads'), scopes: ['read'] }] },
  });
  const headers = { host: 'localhost:9095', authorization: 'Bearer a-token-that-only-reads' };
  for (const url of paths) {
    const { body } = await reader.server.inject({ url, headers });
    const shown = body.replace(/<(pre|style|script|textarea)[\s\S]*?<\/\1>|<[^>]+>/g, '');
    expect(shown, url).not.toContain('`');
  }
});
