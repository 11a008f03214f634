import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type ElasticsearchBackend, elasticsearchBackend } from '../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { GroupsQuery, Metric } from '../../src/search/query.ts';
import { HOUR_START } from '../support/differential/corpus.ts';
import { answersOf, type Recurring } from '../support/differential/series.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { testConfig } from '../support/elasticsearch-backend/config.ts';

const MINUTE = 60_000;
const prefix = uniquePrefix();
const { signal } = new AbortController();
const url = elasticsearchUrl();

let backend: ElasticsearchBackend;
beforeAll(() => {
  backend = elasticsearchBackend(testConfig(url), { namespace: 'ranges' });
});
afterAll(async () => {
  await backend.close();
  await es(url).removeIndices(prefix);
});

/** Documents over 40 minutes, some on the bounds of minutes and one nanosecond before them. */
const TIMES = Array.from({ length: 160 }, (_, i) => {
  const minute = new Date(HOUR_START + Math.floor(i / 4) * MINUTE).toISOString().replace('.000Z', '');
  return `${minute}${['.000Z', '.000000001Z', '.500Z'][i % 3] ?? '.999Z'}`;
});

const KINDS: readonly (readonly [string, JsonObject, (time: string, i: number) => JsonObject])[] = [
  [
    'a time in nanoseconds',
    { '@timestamp': { type: 'date_nanos' } },
    (time) => ({ '@timestamp': time.replace('Z', '999Z').replace(/(\.\d{9})\d*Z/, '$1Z') }),
  ],
  [
    'two times in one document',
    { '@timestamp': { type: 'date' } },
    (time, i) => ({ '@timestamp': [time, new Date(HOUR_START + i * 7_000).toISOString()] }),
  ],
  [
    'a time that seconds count',
    { '@timestamp': { type: 'date', format: 'epoch_second' } },
    (time) => ({ '@timestamp': Math.floor(Date.parse(time) / 1_000) }),
  ],
];

describe('a range query over', () => {
  it.each(KINDS)('%s', async (name, properties, timeOf) => {
    const index = `${prefix}${name.replaceAll(' ', '-')}`;
    await fill(index, properties, (i) => timeOf(TIMES[i] ?? '', i));
    for (const metrics of [ADDING, SKETCHES]) await expectEqual(recurring(index, metrics));
  });

  it('runtime fields', async () => {
    const index = `${prefix}runtime`;
    const more = (i: number) => ({ '@timestamp': TIMES[i] ?? '', shop: 'xyz'[i % 3] ?? '', twice: i * 2 });
    await fill(index, { '@timestamp': { type: 'date' } }, more, { shop: { type: 'keyword' }, twice: { type: 'long' } });
    await expectEqual(recurring(index, { all: { of: 'sum', field: 'twice' }, mean: { of: 'avg', field: 'twice' } }, ['shop']));
  });

  it('filters on nested documents', async () => {
    const index = `${prefix}nested`;
    const properties = { '@timestamp': { type: 'date' }, lines: { type: 'nested', properties: { n: { type: 'integer' } } } };
    await fill(index, properties, (i) => ({ '@timestamp': TIMES[i] ?? '', lines: [{ n: i % 3 }, { n: i % 5 }] }));
    const filter = { nested: { path: 'lines', query: { term: { 'lines.n': 2 } } } };
    await expectEqual({ ...recurring(index, ADDING), query: { ...queryOf(index, ADDING, ['service.name']), filter } });
  });

  it('an index that is not there, where that is allowed and where it is not', async () => {
    for (const ignoreMissingIndex of [true, false]) {
      const one = recurring(`${prefix}absent`, ADDING);
      await expectEqual({ ...one, query: { ...one.query, source: { ...one.query.source, ignoreMissingIndex } } });
    }
  });
});

test('the last value is that of the newest document, and of one time the one written last, as in memory', async () => {
  const index = `${prefix}last`;
  const given = ['500', '900', '900', '100'].map((micros, code) => ({ '@timestamp': `2026-03-01T12:00:00.000${micros}Z`, code }));
  const properties = { '@timestamp': { type: 'date_nanos' }, code: { type: 'long' } };
  await es(url).json('PUT', `/${index}`, { settings: { number_of_shards: 1 }, mappings: { properties } });
  await es(url).bulk(index, given);
  const memory = createDocuments({ mapping: { properties } });
  memory.add(given.map((source) => ({ index, source })));
  const query = queryOf(index, { last: { of: 'last', field: 'code' } }, []);
  const window = { from: Date.UTC(2026, 2, 1, 12), to: Date.UTC(2026, 2, 1, 12, 1) };
  const answers = await Promise.all(
    [backend.search, embeddedSearch(memory)].map((one) => one.ask([{ ...query, window }], signal)),
  );
  expect(answers.map(([answer]) => answer?.kind === 'complete' && answer.groups[0]?.values)).toEqual([{ last: 2 }, { last: 2 }]);
});

describe('what a range query takes', () => {
  const windows = Array.from({ length: 40 }, (_, i) => ({ from: HOUR_START + i * MINUTE, to: HOUR_START + (i + 1) * MINUTE }));

  it('is one search for windows that do not overlap, and where they are added up one for the order of the groups', async () => {
    const index = `${prefix}count`;
    await fill(index, { '@timestamp': { type: 'date' } }, (i) => ({ '@timestamp': TIMES[i] ?? '' }));
    const [plain] = await backend.ranges.ask([{ query: queryOf(index, {}, []), windows, anyOrder: true, groups: 1 }], signal);
    expect(plain).toMatchObject({ searches: 1 });
    expect(plain?.answers.map((answer) => answer?.matched)).toEqual(windows.map(() => 4));
    const asked = { query: queryOf(index, {}, ['service.name']), windows, anyOrder: true, groups: 3 };
    const [ordered, grouped] = await backend.ranges.ask([{ ...asked, ordered: true }, asked], signal);
    expect(ordered).toMatchObject({ searches: 2 });
    expect([...(ordered?.order?.keys() ?? [])]).toEqual(['["a"]', '["b"]', '["c"]']);
    expect(grouped).toMatchObject({ searches: 1, order: undefined });
  });

  it('reads no documents between windows that are apart, and counts those of windows that overlap in each', async () => {
    const index = `${prefix}apart`;
    await fill(index, { '@timestamp': { type: 'date' } }, (i) => ({ '@timestamp': TIMES[i] ?? '' }));
    const at = (minute: number) => ({ from: HOUR_START + minute * MINUTE, to: HOUR_START + (minute + 5) * MINUTE });
    const apart = [0, 1, 2, 20, 21, 35].map(at);
    for (const anyOrder of [true, false]) {
      const [answer] = await backend.ranges.ask(
        [{ query: queryOf(index, ADDING, ['service.name']), windows: apart, anyOrder, groups: 3 }],
        signal,
      );
      const alone = await backend.search.ask(
        apart.map((window) => ({ ...queryOf(index, ADDING, ['service.name']), window })),
        signal,
      );
      expect(answer?.searches).toBe(1);
      const compared = (one: (typeof alone)[number] | undefined) => ({ ...one, sent: undefined, cost: undefined });
      expect(answer?.answers.map(compared)).toEqual(alone.map(compared));
    }
  });

  it('is divided when the cluster refuses so many buckets', async () => {
    const index = `${prefix}buckets`;
    await fill(index, { '@timestamp': { type: 'date' } }, (i) => ({ '@timestamp': TIMES[i] ?? '', id: `d${i}` }));
    // Each of these windows holds all 160 documents, each a group of its own: 80,000 buckets, of which the guess expects none.
    const wide = Array.from({ length: 500 }, (_, i) => ({ from: HOUR_START - 1_000 + i, to: HOUR_START + 40 * MINUTE + i }));
    const [answer] = await backend.ranges.ask(
      [{ query: queryOf(index, {}, ['id']), windows: wide, anyOrder: true, groups: 0 }],
      signal,
    );
    expect(answer?.searches).toBeGreaterThan(2);
    expect(answer?.answers.map((one) => one?.groups.length)).toEqual(wide.map(() => 160));
  });
});

const ADDING: Readonly<Record<string, Metric>> = {
  sum: { of: 'sum', field: 'bytes' },
  mean: { of: 'avg', field: 'bytes' },
  least: { of: 'min', field: 'ms' },
  most: { of: 'max', field: 'ms' },
  values: { of: 'value_count', field: 'ms' },
  last: { of: 'last', field: 'bytes' },
  large: { of: 'count', where: { range: { bytes: { gt: 50 } } } },
};
const SKETCHES: Readonly<Record<string, Metric>> = {
  p: { of: 'percentile', field: 'ms', percent: 95 },
  distinct: { of: 'cardinality', field: 'bytes' },
  decimals: { of: 'sum', field: 'ms' },
};

function queryOf(index: string, metrics: Readonly<Record<string, Metric>>, groupBy: readonly string[]): GroupsQuery {
  const source = { indices: [index], timeField: '@timestamp', ignoreMissingIndex: false, timeout: 60_000, frozen: false };
  const window = { from: 0, to: 1 };
  return {
    kind: 'groups',
    name: 'main',
    source,
    window,
    filter: { match_all: {} },
    groupBy,
    missing: 'exclude',
    metrics,
    maxGroups: 1_000,
  };
}

function recurring(
  index: string,
  metrics: Readonly<Record<string, Metric>>,
  groupBy = ['service.name'],
): Recurring & { readonly query: GroupsQuery } {
  const query = queryOf(index, metrics, groupBy);
  return { query, schedule: { kind: 'every', every: MINUTE }, window: 5 * MINUTE, delay: 0, ticks: 40 };
}

async function expectEqual(one: Recurring): Promise<void> {
  expect(await answersOf(one, backend.search, backend.ranges)).toEqual(await answersOf(one, backend.search));
}

async function fill(
  index: string,
  properties: JsonObject,
  more: (i: number) => JsonObject,
  runtime: JsonObject = {},
): Promise<void> {
  const own = {
    service: { properties: { name: { type: 'keyword' } } },
    bytes: { type: 'long' },
    ms: { type: 'double' },
    id: { type: 'keyword' },
  };
  await es(url).json('PUT', `/${index}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0 },
    mappings: { dynamic: false, runtime, properties: { ...own, ...properties } },
  });
  const documents = TIMES.map((_, i) => ({
    service: { name: 'abc'[i % 3] },
    bytes: (i * 37) % 101,
    ms: ((i * 53) % 97) / 7,
    ...more(i),
  }));
  await es(url).bulk(index, documents);
}
