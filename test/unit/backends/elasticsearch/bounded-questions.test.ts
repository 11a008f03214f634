import { describe, expect, test } from 'vitest';
import { elasticsearchSearch } from '../../../../src/backends/elasticsearch/search.ts';
import type { Wire } from '../../../../src/backends/elasticsearch/wire.ts';
import type { GroupsQuery, HitsQuery } from '../../../../src/search/query.ts';

const QUERY: GroupsQuery = {
  kind: 'groups',
  name: 'main',
  source: { indices: ['logs'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false },
  window: { from: 0, to: 60_000 },
  filter: { match_all: {} },
  groupBy: ['region', 'id'],
  missing: 'exclude',
  metrics: {},
  maxGroups: 1_000_000,
};

/** A server whose pages of groups go on for ever; `after` says what the next begins behind. */
function endless(after: (page: number) => number) {
  let requests = 0;
  const wire: Wire = {
    requestTimeout: 1_000,
    send: async ({ path }) => {
      if (path.endsWith('/_field_caps')) return { kind: 'answered', status: 200, body: { fields: {} } };
      requests += 1;
      const key = { g0: 'eu', g1: after(requests) };
      const aggregations = {
        all: { doc_count: 1 },
        without: { doc_count: 0 },
        groups: { after_key: key, buckets: [{ key, doc_count: 1 }] },
      };
      const response = {
        took: 1,
        timed_out: false,
        _shards: { total: 1, failed: 0 },
        hits: { hits: [] },
        aggregations,
        status: 200,
      };
      return { kind: 'answered', status: 200, body: { responses: [response] } };
    },
  };
  return { search: elasticsearchSearch(wire), requests: () => requests };
}

describe('a question ends, whatever the server says', () => {
  test('a page that does not advance is a named problem at once', async () => {
    const { search, requests } = endless(() => 7);
    const [answer] = await search.ask([QUERY], new AbortController().signal);
    expect(answer).toMatchObject({
      kind: 'failed',
      problem: { code: 'bad_answer', message: 'the groups after {"g0":"eu","g1":7} begin with the same again' },
    });
    expect(requests()).toBe(2);
  });

  test('pages without end are a named problem after 250 searches', async () => {
    const { search, requests } = endless((page) => page);
    const [answer] = await search.ask([QUERY], new AbortController().signal);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'too_large' } });
    expect(requests()).toBe(250);
  });

  test('a page of documents that begins with the same again is a named problem at once', async () => {
    let requests = 0;
    const page = Array.from({ length: 1_000 }, (_, at) => ({
      _id: `d${at}`,
      _index: 'logs',
      sort: ['1970-01-01T00:00:01.000Z'],
    }));
    const aggregations = { all: { doc_count: 5_000 } };
    const wire: Wire = {
      requestTimeout: 1_000,
      send: async () => {
        requests += 1;
        const response = { took: 1, timed_out: false, _shards: { total: 1, failed: 0 }, hits: { hits: page }, aggregations };
        return { kind: 'answered', status: 200, body: { responses: [response] } };
      },
    };
    const { kind: _kind, groupBy: _by, missing: _missing, metrics: _metrics, maxGroups: _most, ...asked } = QUERY;
    const query: HitsQuery = { ...asked, kind: 'hits', fields: ['id'], limit: 5_000 };
    const [answer] = await elasticsearchSearch(wire).ask([query], new AbortController().signal);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'bad_answer' } });
    expect(requests).toBe(2);
  });
});
