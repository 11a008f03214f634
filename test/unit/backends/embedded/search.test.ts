import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../../../src/backends/embedded/search.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { Answer } from '../../../../src/search/answer.ts';
import type { GroupsQuery, Query } from '../../../../src/search/query.ts';

const window = { from: 0, to: 60_000 };
const source = { indices: ['logs-*'], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 1_000, frozen: false };
const asked = { name: 'main', source, window, filter: { match_all: {} } as JsonObject };
const groups = (given: Partial<GroupsQuery>): GroupsQuery => ({
  ...asked,
  kind: 'groups',
  groupBy: [],
  missing: 'exclude',
  metrics: {},
  maxGroups: 100,
  ...given,
});

async function answerOf(query: Query, documents: readonly JsonObject[], index?: string): Promise<Answer> {
  const store = createDocuments();
  store.add(documents.map((one) => (index === undefined ? { source: one } : { source: one, index })));
  const [answer] = await embeddedSearch(store).ask([query], new AbortController().signal);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

describe('a question that the embedded backend does not support', () => {
  const document = { '@timestamp': 1, message: 'words', code: 5, started: '2026-01-01T00:00:00Z' };

  it.each<[string, JsonObject]>([
    ['the query `script`', { script: { script: 'true' } }],
    ['the query `nested`', { nested: { path: 'a', query: { match_all: {} } } }],
    ['the query `regexp`', { regexp: { message: 'a.*' } }],
    ['the Lucene expression "code:5 AND message:words"', { query_string: { query: 'code:5 AND message:words' } }],
    ['the Lucene expression "words~1"', { query_string: { query: 'words~1' } }],
    ['query_string with `default_operator`', { query_string: { query: 'words', default_operator: 'AND' } }],
    ['match with `fuzziness`', { match: { message: { query: 'words', fuzziness: 1 } } }],
    ['match_phrase with `slop`', { match_phrase: { message: { query: 'words', slop: 2 } } }],
    ['multi_match of type cross_fields', { multi_match: { query: 'words', type: 'cross_fields' } }],
    ['range with `format`', { range: { started: { gte: '2026', format: 'yyyy' } } }],
    ['date math (now-5m)', { range: { started: { gte: 'now-5m' } } }],
    ['a `terms` lookup in another index', { terms: { message: { index: 'x', id: '1', path: 'y' } } }],
    ['`minimum_should_match: 75%`', { bool: { should: [{ match_all: {} }], minimum_should_match: '75%' } }],
    ['the query `__proto__`', JSON.parse('{"__proto__": {}}')],
    ['the query `toString`', { toString: {} } as unknown as JsonObject],
  ])('is refused by name: %s', async (name, filter) => {
    const answer = await answerOf(groups({ filter }), [document]);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'unsupported', transient: false } });
    expect(answer.kind === 'failed' && answer.problem.message).toContain(name);
    expect(await answerOf(groups({ metrics: { few: { of: 'count', where: filter } } }), [document])).toMatchObject({
      kind: 'failed',
    });
  });

  it('is refused in ES|QL and with date math in its index', async () => {
    const esql: Query = { ...asked, kind: 'esql', text: '| LIMIT 100', maxRows: 10 };
    expect(await answerOf(esql, [document])).toMatchObject({
      problem: { code: 'unsupported', message: expect.stringContaining('ES|QL') },
    });
    const daily = groups({ source: { ...source, indices: ['<logs-{now/d}>'] } });
    expect(await answerOf(daily, [document])).toMatchObject({ problem: { code: 'unsupported' } });
  });

  it.each<[string, JsonObject]>([
    ['no kind', {}],
    ['two kinds', { match_all: {}, match_none: {} }],
    ['two fields', { term: { a: 1, b: 2 } }],
    ['no value', { term: { message: { value: null } } }],
    ['no object', { bool: 5 }],
    ['a range without bounds in an object', { range: { code: 5 } }],
  ])('is bad with %s', async (_name, filter) => {
    expect(await answerOf(groups({ filter }), [document])).toMatchObject({ kind: 'failed', problem: { code: 'bad_query' } });
  });
});

describe('an index', () => {
  it('exists by its documents', async () => {
    expect(await answerOf(groups({}), [{ '@timestamp': 1 }], 'logs-a')).toMatchObject({ kind: 'complete', matched: 1 });
    expect(await answerOf(groups({}), [{ '@timestamp': 1 }], 'metrics-a')).toMatchObject({ problem: { code: 'no_index' } });
  });

  it('exists in any case for documents without one, and where there is no document at all', async () => {
    expect(await answerOf(groups({}), [{ '@timestamp': 1 }])).toMatchObject({ kind: 'complete', matched: 1 });
    expect(await answerOf(groups({}), [])).toMatchObject({ kind: 'complete', matched: 0 });
  });

  it('that is named must exist beside others', async () => {
    const two = groups({ source: { ...source, indices: ['logs-*', 'metrics-a'] } });
    expect(await answerOf(two, [{ '@timestamp': 1 }], 'logs-a')).toMatchObject({
      problem: { code: 'no_index', message: 'no such index: metrics-a' },
    });
  });
});

describe('groups of generated documents', () => {
  const documents = fc.array(
    fc.record(
      {
        '@timestamp': fc.integer({ min: -5, max: 65_000 }),
        host: fc.constantFrom('a', 'b', 'c'),
        code: fc.integer({ min: 0, max: 3 }),
        _doc_count: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: ['@timestamp'] },
    ),
    { maxLength: 40 },
  ) as fc.Arbitrary<JsonObject[]>;
  const docs = (answer: Answer) =>
    answer.kind === 'failed' ? Number.NaN : answer.groups.reduce((sum, row) => sum + row.docs, 0);

  it('hold every document that matched once, or count it as ungrouped', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.constantFrom<'exclude' | 'include'>('exclude', 'include'), async (corpus, missing) => {
        const answer = await answerOf(groups({ groupBy: ['host', 'code'], missing }), corpus);
        if (answer.kind === 'failed') throw new Error(answer.problem.message);
        expect(docs(answer) + answer.ungrouped).toBe(answer.matched);
        if (missing === 'include') expect(answer.ungrouped).toBe(0);
      }),
    );
  });

  it('are the sum of their buckets, and each is what it is when asked for alone', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 70_000 }), async (corpus, bucket) => {
        const query = groups({ groupBy: ['host'], metrics: { all: { of: 'count' } } });
        const whole = await answerOf(query, corpus);
        if (whole.kind === 'failed') throw new Error(whole.problem.message);
        expect(docs(await answerOf({ ...query, bucket }, corpus))).toBe(docs(whole));
        for (const row of whole.groups) {
          expect(await answerOf({ ...query, only: [row.group] }, corpus)).toMatchObject({ matched: row.docs, groups: [row] });
        }
      }),
    );
  });

  it('of which some were cut off are the largest', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (corpus) => {
        const all = await answerOf(groups({ groupBy: ['host'] }), corpus);
        const cut = await answerOf(groups({ groupBy: ['host'], maxGroups: 1 }), corpus);
        if (all.kind === 'failed' || cut.kind === 'failed') throw new Error('failed');
        expect(cut.kind).toBe(all.groups.length > 1 ? 'truncated' : 'complete');
        expect(cut.atLeast).toBe(all.groups.length);
        expect(cut.groups).toEqual(all.groups.slice(0, 1));
        expect(cut.groups[0]?.docs ?? 0).toBe(Math.max(0, ...all.groups.map((row) => row.docs)));
      }),
    );
  });
});

describe('a text that is grouped by or measured', () => {
  const keyword = { type: 'keyword' };
  const failed = async (fields: JsonObject, query: Query) => {
    const mapping = { properties: { '@timestamp': { type: 'date' }, message: { type: 'text', fields } } };
    const store = createDocuments({ mapping });
    store.add([{ source: { '@timestamp': 1, message: 'words' } }]);
    const [answer] = await embeddedSearch(store).ask([query], new AbortController().signal);
    return answer?.kind === 'failed' ? answer.problem : undefined;
  };
  const grouped = groups({ groupBy: ['message'] });
  const measured = groups({ metrics: { kinds: { of: 'cardinality', field: 'message' } } });

  it.each([
    [
      'the keyword of the mapping',
      { raw: keyword, keyword },
      'name message.keyword instead: it has the whole values of the text message',
    ],
    ['a keyword of another name', { raw: keyword }, 'name message.raw instead: it has the whole values of the text message'],
    ['none where there is none', { english: { type: 'text' } }, expect.stringContaining('wrong type')],
  ])('leads to %s', async (_what, fields, hint) => {
    for (const query of [grouped, measured]) expect(await failed(fields, query)).toMatchObject({ code: 'bad_mapping', hint });
  });
});
