import { beforeAll, describe, expect, it } from 'vitest';
import { secret } from '../../../src/core/secret.ts';
import { type ShownService, shownService } from '../../support/server/shown-service.ts';

const GROUP = encodeURIComponent('{"service.name":"checkout"}');

let shop: ShownService;
beforeAll(async () => {
  shop = await shownService();
});

const get = (url: string, from: ShownService = shop) => from.server.inject({ url, headers: { host: 'localhost' } });

describe('the chart of a page without scripts', () => {
  it('is a picture with the limit and the episodes of its group, which the page shows only without scripts', async () => {
    const { body } = await get('/rules/http-errors');
    const [, src = ''] = /<noscript><img src="([^"]+)"/.exec(body) ?? [];
    const answer = await get(src.replaceAll('&#38;', '&'));
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(answer.body).toMatch(/^<svg .*<title>Chart: documents, .* limit 20<\/title>/);
    expect(answer.body).toContain('>fires<');
    expect(answer.body).not.toMatch(/<script|<style|href=/);
  });

  it.each([
    ['an unknown rule', '/rules/none/chart.svg', 404],
    ['no group', '/rules/http-errors/chart.svg', 404],
    ['a group of another rule', '/rules/http-errors/chart.svg?group=%7B%22host%22%3A%22a%22%7D', 404],
    ['a group that is none', '/rules/http-errors/chart.svg?group=%7B%22service.name%22%3A%7B%7D%7D', 404],
    ['no JSON', '/rules/http-errors/chart.svg?group=%7B', 404],
    ['a group without documents', '/rules/http-errors/chart.svg?group=%7B%22service.name%22%3A%22%3Cx%3E%22%7D', 200],
    ['a time that is none', `/rules/http-errors/chart.svg?group=${GROUP}&from=yesterday`, 200],
    ['a time to come', `/rules/http-errors/chart.svg?group=${GROUP}&from=2099-01-01`, 404],
  ])('of %s', async (_name, url, status) => {
    expect((await get(url)).statusCode).toBe(status);
  });

  it('needs what stories need, since it asks the cluster', async () => {
    const tokens = [{ name: 'kim', token: secret('a-token-of-kim-0123456789') }];
    const open = await shownService({ access: { host: '0.0.0.0', tokens } });
    expect((await get(`/rules/http-errors/chart.svg?group=${GROUP}`, open)).statusCode).toBe(403);
  });
});
