import { describe, expect, it } from 'vitest';
import { shownService } from '../../support/server/shown-service.ts';

describe('the stream of events', () => {
  it('is text/event-stream, and has what changes while it is open', async () => {
    const shop = await shownService();
    const url = await shop.server.listen('127.0.0.1', 0);
    const stop = new AbortController();
    try {
      const answer = await fetch(`${url}/api/v1/events`, { signal: stop.signal });
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
        200,
        'text/event-stream',
        'no-store',
      ]);
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      const body = JSON.stringify({ matchers: ['team=shop'], duration: '1h', comment: 'c', created_by: 'kim' });
      await fetch(`${url}/api/v1/silences`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      let text = '';
      while (!text.includes('event: silence')) text += (await reader?.read())?.value ?? '';
      expect(text).toMatch(
        /id: shop-1\nevent: silence\ndata: \{"kind":"silence","id":"7c1e9a52.*","done":"saved","by":"localhost"\}\n\n/,
      );
    } finally {
      stop.abort();
      await shop.server.close();
    }
  });
});
