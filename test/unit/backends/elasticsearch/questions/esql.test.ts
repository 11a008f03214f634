import { describe, expect, it } from 'vitest';
import { askEsql } from '../../../../../src/backends/elasticsearch/questions/esql.ts';
import { answerOf, bodyOf, esqlQuery, withFound } from '../../../../support/elasticsearch-backend/queries.ts';

const columns = [{ name: 'c' }, { name: 'host' }];

describe('an ES|QL question', () => {
  it('is bounded by its window and its rows, whatever its text ends with', () => {
    expect(bodyOf(askEsql(esqlQuery({ text: 'FROM logs-* // all', maxRows: 5 })))).toMatchObject({
      query: 'FROM logs-* // all\n| LIMIT 6',
      filter: { bool: { filter: [{ range: { '@timestamp': { gte: 60_000, lt: 360_000 } } }] } },
    });
  });

  it('is answered in rows by column; several values in a cell are one text', () => {
    const values = [
      [3, 'a'],
      [null, ['a', 'b']],
    ];
    const answer = answerOf(withFound(askEsql(esqlQuery()), { body: { columns, values } }));
    const table = [
      { c: 3, host: 'a' },
      { c: null, host: '["a","b"]' },
    ];
    expect(answer).toMatchObject({ kind: 'complete', table, atLeast: 2 });
  });

  it('with more rows than asked for is truncated', () => {
    const answer = answerOf(withFound(askEsql(esqlQuery({ maxRows: 1 })), { body: { columns, values: [[1], [2]] } }));
    expect(answer).toMatchObject({ kind: 'truncated', table: [{ c: 1, host: null }], atLeast: 2 });
  });

  it('without a table is a bad answer', () => {
    expect(answerOf(withFound(askEsql(esqlQuery()), { body: {} }))).toMatchObject({ problem: { code: 'bad_answer' } });
  });
});
