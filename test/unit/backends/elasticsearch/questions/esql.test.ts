import { describe, expect, it } from 'vitest';
import { askEsql } from '../../../../../src/backends/elasticsearch/questions/esql.ts';
import { answerOf, bodyOf, esqlQuery, SOURCE, withFound } from '../../../../support/elasticsearch-backend/queries.ts';

const columns = [{ name: 'c' }, { name: 'host' }];

describe('an ES|QL question', () => {
  it('looks where its source says, within its window and its rows, whatever its text ends with', () => {
    const source = { ...SOURCE, indices: ['logs-*', 'eu:a"b'] };
    expect(bodyOf(askEsql(esqlQuery({ source, text: '| WHERE a > 1 // all', maxRows: 5 })))).toMatchObject({
      query: 'FROM "logs-*", "eu:a\\"b"\n| WHERE a > 1 // all\n| LIMIT 6',
      filter: { bool: { filter: [{ range: { '@timestamp': { gte: 60_000, lt: 360_000 } } }] } },
    });
  });

  it('with as many rows as Elasticsearch gives at most is truncated, as it may have cut off others', () => {
    const step = askEsql(esqlQuery({ maxRows: 20_000 }));
    expect(bodyOf(step)).toMatchObject({ query: expect.stringContaining('| LIMIT 10000') });
    const values = Array.from({ length: 10_000 }, (_, i) => [i, 'a']);
    expect(answerOf(withFound(step, { body: { columns, values } }))).toMatchObject({ kind: 'truncated', atLeast: 10_000 });
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
    const answer = answerOf(
      withFound(askEsql(esqlQuery({ maxRows: 1 })), {
        body: {
          columns,
          values: [
            [1, null],
            [2, null],
          ],
        },
      }),
    );
    expect(answer).toMatchObject({ kind: 'truncated', table: [{ c: 1, host: null }], atLeast: 2 });
  });

  it('looks at all indices of its source, and at no other whatever their names hold', () => {
    const source = { ...SOURCE, indices: ['logs-*', 'far:a"b'] };
    expect(bodyOf(askEsql(esqlQuery({ source })))).toMatchObject({
      query: expect.stringMatching(/^FROM "logs-\*", "far:a\\"b"\n/),
    });
  });

  it('asks for no more rows than Elasticsearch gives, and takes as many as that for too few', () => {
    const step = askEsql(esqlQuery({ maxRows: 50_000 }));
    expect(bodyOf(step)).toMatchObject({ query: expect.stringMatching(/LIMIT 10000$/) });
    const rows = (count: number) => ({ body: { columns, values: Array.from({ length: count }, () => [1, 'a']) } });
    expect(answerOf(withFound(step, rows(10_000)))).toMatchObject({ kind: 'truncated', atLeast: 10_000 });
    expect(answerOf(withFound(step, rows(9_999)))).toMatchObject({ kind: 'complete', atLeast: 9_999 });
  });

  it('without a table is a bad answer', () => {
    expect(answerOf(withFound(askEsql(esqlQuery()), { body: {} }))).toMatchObject({ problem: { code: 'bad_answer' } });
  });
});
