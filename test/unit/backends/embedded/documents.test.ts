import { describe, expect, it } from 'vitest';
import { createDocuments, type GivenDocument } from '../../../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../../../src/backends/embedded/search.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { Arrived } from '../../../../src/search/answer.ts';
import type { HitsQuery } from '../../../../src/search/query.ts';

const START = Date.UTC(2026, 0, 10, 10);
const at = (second: number) => new Date(START + second * 1_000).toISOString();

interface Given {
  readonly mapping?: JsonObject;
  readonly indices?: readonly string[];
  readonly timeField?: string;
  readonly now?: () => number;
}

async function ask(documents: readonly GivenDocument[], filter: JsonObject, given: Given = {}): Promise<Arrived> {
  const store = createDocuments(given.mapping === undefined ? {} : { mapping: given.mapping });
  store.add(documents);
  const [answer] = await embeddedSearch(store, given.now).ask([question(filter, given)], new AbortController().signal);
  if (answer?.kind !== 'complete') throw new Error(JSON.stringify(answer));
  return answer;
}

function question(filter: JsonObject, given: Given = {}): HitsQuery {
  const { indices = ['*'], timeField = '@timestamp' } = given;
  const source = { indices, timeField, ignoreMissingIndex: true, timeout: 1_000, frozen: false };
  return { kind: 'hits', name: 'main', source, window: { from: START, to: START + 60_000 }, filter, fields: ['n'], limit: 100 };
}

const found = (answer: Arrived) => answer.hits.map((hit) => hit.fields['n']?.[0]);

describe('documents without a mapping', () => {
  const one = (source: JsonObject) => [{ source: { '@timestamp': at(1), n: 1, ...source } }];

  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['a message is text', { message: 'Timed out' }, { match: { message: 'timed' } }, true],
    ['an error message is text', { error: { message: 'Timed out' } }, { match: { 'error.message': 'OUT' } }, true],
    ['the body of a log is text', { body: { text: 'Timed out' } }, { match: { 'body.text': 'out' } }, true],
    ['another text is a keyword', { name: 'Timed out' }, { match: { name: 'timed' } }, false],
    ['a keyword is matched whole', { name: 'Timed out' }, { match: { name: 'Timed out' } }, true],
    ['a text that looks like a number is a keyword', { code: '0200' }, { term: { code: '200' } }, false],
    ['a number takes numbers written as text', { code: 200 }, { range: { code: { gte: '199.5' } } }, true],
    ['a truth takes text', { ok: true }, { term: { ok: 'true' } }, true],
    ['a moment is a date', { started: at(0) }, { range: { started: { lte: '2026-01-10' } } }, true],
    ['an ip is an address', { 'source.ip': '10.1.2.3' }, { term: { 'source.ip': '10.0.0.0/8' } }, true],
    ['a text with an address in it is a keyword', { host: { ip: ['10.1.2.3', 'none'] } }, { term: { 'host.ip': 'none' } }, true],
    ['a keyword has a multi-field of the usual name', { name: 'a b' }, { term: { 'name.keyword': 'a b' } }, true],
    ['a message has one too', { message: 'a b' }, { term: { 'message.keyword': 'a b' } }, true],
    ['a number has none', { code: 200 }, { exists: { field: 'code.keyword' } }, false],
    ['nor has a fraction', { code: 0.5 }, { exists: { field: 'code.keyword' } }, false],
    ['nor has a large number', { code: 2n ** 60n }, { exists: { field: 'code.keyword' } }, false],
  ])('%s', async (_name, source, filter, expected) => {
    expect((await ask(one(source), filter)).matched).toBe(expected ? 1 : 0);
  });

  it.each([
    ['fractions', 0.25, { range: { used: { gt: 0, lt: 1 } } }],
    ['numbers that no long holds', 1e300, { range: { used: { gt: 1e299 } } }],
  ])('a field of large integers that also holds %s is a double', async (_name, used, filter) => {
    const documents = [2n ** 60n + 1n, used].map((value, n) => ({ source: { '@timestamp': at(n), n, used: value } }));
    expect(found(await ask(documents, filter))).toEqual([1]);
  });

  it('a field that later holds words becomes a keyword for all', async () => {
    const store = createDocuments();
    const search = embeddedSearch(store);
    const asked = question({ range: { code: { gte: '3' } } });
    const count = async () => {
      const [answer] = await search.ask([asked], new AbortController().signal);
      return answer?.kind === 'complete' ? found(answer) : answer;
    };
    store.add([{ source: { '@timestamp': at(1), n: 1, code: 20 } }, { source: { '@timestamp': at(2), n: 2, code: 4 } }]);
    expect(await count()).toEqual([2, 1]);
    store.add([{ source: { '@timestamp': at(3), n: 3, code: 'five' } }]);
    expect(await count()).toEqual([3, 2]);
  });
});

describe('documents with a mapping', () => {
  const mapping = {
    dynamic: false,
    properties: {
      '@timestamp': { type: 'date' },
      n: { type: 'long' },
      attributes: {
        type: 'passthrough',
        priority: 10,
        properties: { 'service.name': { type: 'keyword' }, size: { type: 'long' } },
      },
      resource: {
        properties: { attributes: { type: 'passthrough', priority: 20, properties: { 'service.name': { type: 'keyword' } } } },
      },
      short: { type: 'alias', path: 'attributes.size' },
      labels: { type: 'flattened' },
      hidden: { type: 'object', enabled: false },
      kind: { type: 'constant_keyword', value: 'logs' },
      children: { type: 'nested', properties: { name: { type: 'keyword' } } },
      whole: { type: 'integer' },
      place: { type: 'geo_point' },
    },
  };
  const source = {
    '@timestamp': at(1),
    n: 1,
    attributes: { 'service.name': 'inner', size: 5 },
    resource: { attributes: { service: { name: 'outer' } } },
    labels: { team: 'todo' },
    hidden: { x: 1 },
    whole: 2.9,
    unknown: 'x',
  };

  it.each<[string, JsonObject, boolean]>([
    ['show passed-through fields by their short name, the higher priority first', { term: { 'service.name': 'outer' } }, true],
    ['do not show the lower priority by the short name', { term: { 'service.name': 'inner' } }, false],
    ['still show it by its long name', { term: { 'attributes.service.name': 'inner' } }, true],
    ['show fields by their alias', { range: { short: { gt: 4 } } }, true],
    ['take the leaves of a flattened object for keywords', { term: { 'labels.team': 'todo' } }, true],
    ['do not look into a disabled object', { exists: { field: 'hidden.x' } }, false],
    ['all have the value of a constant', { term: { kind: 'logs' } }, true],
    ['keep integers without decimals', { term: { whole: 2 } }, true],
    ['do not search what is not mapped', { exists: { field: 'unknown' } }, false],
  ])('%s', async (_name, filter, expected) => {
    expect((await ask([{ source }], filter, { mapping })).matched).toBe(expected ? 1 : 0);
  });

  it.each<[string, JsonObject]>([
    ['nested', { term: { 'children.name': 'x' } }],
    ['geo_point', { term: { place: 'x' } }],
  ])('are refused a question about a field of type %s', async (type, filter) => {
    const store = createDocuments({ mapping });
    store.add([{ source }]);
    const [answer] = await embeddedSearch(store).ask([question(filter)], new AbortController().signal);
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'unsupported', message: expect.stringContaining(type) } });
  });
});

describe('documents of OpenTelemetry', () => {
  const source = {
    '@timestamp': '1768039200000.123456',
    trace_id: 'abc',
    body: { text: 'It timed out' },
    severity_text: 'ERROR',
    resource: { attributes: { 'service.name': 'stub', 'k8s.pod.name': 'pod-1' } },
    attributes: { 'http.response.status_code': 500, 'service.name': 'not this' },
  };
  const names: JsonObject = {
    bool: {
      filter: [
        { term: { 'service.name': 'stub' } },
        { range: { 'http.response.status_code': { gte: 500 } } },
        { term: { 'trace.id': 'abc' } },
        { match: { message: 'timed' } },
        { term: { 'log.level': 'ERROR' } },
        { term: { 'kubernetes.pod.name': 'pod-1' } },
      ],
    },
  };

  it('are reached by their other names in a data stream of theirs, and nowhere else', async () => {
    expect((await ask([{ source, index: 'logs-generic.otel-default' }], names)).matched).toBe(1);
    expect((await ask([{ source, index: 'logs-generic-default' }], names)).matched).toBe(0);
  });
});

describe('the time of documents', () => {
  it('is ISO 8601 or milliseconds, as number or text; without one they are never found', async () => {
    const times = [at(1), START + 2_000, `${START + 3_000}`, `${START + 4_000}.25`, 'soon', null];
    const answer = await ask(
      times.map((time, n) => ({ source: { '@timestamp': time, n } })),
      { match_all: {} },
    );
    expect(found(answer)).toEqual([3, 2, 1, 0]);
    expect(answer.hits[0]?.at).toBe(START + 4_000);
  });

  it('orders them below the millisecond, and otherwise leaves them as they came', async () => {
    const times = ['.000400Z', '.000300Z', '.000400Z', '.000500Z'].map((fraction) => at(1).replace('.000Z', fraction));
    const answer = await ask(
      times.map((time, n) => ({ source: { '@timestamp': time, n } })),
      { match_all: {} },
    );
    expect(found(answer)).toEqual([3, 0, 2, 1]);
  });

  it('may stand in another field', async () => {
    const documents = [{ source: { '@timestamp': at(900), n: 1, event: { created: at(1) } } }];
    expect((await ask(documents, { match_all: {} }, { timeField: 'event.created' })).matched).toBe(1);
    expect((await ask(documents, { match_all: {} })).matched).toBe(0);
  });

  it('places what is added later, in whatever order', async () => {
    const store = createDocuments();
    const search = embeddedSearch(store);
    const seen: unknown[] = [];
    for (const second of [5, 9, 1, 7]) {
      store.add([{ source: { '@timestamp': at(second), n: second } }]);
      const [answer] = await search.ask([question({ match_all: {} })], new AbortController().signal);
      seen.push(answer?.kind === 'complete' ? found(answer) : answer);
    }
    expect(seen).toEqual([[5], [9, 5], [9, 5, 1], [9, 7, 5, 1]]);
  });

  it('of arrival hides them until then', async () => {
    const late = [
      { source: { '@timestamp': at(1), n: 1 }, arrivedAt: START + 30_000 },
      { source: { '@timestamp': at(2), n: 2 } },
    ];
    const seenAt = async (now: number) => found(await ask(late, { match_all: {} }, { now: () => now }));
    expect(await seenAt(START + 29_999)).toEqual([2]);
    expect(await seenAt(START + 30_000)).toEqual([2, 1]);
    expect(found(await ask(late, { match_all: {} }))).toEqual([2, 1]);
  });
});
