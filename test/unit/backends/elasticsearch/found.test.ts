import { describe, expect, it } from 'vitest';
import { readEsql, readSearch } from '../../../../src/backends/elasticsearch/found.ts';
import { searched } from '../../../support/elasticsearch-backend/scripted-wire.ts';

const whole = searched({ all: { doc_count: 3 } });
const shards = (counts: object) => ({ ...whole, _shards: { total: 2, successful: 2, skipped: 0, failed: 0, ...counts } });
const clusters = (counts: object) => ({ ...whole, _clusters: { total: 2, successful: 2, skipped: 0, ...counts } });
const failures = [{ index: 'logs-1', reason: { type: 'es_rejected_execution_exception', reason: 'queue is full' } }];

describe('an answer of a search', () => {
  it('of all shards is found, with what it took', () => {
    expect(readSearch(whole)).toMatchObject({
      kind: 'found',
      found: { took: 3, shards: 2, aggregations: { all: { doc_count: 3 } } },
    });
  });

  it('of no shard is none', () => {
    expect(readSearch(shards({ total: 0, successful: 0 }))).toEqual({ kind: 'none' });
  });

  it.each([
    ['an error', { error: { type: 'parsing_exception', reason: 'unknown query' }, status: 400 }, 'bad_query'],
    ['out of time, though it is 200', { ...whole, timed_out: true }, 'timeout'],
    [
      'some shards failed, though it is 200',
      shards({ failed: 1, failures: [{ reason: { type: 'x', reason: 'y' } }] }),
      'partial',
    ],
    ['some shards were busy, though it is 200', shards({ failed: 1, failures }), 'overloaded'],
    ['a remote cluster was skipped', clusters({ skipped: 1 }), 'remote_cluster'],
    ['a remote cluster answered in part', clusters({ partial: 1 }), 'remote_cluster'],
    ['a remote cluster failed', clusters({ failed: 1 }), 'remote_cluster'],
    ['a remote cluster still works', clusters({ running: 1 }), 'remote_cluster'],
    ['no count of shards', { ...whole, _shards: undefined }, 'bad_answer'],
    ['no hits', { ...whole, hits: undefined }, 'bad_answer'],
    ['no object', 'well', 'bad_answer'],
  ])('is a problem when there is %s', (_name, entry, code) => {
    expect(readSearch(entry)).toMatchObject({ kind: 'problem', problem: { code } });
  });

  it('names the remote clusters that are missing', () => {
    const details = { eu: { status: 'skipped' }, us: { status: 'successful' } };
    expect(readSearch(clusters({ skipped: 1, details }))).toMatchObject({ problem: { message: 'of 2 clusters 1 skipped: eu' } });
  });
});

describe('an answer of ES|QL', () => {
  it('is found when it is whole', () => {
    expect(readEsql({ took: 4, is_partial: false, columns: [], values: [] })).toMatchObject({
      kind: 'found',
      found: { took: 4 },
    });
  });

  it.each([
    ['answered in part', { is_partial: true, columns: [], values: [] }, 'partial'],
    ['without a remote cluster', { columns: [], values: [], _clusters: { total: 1, skipped: 1 } }, 'remote_cluster'],
    ['by something else', [], 'bad_answer'],
  ])('is a problem when it is %s', (_name, body, code) => {
    expect(readEsql(body)).toMatchObject({ kind: 'problem', problem: { code } });
  });
});
