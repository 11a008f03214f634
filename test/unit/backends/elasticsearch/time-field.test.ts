import { describe, expect, it } from 'vitest';
import { elasticsearchSearch } from '../../../../src/backends/elasticsearch/search.ts';
import { timeFields } from '../../../../src/backends/elasticsearch/time-field.ts';
import type { WireReply } from '../../../../src/backends/elasticsearch/wire.ts';
import { groupsQuery, SOURCE } from '../../../support/elasticsearch-backend/queries.ts';
import { answered, scriptedWire, searched } from '../../../support/elasticsearch-backend/scripted-wire.ts';

const { signal } = new AbortController();
const query = groupsQuery();
const mapped = answered({ indices: ['logs-1'], fields: { '@timestamp': { date: {} } } });
const unmapped = answered({ indices: ['logs-1'], fields: {} });

function cluster(docs: number, caps: WireReply) {
  return scriptedWire(
    ({ path }) => (path.includes('_field_caps') ? caps : answered({ responses: [searched({ all: { doc_count: docs } })] })),
    'time fields',
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
  });

  it('is the only one for which a field that is mapped nowhere is a problem', async () => {
    const wire = cluster(3, unmapped);
    expect(await elasticsearchSearch(wire).ask([query], signal)).toMatchObject([{ kind: 'complete', matched: 3 }]);
  });
});

describe('a time field that is no date', () => {
  const WHERE =
    ': no window finds the documents there; map it as date, for numbers with a `format` such as epoch_second, or name another `time_field`';

  it.each<[string, number, object, string]>([
    ['in the only index', 0, { long: {} }, 'long in logs-*'],
    [
      'in one index of several, whose others have documents',
      3,
      { date: { indices: ['logs-1', 'logs-3'] }, keyword: { indices: ['logs-2'] } },
      'keyword in logs-2',
    ],
    [
      'in many indices',
      3,
      { date: { indices: ['a'] }, long: { indices: ['b', 'c', 'd', 'e', 'f'] } },
      'long in b, c, d and 2 more',
    ],
  ])('is a problem %s', async (_name, docs, types, where) => {
    const wire = cluster(docs, answered({ indices: ['logs-1'], fields: { '@timestamp': types } }));
    for (const source of [SOURCE, { ...SOURCE, ignoreMissingIndex: true }]) {
      const [answer] = await elasticsearchSearch(wire).ask([{ ...query, source }], signal);
      expect(answer).toMatchObject({
        kind: 'failed',
        problem: { code: 'bad_mapping', message: `the time field @timestamp is ${where}, expected a date${WHERE}` },
      });
    }
  });

  it('is none where some indices lack it, and where it is a date of either kind', async () => {
    const types = { date: { indices: ['a'] }, date_nanos: { indices: ['b'] }, unmapped: { indices: ['c'] } };
    const wire = cluster(0, answered({ indices: ['a', 'b', 'c'], fields: { '@timestamp': types } }));
    expect(await elasticsearchSearch(wire).ask([query], signal)).toMatchObject([{ kind: 'complete' }]);
  });

  it('is looked for again after ten minutes, and not before', async () => {
    let now = 0;
    const wire = cluster(3, mapped);
    const times = timeFields(wire, () => now);
    for (const minute of [0, 1, 9, 10, 11]) {
      now = minute * 60_000;
      await times.problemOf(SOURCE, true, signal);
    }
    expect(asked(wire)).toBe(2);
  });
});
