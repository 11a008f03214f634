import { describe, expect, it } from 'vitest';
import { askHits } from '../../../../../src/backends/elasticsearch/questions/hits.ts';
import { answerOf, bodyOf, hitsQuery, withFound } from '../../../../support/elasticsearch-backend/queries.ts';

const hit = (id: string, time: string, index = 'logs-1') => ({ _id: id, _index: index, sort: [time], fields: { message: [id] } });
const time = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.123456789Z`;
const all = { all: { doc_count: 5 } };

describe('hits', () => {
  it('are asked for newest first, one more than the limit, by fields and without sources', () => {
    expect(bodyOf(askHits(hitsQuery({ limit: 2 })))).toMatchObject({
      size: 3,
      _source: false,
      fields: [{ field: 'message', include_unmapped: true }],
      sort: [{ '@timestamp': { order: 'desc', format: 'strict_date_optional_time_nanos', numeric_type: 'date_nanos' } }],
      aggs: { all: { filter: { match_all: {} } } },
    });
  });

  it('bear their time to the millisecond', () => {
    const answer = answerOf(withFound(askHits(hitsQuery()), { hits: [hit('a', time(2))], aggregations: all }));
    const row = { id: 'a', index: 'logs-1', at: Date.parse('2026-01-01T00:00:02.123Z'), fields: { message: ['a'] } };
    expect(answer).toMatchObject({ kind: 'complete', hits: [row], matched: 5, atLeast: 1 });
    expect(answer.kind !== 'failed' && answer.hits[0]).toEqual(row);
  });

  it('beyond the limit are truncated', () => {
    const hits = [hit('a', time(3)), hit('b', time(2)), hit('c', time(1))];
    const answer = answerOf(withFound(askHits(hitsQuery({ limit: 2 })), { hits, aggregations: all }));
    expect(answer).toMatchObject({ kind: 'truncated', hits: [{ id: 'a' }, { id: 'b' }], atLeast: 3 });
  });

  it('beyond a page go on at the last time, without what was read there', () => {
    const first = Array.from({ length: 999 }, (_, i) => hit(`a${i}`, time(9)));
    const hits = [...first.slice(0, 997), hit('x', time(8)), hit('y', time(8)), hit('z', time(8), 'logs-2')];
    const second = withFound(askHits(hitsQuery({ limit: 1_500 })), { hits, aggregations: all });
    const read = [
      { bool: { filter: [{ term: { _index: 'logs-1' } }, { ids: { values: ['x', 'y'] } }] } },
      { bool: { filter: [{ term: { _index: 'logs-2' } }, { ids: { values: ['z'] } }] } },
    ];
    expect(bodyOf(second)['query']).toMatchObject({
      bool: {
        filter: [
          {},
          { range: { '@timestamp': { lte: time(8), format: 'strict_date_optional_time_nanos' } } },
          { bool: { must_not: read } },
        ],
      },
    });
    expect(bodyOf(second)).not.toHaveProperty('aggs');
    expect(bodyOf(second)['size']).toBe(501);
    expect(answerOf(withFound(second, { hits: [hit('w', time(8))] }))).toMatchObject({
      kind: 'complete',
      matched: 5,
      atLeast: 1_001,
    });
  });

  it.each([
    ['without a time', [{ _id: 'a', _index: 'logs-1', fields: {} }]],
    ['with a time that is none', [hit('a', 'soon')]],
    ['without an id', [{ _index: 'logs-1', sort: [time(1)] }]],
  ])('%s are a bad answer', (_name, hits) => {
    expect(answerOf(withFound(askHits(hitsQuery()), { hits, aggregations: all }))).toMatchObject({
      problem: { code: 'bad_answer' },
    });
  });
});
