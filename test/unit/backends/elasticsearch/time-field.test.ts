import { describe, expect, it } from 'vitest';
import { elasticsearchSearch } from '../../../../src/backends/elasticsearch/search.ts';
import type { WireReply } from '../../../../src/backends/elasticsearch/wire.ts';
import { groupsQuery, SOURCE } from '../../../support/elasticsearch-backend/queries.ts';
import { answered, scriptedWire, searched } from '../../../support/elasticsearch-backend/scripted-wire.ts';

const { signal } = new AbortController();
const query = groupsQuery();
const mapped = answered({ indices: ['logs-1'], fields: { '@timestamp': { date: {} } } });
const unmapped = answered({ indices: ['logs-1'], fields: {} });

function cluster(docs: number, caps: WireReply) {
  return scriptedWire(({ path }) =>
    path.includes('_field_caps') ? caps : answered({ responses: [searched({ all: { doc_count: docs } })] }),
  );
}

const asked = (wire: ReturnType<typeof cluster>) => wire.requests.filter(({ path }) => path.includes('_field_caps')).length;

describe('an answer of no documents', () => {
  it('is a problem when no index has the time field', async () => {
    const wire = cluster(0, unmapped);
    const [answer] = await elasticsearchSearch(wire).ask([query], signal);
    expect(answer).toMatchObject({
      kind: 'failed',
      problem: { code: 'no_field', message: 'the time field @timestamp is mapped in none of logs-*' },
    });
    expect(wire.requests[1]).toMatchObject({ method: 'GET', path: '/logs-*/_field_caps', query: { fields: '@timestamp' } });
  });

  it('stands when one has, and a source is asked about only once', async () => {
    const wire = cluster(0, mapped);
    const search = elasticsearchSearch(wire, { merge: false });
    const { filter: _filter, ...rest } = query;
    for (const code of [1, 2]) {
      expect(await search.ask([{ ...rest, filter: { term: { code } } }], signal)).toMatchObject([
        { kind: 'complete', matched: 0 },
      ]);
    }
    expect(asked(wire)).toBe(1);
  });

  it.each([
    ['when that cannot be found out', { kind: 'unreachable', message: 'no' } as const],
    ['when there is no index any more', answered({ indices: [], fields: {} })],
  ])('stands %s', async (_name, caps) => {
    expect(await elasticsearchSearch(cluster(0, caps)).ask([query], signal)).toMatchObject([{ kind: 'complete', matched: 0 }]);
  });

  it('stands where data comes and goes', async () => {
    const wire = cluster(0, unmapped);
    const source = { ...SOURCE, ignoreMissingIndex: true };
    expect(await elasticsearchSearch(wire).ask([{ ...query, source }], signal)).toMatchObject([{ kind: 'complete' }]);
    expect(asked(wire)).toBe(0);
  });

  it('is the only one that is looked into', async () => {
    const wire = cluster(3, unmapped);
    expect(await elasticsearchSearch(wire).ask([query], signal)).toMatchObject([{ kind: 'complete', matched: 3 }]);
    expect(asked(wire)).toBe(0);
  });
});
