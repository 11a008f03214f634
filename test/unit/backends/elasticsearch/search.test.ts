import { describe, expect, it } from 'vitest';
import { elasticsearchSearch } from '../../../../src/backends/elasticsearch/search.ts';
import type { WireReply, WireRequest } from '../../../../src/backends/elasticsearch/wire.ts';
import type { Answer } from '../../../../src/search/answer.ts';
import type { Query } from '../../../../src/search/query.ts';
import { esqlQuery, groupsQuery, SOURCE } from '../../../support/elasticsearch-backend/queries.ts';
import { answered, linesOf, refused, scriptedWire, searched } from '../../../support/elasticsearch-backend/scripted-wire.ts';

/** Counts that cannot be merged, told apart by their filter. */
const count = (code: number, more = {}) => groupsQuery({ filter: { term: { code } }, ...more });
const counted = (docs: number) => searched({ all: { doc_count: docs } });
const { signal } = new AbortController();

/** The codes that a request asks about, one a search. */
function codesOf(request: WireRequest): readonly number[] {
  return linesOf(request).flatMap((line) => {
    const code = /"code":(\d+)/.exec(JSON.stringify(line['query'] ?? {}))?.[1];
    return code === undefined ? [] : [Number(code)];
  });
}

/** A cluster on which each search counts as many documents as its code says; one with code 13 cannot be parsed. */
function cluster(request: WireRequest): WireReply {
  const codes = codesOf(request);
  if (codes.includes(13)) return refused(400, 'parsing_exception', 'unknown query [foo]');
  return answered({ responses: codes.map(counted) });
}

function matched(answers: readonly Answer[]): readonly (number | string)[] {
  return answers.map((answer) => (answer.kind === 'failed' ? answer.problem.code : answer.matched));
}

const apart = { merge: false };

describe('asking many questions', () => {
  it('sends at most fifty searches a request and answers in order', async () => {
    const wire = scriptedWire(cluster);
    const codes = Array.from({ length: 120 }, (_, i) => 100 + i);
    const answers = await elasticsearchSearch(wire, apart).ask(
      codes.map((code) => count(code)),
      signal,
    );
    expect(matched(answers)).toEqual(codes);
    expect(wire.requests.map((request) => codesOf(request).length)).toEqual([50, 50, 20]);
  });

  it('says of each search where it looks and that a part of an answer is none', async () => {
    const wire = scriptedWire(cluster);
    await elasticsearchSearch(wire).ask([count(1)], signal);
    expect(linesOf(wire.requests[0])[0]).toEqual({
      index: ['logs-*'],
      ignore_unavailable: false,
      allow_no_indices: true,
      allow_partial_search_results: false,
    });
    expect(wire.requests[0]).toMatchObject({ method: 'POST', path: '/_msearch', timeout: 40_000 });
  });

  it('asks equal questions once, whatever their names', async () => {
    const wire = scriptedWire(cluster);
    const queries = [count(1, { name: 'a' }), count(2), count(1, { name: 'b' }), count(1, { window: { from: 0, to: 60_000 } })];
    expect(matched(await elasticsearchSearch(wire, apart).ask(queries, signal))).toEqual([1, 2, 1, 1]);
    expect(wire.requests.map(codesOf)).toEqual([[1, 2, 1]]);
  });

  it('sends nothing when nothing is asked', async () => {
    const wire = scriptedWire(cluster);
    expect(await elasticsearchSearch(wire).ask([], signal)).toEqual([]);
    expect(wire.requests).toEqual([]);
  });

  it('keeps searches of one index together', async () => {
    const wire = scriptedWire(cluster);
    const slow = { source: { ...SOURCE, indices: ['slow-*'] } };
    await elasticsearchSearch(wire, { ...apart, searchesARequest: 2 }).ask(
      [count(1, slow), count(2), count(3, slow), count(4)],
      signal,
    );
    expect(wire.requests.map(codesOf)).toEqual([
      [2, 4],
      [1, 3],
    ]);
  });
});

describe('a question that fails', () => {
  it('in its own answer leaves its neighbours alone', async () => {
    const wire = scriptedWire(() =>
      answered({ responses: [counted(1), { error: { type: 'query_shard_exception', reason: 'bad' }, status: 400 }] }),
    );
    expect(matched(await elasticsearchSearch(wire, apart).ask([count(1), count(2)], signal))).toEqual([1, 'bad_query']);
  });

  it('by making the whole request unreadable is found by halving, and leaves its neighbours alone', async () => {
    const wire = scriptedWire(cluster);
    const codes = [1, 2, 3, 4, 5, 13, 7, 8];
    const answers = await elasticsearchSearch(wire, apart).ask(
      codes.map((code) => count(code)),
      signal,
    );
    expect(matched(answers)).toEqual([1, 2, 3, 4, 5, 'bad_query', 7, 8]);
    expect(wire.requests).toHaveLength(7);
  });

  it('in a merged search makes the others be asked by themselves', async () => {
    const wire = scriptedWire((request) => {
      const searches = linesOf(request).filter((line) => 'query' in line);
      const merged = { error: { type: 'query_shard_exception', reason: 'bad' }, status: 400 };
      return answered({ responses: searches.map((line) => (JSON.stringify(line).includes('"counts"') ? merged : counted(5))) });
    });
    const answers = await elasticsearchSearch(wire).ask([count(1), count(2)], signal);
    expect(matched(answers)).toEqual([5, 5]);
    expect(answers.map((answer) => answer.cost.merged)).toEqual([1, 1]);
    expect(wire.requests).toHaveLength(2);
  });

  it('in a merged search because the cluster is overloaded is not asked again fifty-fold', async () => {
    const busy = { error: { type: 'es_rejected_execution_exception', reason: 'queue is full' }, status: 429 };
    const wire = scriptedWire(() => answered({ responses: [busy] }));
    expect(matched(await elasticsearchSearch(wire).ask([count(1), count(2)], signal))).toEqual(['overloaded', 'overloaded']);
    expect(wire.requests).toHaveLength(1);
  });

  const fielddata = 'Fielddata is disabled on [message] in [logs-1]. Text fields are not optimised for operations …';
  it.each<[string, object, unknown]>([
    [
      'the keyword beneath it, by its usual name',
      { message: { text: {} }, 'message.raw': { keyword: {} }, 'message.keyword': { keyword: {} } },
      'name message.keyword instead: it has the whole values of the text message',
    ],
    [
      'the keyword beneath it, by another name',
      { message: { match_only_text: {} }, 'message.raw': { keyword: {} }, 'message.english': { text: {} } },
      'name message.raw instead: it has the whole values of the text message',
    ],
    ['nothing else where there is none', { message: { text: {} } }, expect.stringContaining('wrong type')],
    [
      'nothing else where other indices have it as a keyword',
      { message: { text: {}, keyword: {} }, 'message.keyword': { keyword: {} } },
      expect.stringContaining('wrong type'),
    ],
  ])('because it groups by a text names %s', async (_what, fields, hint) => {
    const wire = scriptedWire((request) =>
      request.path.endsWith('/_field_caps') ? answered({ fields }) : refused(400, 'illegal_argument_exception', fielddata),
    );
    const [answer] = await elasticsearchSearch(wire).ask([groupsQuery({ groupBy: ['message'] })], signal);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'bad_mapping', hint } });
  });

  it('still tells what was asked', async () => {
    const wire = scriptedWire(() => refused(400, 'parsing_exception', 'no'));
    const [answer] = await elasticsearchSearch(wire).ask([count(1)], signal);
    expect(answer).toMatchObject({ kind: 'failed', sent: { index: ['logs-*'], size: 0 } });
  });
});

describe('a request that fails as a whole', () => {
  const two: readonly Query[] = [count(1), count(2)];

  it.each([
    ['no connection', { kind: 'unreachable', message: 'connection refused' }, 'unreachable'],
    ['no time', { kind: 'timeout', message: 'no answer' }, 'timeout'],
    ['no sense', { kind: 'garbled', message: 'unexpected token' }, 'bad_answer'],
    ['no right', refused(401, 'security_exception', 'missing authentication credentials'), 'unauthorized'],
    ['another server', answered('<html>Welcome!</html>'), 'bad_answer'],
    ['too few answers', answered({ responses: [counted(1)] }), 'bad_answer'],
  ] as const)('with %s fails all its questions, and is sent once', async (_name, reply, code) => {
    const wire = scriptedWire(() => reply);
    expect(matched(await elasticsearchSearch(wire, apart).ask(two, signal))).toEqual([code, code]);
    expect(wire.requests).toHaveLength(1);
  });

  it('because the cluster is busy is sent once more in halves, and no more', async () => {
    const busy = refused(429, 'es_rejected_execution_exception', 'too many requests');
    const wire = scriptedWire((request, sent) => (sent === 1 || codesOf(request).includes(3) ? busy : cluster(request)));
    const answers = await elasticsearchSearch(wire, apart).ask(
      [1, 2, 3, 4].map((code) => count(code)),
      signal,
    );
    expect(matched(answers)).toEqual([1, 2, 'overloaded', 'overloaded']);
    expect(wire.requests).toHaveLength(3);
  });

  it('after it was called off is not sent again', async () => {
    const ended = new AbortController();
    const wire = scriptedWire(() => {
      ended.abort();
      return refused(400, 'parsing_exception', 'no');
    });
    expect(matched(await elasticsearchSearch(wire, apart).ask(two, ended.signal))).toEqual(['bad_query', 'bad_query']);
    expect(wire.requests).toHaveLength(1);
  });
});

describe('an index that is not there', () => {
  const nothing = { ...counted(0), _shards: { total: 0, successful: 0, skipped: 0, failed: 0 }, aggregations: undefined };
  const missing = { error: { type: 'index_not_found_exception', reason: 'no such index [zz]' }, status: 404 };

  it.each([
    ['of which no shard answered', nothing],
    ['which the server misses', missing],
  ])('%s is a problem', async (_name, response) => {
    const wire = scriptedWire(() => answered({ responses: [response] }));
    expect(matched(await elasticsearchSearch(wire).ask([count(1)], signal))).toEqual(['no_index']);
  });

  it.each([
    ['of which no shard answered', nothing],
    ['which the server misses', missing],
  ])('%s holds nothing, where that is allowed', async (_name, response) => {
    const wire = scriptedWire(() => answered({ responses: [response] }));
    const source = { ...SOURCE, ignoreMissingIndex: true };
    const metrics = { all: { of: 'count' }, mean: { of: 'avg', field: 'n' } } as const;
    const [answer] = await elasticsearchSearch(wire).ask([count(1, { source, metrics })], signal);
    expect(answer).toMatchObject({
      kind: 'complete',
      matched: 0,
      groups: [{ group: {}, docs: 0, values: { all: 0, mean: null } }],
    });
  });
});

describe('a question in several searches', () => {
  it('is asked page by page beside the others, and costs what all its pages cost', async () => {
    const bucket = (value: string) => ({ key: { g0: value, g1: 'x' }, doc_count: 1 });
    const pages = [{ buckets: [bucket('a')], after_key: { g0: 'a', g1: 'x' } }, { buckets: [bucket('b')] }];
    let asked = 0;
    const wire = scriptedWire((request) => {
      if (request.path !== '/_msearch') return answered({ fields: {} });
      asked += 1;
      const searches = linesOf(request).filter((line) => 'query' in line);
      const page = searched({ all: { doc_count: 2 }, without: { doc_count: 0 }, groups: pages[asked - 1] });
      return answered({ responses: searches.map((line) => (JSON.stringify(line).includes('composite') ? page : counted(7))) });
    });
    const answers = await elasticsearchSearch(wire).ask([groupsQuery({ groupBy: ['host', 'app'] }), count(7)], signal);
    expect(answers[0]).toMatchObject({ kind: 'complete', atLeast: 2, cost: { took: 6, shards: 2, merged: 1 } });
    expect(matched(answers)).toEqual([2, 7]);
    const searches = wire.requests.filter(({ path }) => path === '/_msearch');
    expect(searches.map((request) => linesOf(request).length)).toEqual([4, 2]);
  });

  it('of ES|QL goes by a request of its own', async () => {
    const wire = scriptedWire((request) =>
      request.path === '/_query' ? answered({ columns: [{ name: 'c' }], values: [[3]] }) : cluster(request),
    );
    const answers = await elasticsearchSearch(wire).ask([esqlQuery(), count(4)], signal);
    expect(answers[0]).toMatchObject({ kind: 'complete', table: [{ c: 3 }] });
    expect(matched(answers)[1]).toBe(4);
    expect(wire.requests.map(({ path }) => path).sort()).toEqual(['/_msearch', '/_query']);
  });
});
